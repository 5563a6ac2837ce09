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
package io.fluss.spark.pruning;

import io.fluss.formats.keys.BucketFunction;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** The buckets of rows of a table with a bucket key. Immutable. */
public final class RowBuckets {
    private final KeyEncoder encoder;
    private final BucketFunction function;
    private final List<DataType> types;
    private final int bucketCount;

    private RowBuckets(
            KeyEncoder encoder, BucketFunction function, List<DataType> types, int bucketCount) {
        this.encoder = encoder;
        this.function = function;
        this.types = types;
        this.bucketCount = bucketCount;
    }

    /**
     * For rows of some columns.
     *
     * @param columns their names, with those of the bucket key among them; others need not be
     *     columns of the table
     */
    public static RowBuckets of(TableInfo table, List<String> columns) {
        return new RowBuckets(
                KeyEncoder.forBucketKey(table.descriptor()).orElseThrow().reading(columns),
                BucketFunction.of(table.options().lakeFormat()),
                columns.stream().map(c -> type(table, c)).toList(),
                table.bucketCount());
    }

    private static DataType type(TableInfo table, String column) {
        // What is no column of the table is no part of a key, so its type is never looked at.
        int position = table.schema().positionOf(column).orElse(0);
        return table.schema().columns().get(position).type();
    }

    /** The bucket that a row is in. */
    public int bucket(InternalRow row) {
        return function.bucket(encoder.encode(new SparkRow(row, types)), bucketCount);
    }
}
