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
package io.fluss.spark.read;

import io.fluss.table.TablePath;
import java.util.Collections;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The answer of {@code count(*)}, which log offsets and the lake's metadata gave when the query was
 * planned.
 *
 * @param columnCount how often the query asks for it
 */
record CountScan(TablePath table, long rowCount, int columnCount) implements LocalScan {
    @Override
    public StructType readSchema() {
        StructType schema = new StructType();
        for (int i = 0; i < columnCount; i++) {
            schema = schema.add("count_" + i, DataTypes.LongType, false);
        }
        return schema;
    }

    @Override
    public InternalRow[] rows() {
        return new InternalRow[] {
            new GenericInternalRow(Collections.nCopies(columnCount, rowCount).toArray())
        };
    }

    @Override
    public String description() {
        return "fluss " + table + " count(*) by offsets and metadata";
    }
}
