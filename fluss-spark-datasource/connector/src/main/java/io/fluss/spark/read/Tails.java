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

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.spark.mask.KeyColumns;
import io.fluss.spark.mask.KeyTable;
import io.fluss.spark.types.SparkTypes;
import io.fluss.spark.vector.LogVectors;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.io.Serializable;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The changes behind a lake snapshot in the buckets of a table with a primary key. Immutable;
 * travels to tasks.
 *
 * @param scanId unique for a scan
 * @param keys source of the columns of the primary key, in their order, without limit
 * @param columns of the key in rows of that source
 */
record Tails(String scanId, LogSource keys, KeyColumns columns, List<LogRangePartition> ranges)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    Tails {
        ranges = List.copyOf(ranges);
    }

    static Tails of(LogSource source, TableInfo table, List<LogRangePartition> ranges) {
        List<Integer> positions =
                table.schema().primaryKey().stream()
                        .map(c -> table.schema().positionOf(c).orElseThrow())
                        .toList();
        return new Tails(
                UUID.randomUUID().toString(),
                LogSource.of(source.settings(), table, positions, List.of(), Long.MAX_VALUE),
                KeyColumns.of(
                        IntStream.range(0, positions.size()).boxed().toList(),
                        positions.stream()
                                .map(p -> SparkTypes.of(table.schema().columns().get(p).type()))
                                .toList()),
                ranges);
    }

    Tails only(List<LogRangePartition> some) {
        return new Tails(scanId, keys, columns, some);
    }

    /** Changes in all ranges. */
    long records() {
        return ranges.stream().mapToLong(r -> r.to() - r.from()).sum();
    }

    /** Puts the keys of the changes of a range into a table, a batch at a time. */
    void addKeys(LogRangePartition range, KeyTable to) {
        read(
                range,
                (log, rows) -> {
                    synchronized (to) {
                        for (int i = 0; i < rows.numRows(); i++) {
                            to.put(columns, rows.getRow(i), 0);
                        }
                    }
                });
    }

    /**
     * Which changes of a range leave a row: the last one of each key, unless it takes the row away.
     *
     * @return by offset from the beginning of the range
     */
    BitSet live(LogRangePartition range) {
        BitSet live = new BitSet(Math.toIntExact(range.to() - range.from()));
        KeyTable last = KeyTable.of(columns);
        read(
                range,
                (log, rows) -> {
                    int first = Math.toIntExact(log.baseOffset() - range.from());
                    for (int i = 0; i < rows.numRows(); i++) {
                        long before = last.put(columns, rows.getRow(i), first + i);
                        if (before != KeyTable.NONE) {
                            live.clear((int) before);
                        }
                        switch (log.changeType(i)) {
                            case APPEND, INSERT, UPDATE_AFTER -> live.set(first + i);
                            // Alone, the row before an update means that it is gone.
                            case UPDATE_BEFORE, DELETE -> {}
                        }
                    }
                });
        return live;
    }

    private interface Each {
        void accept(ScanBatch log, ColumnarBatch rows);
    }

    private void read(LogRangePartition range, Each each) {
        TableInfo table = keys.table().unpack();
        List<DataType> types =
                keys.columns().stream().map(i -> table.schema().columns().get(i).type()).toList();
        try (SharedConnections.Lease lease = SharedConnections.lease(keys.settings().values());
                BufferAllocator allocator = TaskMemory.child("read keys of " + table.path());
                LogRangeReader log =
                        lease.connection()
                                .logRange(
                                        table,
                                        range.bucket(),
                                        range.from(),
                                        range.to(),
                                        Optional.of(keys.columns()),
                                        allocator)) {
            for (Optional<ScanBatch> b = log.next(); b.isPresent(); b = log.next()) {
                try (ScanBatch batch = b.get()) {
                    each.accept(batch, LogVectors.batch(batch.rows(), types, types.size()));
                }
            }
        }
    }
}
