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
package io.fluss.client.append;

import io.fluss.client.cluster.Cluster;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.keys.BucketFunction;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.keys.PartitionNames;
import io.fluss.formats.row.RowValues;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Finds the destination of rows. Thread-safe. Rows without a bucket key stay in one bucket of their
 * partition until a batch is full and then move on to another: few large batches are cheaper than
 * many small ones. Or they take turns row by row, if the settings say so. Internal to the client.
 */
public final class RowRouter {
    private final TableInfo table;
    private final Cluster cluster;
    private final RandomGenerator random;
    private final Optional<KeyEncoder> bucketKey;
    private final BucketFunction function;
    private final Optional<PartitionNames> partitions;
    private final boolean isTakingTurns;
    private final AtomicInteger turn;
    private final Map<String, Integer> sticky = new ConcurrentHashMap<>();

    /**
     * Routes rows of a table.
     *
     * @param random picks sticky buckets; must be thread-safe
     */
    RowRouter(
            TableInfo table,
            WriterSettings.BucketAssigner assigner,
            Cluster cluster,
            RandomGenerator random) {
        this.table = table;
        this.cluster = cluster;
        this.random = random;
        this.isTakingTurns = assigner == WriterSettings.BucketAssigner.ROUND_ROBIN;
        this.turn = new AtomicInteger(random.nextInt(1 << 20));
        this.bucketKey = KeyEncoder.forBucketKey(table.descriptor());
        this.function = BucketFunction.of(table.options().lakeFormat());
        this.partitions =
                table.isPartitioned()
                        ? Optional.of(PartitionNames.of(table.descriptor()))
                        : Optional.empty();
    }

    /** Finds rows of a table with a primary key. */
    public static RowRouter byKey(TableInfo table, Cluster cluster) {
        return new RowRouter(
                table, WriterSettings.BucketAssigner.STICKY, cluster, new java.util.Random());
    }

    /** Whether all rows of an append go to {@link #sticky}. */
    boolean isSticky() {
        return bucketKey.isEmpty() && partitions.isEmpty() && !isTakingTurns;
    }

    /** Whether rows may go to another bucket of their partition. */
    boolean canMove() {
        return bucketKey.isEmpty() && !isTakingTurns;
    }

    /** The bucket for rows of a table without bucket key and partitions. */
    Destination sticky() {
        return stickyIn("");
    }

    /** Positions of the rows by destination, in order. */
    Map<Destination, int[]> route(VectorSchemaRoot rows) {
        Map<Destination, List<Integer>> groups = new LinkedHashMap<>();
        ArrowRow row = ArrowRow.of(rows);
        for (int i = 0; i < rows.getRowCount(); i++) {
            groups.computeIfAbsent(destination(row.at(i)), d -> new ArrayList<>()).add(i);
        }
        Map<Destination, int[]> routed = new LinkedHashMap<>();
        groups.forEach(
                (d, all) -> routed.put(d, all.stream().mapToInt(Integer::intValue).toArray()));
        return routed;
    }

    /** Where a row goes. */
    public Destination destination(RowValues row) {
        String partition = partitions.map(p -> p.name(row)).orElse("");
        return bucketKey
                .map(
                        key ->
                                new Destination(
                                        partition,
                                        function.bucket(key.encode(row), table.bucketCount())))
                .orElseGet(() -> stickyIn(partition));
    }

    /**
     * Where a row goes whose primary key is encoded already.
     *
     * @param isBucketKey whether that is the bucket key, too
     */
    Destination destination(RowValues row, byte[] primaryKey, boolean isBucketKey) {
        if (!isBucketKey) {
            return destination(row);
        }
        String partition = partitions.map(p -> p.name(row)).orElse("");
        return new Destination(partition, function.bucket(primaryKey, table.bucketCount()));
    }

    private Destination stickyIn(String partition) {
        if (isTakingTurns) {
            int[] available = available(partition);
            return new Destination(
                    partition, available[Math.floorMod(turn.getAndIncrement(), available.length)]);
        }
        return new Destination(partition, sticky.computeIfAbsent(partition, this::anyBucket));
    }

    /** Where to go on after a batch for this destination has been filled. */
    Destination afterFullBatch(Destination full) {
        if (!canMove()) {
            return full;
        }
        int next = anyBucket(full.partition());
        sticky.put(full.partition(), next);
        return new Destination(full.partition(), next);
    }

    /** Any bucket, but one whose leader is known if there is one. */
    private int anyBucket(String partition) {
        int[] available = available(partition);
        return available[random.nextInt(available.length)];
    }

    /** The buckets whose leader is known, or all if there are none. */
    private int[] available(String partition) {
        OptionalLong id =
                partition.isEmpty()
                        ? OptionalLong.empty()
                        : cluster.partitionId(table.path(), partition);
        int[] led =
                IntStream.range(0, table.bucketCount())
                        .filter(
                                b ->
                                        cluster.leader(TableBucket.of(table.tableId(), id, b))
                                                .isPresent())
                        .toArray();
        return led.length == 0 ? IntStream.range(0, table.bucketCount()).toArray() : led;
    }
}
