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
package io.fluss.client.scan;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.current.BucketRows;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Follows logs and hands out rows as Java values, which nobody has to close. Not thread-safe,
 * except {@link #wakeup()}. For large amounts use {@link LogScanner}, which copies nothing.
 */
public final class RowScanner implements AutoCloseable {
    private static final Duration DISCOVERY_INTERVAL = Duration.ofSeconds(5);

    private final TableInfo table;
    private final Admin admin;
    private final Clock clock;
    private final BufferAllocator allocator;
    private final RowCopies copies;
    private final LogScanner scanner;
    private final Function<TableBucket, BucketRows> opening;
    private final Set<TableBucket> subscribed = new HashSet<>();
    private final Deque<TableBucket> withRows = new ArrayDeque<>();
    private @Nullable BucketRows open;
    private boolean isDiscovering;
    private Duration discoveryInterval = DISCOVERY_INTERVAL;
    private long nextDiscoveryNanos;
    private volatile boolean wasWoken;

    private RowScanner(
            TableInfo table,
            Admin admin,
            Clock clock,
            BufferAllocator allocator,
            RowCopies copies,
            LogScanner scanner,
            Function<TableBucket, BucketRows> opening) {
        this.table = table;
        this.admin = admin;
        this.clock = clock;
        this.allocator = allocator;
        this.copies = copies;
        this.scanner = scanner;
        this.opening = opening;
    }

    /** See {@link Connection#rowScanner(TableInfo, List)}. */
    public static RowScanner open(Connection connection, TableInfo table, List<String> columns) {
        RowCopies copies = RowCopies.of(table, columns);
        BufferAllocator allocator = new RootAllocator();
        boolean isOpen = false;
        try {
            LogScanner scanner =
                    connection.logScanner(table, Optional.of(copies.positions()), allocator);
            isOpen = true;
            return new RowScanner(
                    table,
                    connection.admin(),
                    SystemClock.INSTANCE,
                    allocator,
                    copies,
                    scanner,
                    bucket ->
                            connection.currentRows(
                                    table, bucket, Optional.of(copies.positions()), allocator));
        } finally {
            if (!isOpen) {
                allocator.close();
            }
        }
    }

    /**
     * Starts to read a bucket at an offset, or moves it there; {@link LogScanner#EARLIEST} is the
     * first there is.
     */
    public void subscribe(TableBucket bucket, long offset) {
        scanner.subscribe(bucket, offset);
        subscribed.add(bucket);
    }

    /** Starts to read a bucket at a place, or moves it there. Waits for the offset. */
    public void subscribe(TableBucket bucket, OffsetSpec from) {
        subscribe(bucket.partition(), List.of(bucket.bucket()), from);
    }

    /**
     * Starts to read all buckets, and of a partitioned table all partitions: those that exist, from
     * the given place, and those that will be created, from their start. Partitions that are
     * dropped are left. Waits for the offsets.
     */
    public void subscribeAll(OffsetSpec from) {
        if (!table.isPartitioned()) {
            subscribe(OptionalLong.empty(), allBuckets(), from);
            return;
        }
        for (PartitionInfo p : partitions()) {
            subscribe(OptionalLong.of(p.partitionId()), allBuckets(), from);
        }
        isDiscovering = true;
        nextDiscoveryNanos = clock.nanoTime() + discoveryInterval.toNanos();
    }

    /**
     * As {@link #subscribeAll}, for a table with a primary key: first come the rows that there are,
     * as inserts without offset and time ({@link ScanRecord#NONE}), then every change that is not
     * in them, bucket by bucket. The same buckets and partitions are read.
     */
    public void subscribeAllWithRows() {
        if (!table.isPartitioned()) {
            subscribeWithRows(OptionalLong.empty());
            return;
        }
        for (PartitionInfo p : partitions()) {
            subscribeWithRows(OptionalLong.of(p.partitionId()));
        }
        isDiscovering = true;
        nextDiscoveryNanos = clock.nanoTime() + discoveryInterval.toNanos();
    }

    private void subscribeWithRows(OptionalLong partition) {
        allBuckets().forEach(b -> subscribeWithRows(TableBucket.of(table.tableId(), partition, b)));
    }

    /** First the rows of one bucket, then its changes; see {@link #subscribeAllWithRows}. */
    public void subscribeWithRows(TableBucket bucket) {
        subscribed.add(bucket);
        withRows.add(bucket);
    }

    /** How often new partitions are looked for after {@link #subscribeAll}; 5 s if not set. */
    public RowScanner discoverEvery(Duration interval) {
        discoveryInterval = interval;
        nextDiscoveryNanos = clock.nanoTime() + interval.toNanos();
        return this;
    }

    private void subscribe(OptionalLong partition, List<Integer> buckets, OffsetSpec from) {
        if (from instanceof OffsetSpec.Earliest) {
            buckets.forEach(
                    b ->
                            subscribe(
                                    TableBucket.of(table.tableId(), partition, b),
                                    LogScanner.EARLIEST));
        } else {
            Blocking.await(
                            admin.listOffsets(table, partition, buckets, from),
                            "offsets of " + table.path())
                    .forEach(this::subscribe);
        }
    }

    public void unsubscribe(TableBucket bucket) {
        if (bucket.equals(withRows.peekFirst())) {
            closeRows();
        }
        if (!withRows.remove(bucket)) {
            scanner.unsubscribe(bucket);
        }
        subscribed.remove(bucket);
    }

    /** The buckets that are read. */
    public Set<TableBucket> subscription() {
        return Set.copyOf(subscribed);
    }

    /**
     * Offset behind what was handed out of a bucket; {@link ScanRecord#NONE} while its rows come.
     */
    public long position(TableBucket bucket) {
        return withRows.contains(bucket) ? ScanRecord.NONE : scanner.position(bucket);
    }

    /**
     * What has arrived, at most {@code timeout} later; empty if nothing has.
     *
     * @throws io.fluss.errors.FlussException with LOG_OFFSET_OUT_OF_RANGE if a position is not in
     *     the log, unless {@code client.scanner.log.out-of-range} says where to go on
     */
    public ScanRecords poll(Duration timeout) {
        long deadline = clock.nanoTime() + timeout.toNanos();
        while (true) {
            if (isDiscovering && clock.nanoTime() - nextDiscoveryNanos >= 0) {
                discover();
            }
            long wait = deadline - clock.nanoTime();
            if (isDiscovering) {
                wait = Math.min(wait, nextDiscoveryNanos - clock.nanoTime());
            }
            ScanRecords records = polled(Duration.ofNanos(Math.max(0, wait)));
            if (!records.isEmpty() || deadline - clock.nanoTime() <= 0 || wasWoken) {
                wasWoken = false;
                return records;
            }
        }
    }

    private ScanRecords polled(Duration wait) {
        if (!withRows.isEmpty()) {
            return new ScanRecords(nextRows());
        }
        List<ScanRecord> records = new ArrayList<>();
        List<ScanBatch> batches = new ArrayList<>(scanner.poll(wait));
        try {
            while (!batches.isEmpty()) {
                records.addAll(copies.take(batches.remove(0)));
            }
        } finally {
            batches.forEach(ScanBatch::close);
        }
        return new ScanRecords(records);
    }

    /** A page of the first bucket whose rows are not read; behind the last it is followed. */
    private List<ScanRecord> nextRows() {
        TableBucket bucket = withRows.getFirst();
        BucketRows rows = open;
        if (rows == null) {
            rows = opening.apply(bucket);
            open = rows;
        }
        Optional<VectorSchemaRoot> page = rows.next();
        if (page.isPresent()) {
            return copies.take(page.get(), bucket);
        }
        long from = rows.logOffset();
        closeRows();
        withRows.removeFirst();
        scanner.subscribe(bucket, from);
        return List.of();
    }

    private void closeRows() {
        if (open != null) {
            open.close();
            open = null;
        }
    }

    private void discover() {
        nextDiscoveryNanos = clock.nanoTime() + discoveryInterval.toNanos();
        Set<Long> known = new HashSet<>();
        subscribed.forEach(b -> known.add(b.partitionId()));
        Set<Long> existing = new HashSet<>();
        for (PartitionInfo p : partitions()) {
            existing.add(p.partitionId());
            if (!known.contains(p.partitionId())) {
                subscribe(
                        OptionalLong.of(p.partitionId()), allBuckets(), new OffsetSpec.Earliest());
            }
        }
        List<TableBucket> gone =
                subscribed.stream().filter(b -> !existing.contains(b.partitionId())).toList();
        gone.forEach(this::unsubscribe);
    }

    private List<PartitionInfo> partitions() {
        return Blocking.await(
                admin.listPartitions(table.path()), "the partitions of " + table.path());
    }

    private List<Integer> allBuckets() {
        return IntStream.range(0, table.bucketCount()).boxed().toList();
    }

    /** Makes a waiting {@link #poll} return. */
    public void wakeup() {
        wasWoken = true;
        scanner.wakeup();
    }

    @Override
    public void close() {
        closeRows();
        scanner.close();
        allocator.close();
    }
}
