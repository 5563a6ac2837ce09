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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Connection;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.server.RegisterHistory.Operation;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writers and readers of a few keys that go on while their server dies and comes back, what they
 * saw, and the check that it could be and that changelog and rows agree at the end.
 */
final class KeyedWorkload implements TableWorkload {
    private static final int KEYS = 24;
    private static final int WRITERS = 3;
    private static final int READERS = 3;
    private static final int BUCKETS = 2;

    private final TablePath path;
    private final Map<String, String> properties;

    /** Whether the changelog has the rows of before. */
    private final boolean isFullImage;

    private final Map<Integer, RegisterHistory> histories = new HashMap<>();
    private final List<CompletableFuture<Void>> threads = new ArrayList<>();
    private final AtomicInteger lanes = new AtomicInteger();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private volatile boolean isStopped;

    KeyedWorkload(String table, Map<String, String> properties) {
        this.path = TablePath.of("shop", table);
        this.properties = properties;
        this.isFullImage = !"WAL".equals(properties.get("table.changelog.image"));
    }

    @Override
    public void start(String address) throws Exception {
        try (Connection c = CrashWorkload.connect(address)) {
            CrashWorkload.get(c.admin().createDatabase("shop", DatabaseDescriptor.EMPTY, true));
            TableDescriptor table =
                    TableDescriptor.of(
                                    TableSchema.of(
                                            List.of(
                                                    Column.of("k", DataTypes.integer()),
                                                    Column.of("v", DataTypes.string())),
                                            List.of("k")))
                            .withBuckets(BUCKETS)
                            .withProperties(properties);
            CrashWorkload.get(c.admin().createTable(path, table, false));
        }
        for (int w = 0; w < WRITERS; w++) {
            int seed = w;
            threads.add(inThread("writer-" + w, () -> write(address, seed)));
        }
        for (int r = 0; r < READERS; r++) {
            int seed = 100 + r;
            threads.add(inThread("reader-" + r, () -> read(address, seed)));
        }
    }

    /** What runs in a thread of its own. */
    interface Task {
        void run() throws Exception;
    }

