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
import io.fluss.client.append.UpsertOptions;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.RowScanner;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * As {@link KeyedWorkload}, of tables whose rows only go one way: each read of a key has a lower
 * and an upper bound by the writes that were answered before it and begun before its end.
 */
final class EngineWorkload implements TableWorkload {
    private static final int KEYS = 24;
    private static final int THREADS = 3;
    private static final int BUCKETS = 2;
    private static final long NEVER = Long.MAX_VALUE;

    private final Kind kind;
    private final TablePath path;
    private final List<Operation> operations = new ArrayList<>();
    private final List<CompletableFuture<Void>> threads = new ArrayList<>();
    private final AtomicLong numbers = new AtomicLong();
    private long writes;
    private long reads;
    private volatile boolean isStopped;

    /** What the table does with the numbers that are written to a key. */
    enum Kind {
        /** Keeps the first one. */
        FIRST_ROW,
        /** Keeps the largest one. */
        VERSIONED,
        /** Adds them up; all are 1. */
        SUM,
        /** Gives the key one of its own. */
        AUTO_INCREMENT;

        private Map<String, String> properties() {
            return switch (this) {
                case FIRST_ROW -> Map.of("table.merge-engine", "first_row");
                case VERSIONED ->
                        Map.of(
                                "table.merge-engine",
                                "versioned",
                                "table.merge-engine.versioned.ver-column",
                                "n");
                case SUM -> Map.of("table.merge-engine", "aggregation");
                case AUTO_INCREMENT -> Map.of("table.auto-increment.cache-size", "5");
            };
        }

        private TableSchema schema() {
            Column k = Column.of("k", DataTypes.integer());
            Column n = Column.of("n", DataTypes.bigInt());
            return switch (this) {
                case FIRST_ROW, VERSIONED -> TableSchema.of(List.of(k, n), List.of("k"));
                case SUM -> {
                    Column sum =
                            new Column(
                                    "n",
                                    DataTypes.bigInt(),
                                    Optional.empty(),
                                    -1,
                                    Optional.of(new Column.AggregateFunction("sum", Map.of())));
                    yield TableSchema.of(List.of(k, sum), List.of("k"));
                }
                case AUTO_INCREMENT -> {
                    Column v = Column.of("v", DataTypes.bigInt());
                    TableSchema s = TableSchema.of(List.of(k, n, v), List.of("k"));
                    yield new TableSchema(
                            s.columns(), s.primaryKey(), Optional.of("n"), s.highestFieldId());
                }
            };
        }
    }

    /**
     * A write with its number, or a read with what it found.
     *
     * @param value empty for a read that found nothing
     * @param end of a write without an answer {@link #NEVER}
     */
    private record Operation(
            int key, boolean isWrite, Optional<Long> value, long start, long end) {}

    EngineWorkload(Kind kind) {
        this.kind = kind;
        this.path = TablePath.of("shop", kind.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void start(String address) throws Exception {
        try (Connection c = CrashWorkload.connect(address)) {
            CrashWorkload.get(c.admin().createDatabase("shop", DatabaseDescriptor.EMPTY, true));
            TableDescriptor table =
                    TableDescriptor.of(kind.schema())
                            .withBuckets(BUCKETS)
                            .withProperties(kind.properties());
            CrashWorkload.get(c.admin().createTable(path, table, false));
        }
        for (int i = 0; i < THREADS; i++) {
            int seed = i;
            threads.add(KeyedWorkload.inThread("writer-" + i, () -> write(address, seed)));
            threads.add(KeyedWorkload.inThread("reader-" + i, () -> read(address, 100 + seed)));
        }
    }

    private synchronized void add(Operation o) {
        operations.add(o);
        if (o.isWrite()) {
            writes++;
        } else {
            reads++;
        }
        notifyAll();
    }

    @Override
    public synchronized void awaitMore(long count) throws InterruptedException {
        long w = writes + count;
        long r = reads + count;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CrashWorkload.WAIT_SECONDS);
        while (writes < w || reads < r) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            assertThat(leftMs).as("waiting for writes and reads").isPositive();
            wait(leftMs);
        }
    }

    private UpsertOptions options() {
        return kind == Kind.AUTO_INCREMENT ? UpsertOptions.of("k", "v") : UpsertOptions.DEFAULT;
    }

    private void write(String address, int seed) throws Exception {
        Random random = new Random(seed);
        try (Connection c = CrashWorkload.connect(address);
                UpsertWriter out =
                        c.upsertWriter(CrashWorkload.get(c.admin().tableInfo(path)), options())) {
            while (!isStopped) {
                int key = random.nextInt(KEYS);
                long number = kind == Kind.SUM ? 1 : numbers.incrementAndGet();
                long start = System.nanoTime();
                var written = out.upsert(GenericRow.of(key, number));
                var unused = out.flush();
                long end = NEVER;
                try {
                    CrashWorkload.get(written);
                    end = System.nanoTime();
                } catch (ExecutionException | TimeoutException e) {
                    assertThat(isStopped).as("a write failed: " + e).isFalse();
                }
                add(new Operation(key, true, Optional.of(number), start, end));
            }
        }
    }

