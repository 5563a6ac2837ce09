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

import io.fluss.formats.row.RowBytes;
import io.fluss.spark.connection.ShippedTable;
import io.fluss.spark.mask.KeyColumns;
import io.fluss.spark.pruning.PartitionValues;
import io.fluss.spark.pruning.RowBuckets;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * Buckets of a partitioned table whose rows come from the hot tier alone. The lake can have other
 * rows under the names of their partitions: those of a partition that was dropped and created
 * again, or, if the whole partition is read hot, the same rows. Immutable; travels to tasks.
 *
 * @param partitionColumns in rows of the lake
 * @param columns names of the columns of rows of the lake
 */
record HotBuckets(
        ShippedTable table,
        KeyColumns partitionColumns,
        List<String> columns,
        List<Partition> partitions)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    HotBuckets {
        columns = List.copyOf(columns);
        partitions = List.copyOf(partitions);
    }

    /**
     * A partition with its hot buckets.
     *
     * @param values of the partition columns
     */
    private record Partition(InternalRow values, BitSet buckets) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @param columns of rows of the lake
     * @param partitions the living ones, by id; buckets of others are left out
     */
    static HotBuckets of(
            TableInfo table,
            StructType columns,
            Collection<TableBucket> buckets,
            Map<Long, TablePartition> partitions) {
        PartitionValues values = PartitionValues.of(table);
        Map<Long, BitSet> byPartition = new TreeMap<>();
        for (TableBucket b : buckets) {
            byPartition.computeIfAbsent(b.partitionId(), p -> new BitSet()).set(b.bucket());
        }
        List<Partition> out = new ArrayList<>();
        byPartition.forEach(
                (id, hot) -> {
                    TablePartition p = partitions.get(id);
                    if (p != null) {
                        out.add(new Partition(new GenericInternalRow(values.row(p.spec())), hot));
                    }
                });
        return new HotBuckets(
                ShippedTable.of(table),
                KeyColumns.of(table, columns, table.descriptor().partitionKeys()),
                List.of(columns.fieldNames()),
                out);
    }

    Probe probe() {
        return new Probe(this, table.unpack());
    }

    /** Looks at rows. Used by one thread. */
    static final class Probe {
        private final HotBuckets hot;
        private final RowBuckets rowBuckets;
        private final int bucketCount;
        private final Map<ByteBuffer, BitSet> byPartition = new HashMap<>();
        private final RowBytes key = new RowBytes(64);

        Probe(HotBuckets hot, TableInfo table) {
            this.hot = hot;
            this.rowBuckets = RowBuckets.of(table, hot.columns());
            this.bucketCount = table.bucketCount();
            KeyColumns inValues =
                    hot.partitionColumns()
                            .at(
                                    IntStream.range(0, hot.partitionColumns().ordinals().size())
                                            .boxed()
                                            .toList());
            for (Partition p : hot.partitions()) {
                RowBytes bytes = new RowBytes(64);
                inValues.append(p.values(), bytes);
                byPartition.put(ByteBuffer.wrap(bytes.toArray()), p.buckets());
            }
        }

        /** Whether a row of the lake is in one of the buckets. */
        boolean contains(InternalRow row) {
            key.clear();
            hot.partitionColumns().append(row, key);
            BitSet buckets = byPartition.get(ByteBuffer.wrap(key.array(), 0, key.size()));
            return buckets != null
                    && (buckets.cardinality() == bucketCount
                            || buckets.get(rowBuckets.bucket(row)));
        }
    }
}