    static CompletableFuture<Void> inThread(String name, Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                task.run();
                                done.complete(null);
                            } catch (Exception | AssertionError e) {
                                done.completeExceptionally(e);
                            }
                        },
                        name);
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private synchronized void add(int key, int lane, Operation o) {
        histories.computeIfAbsent(key, k -> new RegisterHistory()).add(lane, o);
        (o.isWrite() ? writes : reads).incrementAndGet();
        notifyAll();
    }

    @Override
    public synchronized void awaitMore(long count) throws InterruptedException {
        long w = writes.get() + count;
        long r = reads.get() + count;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CrashWorkload.WAIT_SECONDS);
        while (writes.get() < w || reads.get() < r) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            assertThat(leftMs).as("waiting for writes and reads").isPositive();
            wait(leftMs);
        }
    }

    private void write(String address, int seed) throws Exception {
        Random random = new Random(seed);
        int lane = lanes.incrementAndGet();
        try (Connection c = CrashWorkload.connect(address);
                UpsertWriter out = c.upsertWriter(CrashWorkload.get(c.admin().tableInfo(path)))) {
            for (int n = 0; !isStopped; n++) {
                int key = random.nextInt(KEYS);
                boolean isDelete = random.nextInt(5) == 0;
                Optional<String> value = isDelete ? Optional.empty() : Optional.of(seed + "-" + n);
                long start = System.nanoTime();
                var written =
                        isDelete
                                ? out.delete(GenericRow.of(key))
                                : out.upsert(GenericRow.of(key, value.get()));
                var unused = out.flush();
                long end = RegisterHistory.NEVER;
                try {
                    CrashWorkload.get(written);
                    end = System.nanoTime();
                } catch (ExecutionException | TimeoutException e) {
                    // May have happened, or happen yet: whatever this thread does next is later
                    // than the call only.
                    add(key, lane, new Operation(true, value, start, end));
                    lane = lanes.incrementAndGet();
                    continue;
                }
                add(key, lane, new Operation(true, value, start, end));
            }
        }
    }

    private void read(String address, int seed) throws Exception {
        Random random = new Random(seed);
        int lane = lanes.incrementAndGet();
        try (Connection c = CrashWorkload.connect(address);
                Lookuper rows = c.lookuper(CrashWorkload.get(c.admin().tableInfo(path)))) {
            while (!isStopped) {
                int key = random.nextInt(KEYS);
                long start = System.nanoTime();
                try {
                    Optional<String> value =
                            CrashWorkload.get(rows.lookup(GenericRow.of(key)))
                                    .map(r -> String.valueOf(r.get(1)));
                    add(key, lane, new Operation(false, value, start, System.nanoTime()));
                } catch (ExecutionException | TimeoutException e) {
                    assertThat(isStopped).as("a read failed: " + e).isFalse();
                }
            }
        }
    }

    @Override
    public long operations() {
        return writes.get() + reads.get();
    }

    @Override
    public void stop() throws Exception {
        isStopped = true;
        for (CompletableFuture<Void> t : threads) {
            t.get(2 * CrashWorkload.WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        isStopped = true;
    }

    @Override
    public synchronized void check(String address) throws Exception {
        try (Connection c = CrashWorkload.connect(address)) {
            TableInfo table = CrashWorkload.get(c.admin().tableInfo(path));
            Map<Integer, String> rows = new HashMap<>();
            try (Lookuper lookuper = c.lookuper(table)) {
                for (int key = 0; key < KEYS; key++) {
                    long start = System.nanoTime();
                    Optional<Row> row = CrashWorkload.get(lookuper.lookup(GenericRow.of(key)));
                    int k = key;
                    row.ifPresent(r -> rows.put(k, String.valueOf(r.get(1))));
                    add(
                            key,
                            0,
                            new Operation(
                                    false,
                                    Optional.ofNullable(rows.get(key)),
                                    start,
                                    System.nanoTime()));
                }
            }
            histories.forEach(
                    (key, history) ->
                            assertThat(history.isLinearizable())
                                    .as("%s operations on key %s", history.size(), key)
                                    .isTrue());
            assertThat(fold(c, table)).isEqualTo(rows);
        }
    }

    /** The rows that the changelog comes to; fails where a change does not fit those before it. */
    private Map<Integer, String> fold(Connection c, TableInfo table) throws Exception {
        Map<Integer, String> rows = new HashMap<>();
        List<TableBucket> buckets = new ArrayList<>();
        for (int b = 0; b < BUCKETS; b++) {
            buckets.add(new TableBucket(table.tableId(), TableBucket.NO_PARTITION, b));
        }
        try (RowScanner scanner = c.rowScanner(table)) {
            buckets.forEach(b -> scanner.subscribe(b, 0));
            // A batch may have no records, so that the last record does not show the end.
            for (int silent = 0; silent < 3; ) {
                var records = scanner.poll(Duration.ofSeconds(1));
                records.forEach(r -> apply(rows, r));
                silent = records.isEmpty() ? silent + 1 : 0;
            }
        }
        return rows;
    }

    private void apply(Map<Integer, String> rows, ScanRecord r) {
        Integer key = (Integer) r.row().get(0);
        String value = String.valueOf(r.row().get(1));
        String where = r.changeType() + " at offset " + r.offset() + " of " + r.bucket();
        switch (r.changeType()) {
            case INSERT -> assertThat(rows.put(key, value)).as(where).isNull();
            case UPDATE_BEFORE -> assertThat(rows.get(key)).as(where).isEqualTo(value);
            case UPDATE_AFTER -> {
                String before = rows.put(key, value);
                assertThat(before != null || !isFullImage).as(where).isTrue();
            }
            case DELETE -> assertThat(rows.remove(key)).as(where).isEqualTo(value);
            case APPEND -> throw new AssertionError(where);
        }
    }
}
