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
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.types.StructType;

/**
 * The answer of aggregates over a whole table, which log offsets and the lake's metadata gave when
 * the query was planned.
 *
 * @param readSchema one column for each aggregate, in the order of the query
 */
record MetadataScan(TablePath table, StructType readSchema, InternalRow row) implements LocalScan {
    @Override
    public InternalRow[] rows() {
        return new InternalRow[] {row};
    }

    @Override
    public String description() {
        return "fluss "
                + table
                + " "
                + String.join(", ", readSchema.fieldNames())
                + " by offsets and metadata";
    }
}
