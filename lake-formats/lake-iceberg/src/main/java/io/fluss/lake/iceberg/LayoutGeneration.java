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
package io.fluss.lake.iceberg;

import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions.LakeLayout;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

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

    /** Of a table to be created. */
    static LayoutGeneration of(TableDescriptor descriptor) {
        return descriptor.options().lakeLayout() == LakeLayout.LEGACY ? LEGACY : CLEAN;
    }

    /** Of a table that is there. */
    static LayoutGeneration of(Schema schema) {
        return schema.asStruct().field(TIMESTAMP) == null ? CLEAN : LEGACY;
    }

    /** The system columns, with ids from {@code firstId} on. */
    List<Types.NestedField> systemColumns(int firstId) {
        return this == CLEAN
                ? List.of()
                : List.of(
                        Types.NestedField.required(firstId, BUCKET, Types.IntegerType.get()),
                        Types.NestedField.required(firstId + 1, OFFSET, Types.LongType.get()),
                        Types.NestedField.required(
                                firstId + 2, TIMESTAMP, Types.TimestampType.withZone()));
    }
}