    private void read(String address, int seed) throws Exception {
        Random random = new Random(seed);
        try (Connection c = CrashWorkload.connect(address);
                Lookuper rows = c.lookuper(CrashWorkload.get(c.admin().tableInfo(path)))) {
            while (!isStopped) {
                try {
                    read(rows, random.nextInt(KEYS));
                } catch (ExecutionException | TimeoutException e) {
                    assertThat(isStopped).as("a read failed: " + e).isFalse();
                }
            }
        }
    }

    private Optional<Long> read(Lookuper rows, int key) throws Exception {
        long start = System.nanoTime();
        Optional<Row> row = CrashWorkload.get(rows.lookup(GenericRow.of(key)));
        Optional<Long> value = row.map(EngineWorkload::number);
        add(new Operation(key, false, value, start, System.nanoTime()));
        return value;
    }

    private static long number(Row row) {
        return ((Number) row.get(1)).longValue();
    }

    @Override
    public synchronized long operations() {
        return operations.size();
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
    public void check(String address) throws Exception {
        Map<Integer, Long> rows = new HashMap<>();
        try (Connection c = CrashWorkload.connect(address)) {
            TableInfo table = CrashWorkload.get(c.admin().tableInfo(path));
            try (Lookuper lookuper = c.lookuper(table)) {
                for (int key = 0; key < KEYS; key++) {
                    int k = key;
                    read(lookuper, key).ifPresent(v -> rows.put(k, v));
                }
            }
            assertThat(fold(c, table)).isEqualTo(rows);
        }
        for (int key = 0; key < KEYS; key++) {
            int k = key;
            List<Operation> all = operations.stream().filter(o -> o.key() == k).toList();
            all.stream().filter(o -> !o.isWrite()).forEach(r -> check(r, all));
        }
        if (kind == Kind.AUTO_INCREMENT) {
            assertThat(rows.values()).doesNotHaveDuplicates();
        }
    }

    private void check(Operation read, List<Operation> all) {
        List<Operation> before =
                all.stream().filter(w -> w.isWrite() && w.end() < read.start()).toList();
        List<Operation> begun =
                all.stream().filter(w -> w.isWrite() && w.start() < read.end()).toList();
        String what = read + " after " + before.size() + " writes of " + begun.size();
        assertThat(before.isEmpty() || read.value().isPresent()).as(what).isTrue();
        if (read.value().isEmpty()) {
            return;
        }
        long value = read.value().get();
        switch (kind) {
            case SUM ->
                    assertThat(value).as(what).isBetween((long) before.size(), (long) begun.size());
            case VERSIONED -> {
                long least =
                        before.stream().mapToLong(w -> w.value().orElseThrow()).max().orElse(0);
                assertThat(value).as(what).isGreaterThanOrEqualTo(least);
                assertThat(begun).as(what).anyMatch(w -> w.value().orElseThrow() == value);
            }
            case FIRST_ROW -> {
                Operation first =
                        begun.stream()
                                .filter(w -> w.value().orElseThrow() == value)
                                .findFirst()
                                .orElseThrow(() -> new AssertionError(what));
                assertThat(before).as(what).noneMatch(w -> w.end() < first.start());
                staysTheSame(value, all, what);
            }
            case AUTO_INCREMENT -> staysTheSame(value, all, what);
        }
    }

    private static void staysTheSame(long value, List<Operation> all, String what) {
        assertThat(all).as(what).allMatch(o -> o.isWrite() || o.value().orElse(value) == value);
    }

    /** The rows that the changelog comes to; fails where a change does not fit those before it. */
    private static Map<Integer, Long> fold(Connection c, TableInfo table) throws Exception {
        Map<Integer, Long> rows = new HashMap<>();
        try (RowScanner scanner = c.rowScanner(table)) {
            for (int b = 0; b < BUCKETS; b++) {
                scanner.subscribe(new TableBucket(table.tableId(), TableBucket.NO_PARTITION, b), 0);
            }
            // A batch may have no records, so that the last record does not show the end.
            for (int silent = 0; silent < 3; ) {
                var records = scanner.poll(Duration.ofSeconds(1));
                records.forEach(
                        r -> {
                            Integer key = (Integer) r.row().get(0);
                            long value = number(r.row());
                            switch (r.changeType()) {
                                case INSERT -> assertThat(rows.put(key, value)).isNull();
                                case UPDATE_BEFORE -> assertThat(rows.get(key)).isEqualTo(value);
                                case UPDATE_AFTER -> assertThat(rows.put(key, value)).isNotNull();
                                case DELETE, APPEND -> throw new AssertionError(r.toString());
                            }
                        });
                silent = records.isEmpty() ? silent + 1 : 0;
            }
        }
        return rows;
    }
}
