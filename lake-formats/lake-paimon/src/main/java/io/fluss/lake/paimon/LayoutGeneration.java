/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.lake.paimon;

import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions.LakeLayout;
import java.util.List;
import org.apache.paimon.types.DataField;
import org.apache.paimon.types.DataTypes;
import org.apache.paimon.types.RowType;

/**
 * The two generations of lake tables (lakehouse document, sections 1 and 4.1). A table is of the
 * legacy one if and only if it has the column {@code __timestamp}; tables are never migrated.
 */
enum LayoutGeneration {
    /** Only the user's columns. */
    CLEAN,
    /** With bucket, offset and commit time of each row as the last three columns. */
    LEGACY;

    static final String BUCKET = "__bucket";
    static final String OFFSET = "__offset";
    static final String TIMESTAMP = "__timestamp";
    static final int TIMESTAMP_PRECISION = 3;

    /** Of a table to be created. */
    static LayoutGeneration of(TableDescriptor descriptor) {
        return descriptor.options().lakeLayout() == LakeLayout.LEGACY ? LEGACY : CLEAN;
    }

    /** Of a table that is there. */
    static LayoutGeneration of(RowType type) {
        return type.containsField(TIMESTAMP) ? LEGACY : CLEAN;
    }

    /** The system columns, with ids from {@code firstId} on. */
    List<DataField> systemColumns(int firstId) {
        return this == CLEAN
                ? List.of()
                : List.of(
                        new DataField(firstId, BUCKET, DataTypes.INT()),
                        new DataField(firstId + 1, OFFSET, DataTypes.BIGINT()),
                        new DataField(
                                firstId + 2,
                                TIMESTAMP,
                                DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(TIMESTAMP_PRECISION)));
    }
}
