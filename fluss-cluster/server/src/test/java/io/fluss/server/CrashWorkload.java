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
import io.fluss.client.append.AppendWriter;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.ScanBatch;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Writers that go on while their server dies and comes back, and the check that everything is there
 * once and in order.
 */
final class CrashWorkload implements AutoCloseable {
    static final int BUCKETS = 2;
    static final long WAIT_SECONDS = 120;
    static final TablePath EVENTS = TablePath.of("shop", "events");
    static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("writer", DataTypes.integer()),
                    Column.of("number", DataTypes.bigInt()));
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    private static final int WRITERS = 3;
    private static final int ROWS_PER_APPEND = 10;
    private static final int UNACKNOWLEDGED_MAX = 50;

    private final Progress progress = new Progress();
    private final List<CompletableFuture<Long>> writers = new ArrayList<>();

    /** Creates the table and starts the writers. */
    void start(String address, TableDescriptor table) throws Exception {
        try (Connection connection = connect(address)) {
            get(connection.admin().createDatabase("shop", DatabaseDescriptor.EMPTY, false));
            get(connection.admin().createTable(EVENTS, table.withBuckets(BUCKETS), false));
        }
        for (int w = 0; w < WRITERS; w++) {
            writers.add(inThread(w, address, progress));
        }
    }

    /** Rows that were acknowledged. */
    long rows() {
        return progress.rows();
    }

    /** Waits for so many more acknowledged rows. */
    void awaitMore(long count) throws InterruptedException {
        progress.await(progress.rows() + count);
    }

    /** Ends the writers; gives the rows of each, all acknowledged. */
    List<Long> stop() throws Exception {
        progress.stop();
        List<Long> written = new ArrayList<>();
        for (CompletableFuture<Long> w : writers) {
            written.add(w.get(WAIT_SECONDS, TimeUnit.SECONDS));
        }
        return written;
    }

    @Override
    public void close() {
        progress.stop();
    }

    /** Fails if a row is missing, there twice, or out of the order of its writer. */
    static void check(String address, List<Long> written) throws Exception {
        try (Connection connection = connect(address);
                BufferAllocator allocator = new RootAllocator()) {
            TableInfo table = get(connection.admin().tableInfo(EVENTS));
            Rows rows = new Rows();
            try (LogScanner scanner = connection.logScanner(table, Optional.empty(), allocator)) {
                for (int b = 0; b < BUCKETS; b++) {
                    scanner.subscribe(
                            new TableBucket(table.tableId(), TableBucket.NO_PARTITION, b), 0);
                }
                long all = written.stream().mapToLong(Long::longValue).sum();
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
                while (rows.count < all && System.nanoTime() < end) {
                    scanner.poll(Duration.ofSeconds(1)).forEach(rows::take);
                }
                // A duplicate would show up behind the last one.
                scanner.poll(Duration.ofSeconds(1)).forEach(rows::take);
                assertThat(rows.count).isEqualTo(all);
            }
            for (int w = 0; w < written.size(); w++) {
                long all = written.get(w);
                // That many different numbers below that many: each is there.
                assertThat(rows.numbers.get(w)).hasSize(Math.toIntExact(all));
                assertThat(rows.numbers.get(w).keySet()).allMatch(n -> n >= 0 && n < all);
            }
        }
    }

    static Connection connect(String address) {
        return Connection.open(Map.of("bootstrap.servers", address));
    }

    static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Two neighbours, as the cluster wants them. Below the ports that the system gives to outgoing
     * connections: one of those, such as a client that connects again, may take the port while the
     * server is down.
     */
    static int freePorts() throws IOException {
        int port = FIRST_PORT + (int) (ProcessHandle.current().pid() % PORTS);
        while (true) {
            try (ServerSocket first = listen(port);
                    ServerSocket second = listen(port + 1)) {
                return Math.min(first.getLocalPort(), second.getLocalPort());
            } catch (java.net.BindException e) {
                port += 2;
            }
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    /** Rows that were acknowledged, by all writers. Thread-safe. */
    private static final class Progress {
        private long rows;
        private boolean isStopped;

        synchronized void add(int count) {
            rows += count;
            notifyAll();
        }

        synchronized long rows() {
            return rows;
        }

        synchronized void stop() {
            isStopped = true;
        }

        synchronized boolean isStopped() {
            return isStopped;
        }

        synchronized void await(long wanted) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
            while (rows < wanted) {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                assertThat(leftMs).as("waiting for row %s, have %s", wanted, rows).isPositive();
                wait(leftMs);
            }
        }
    }

    private static CompletableFuture<Long> inThread(int writer, String address, Progress progress) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                result.complete(write(writer, address, progress));
                            } catch (Exception | AssertionError e) {
                                result.completeExceptionally(e);
                            }
                        },
                        "writer-" + writer);
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /** Appends until it is stopped; gives the number of rows, all acknowledged. */
    private static long write(int writer, String address, Progress progress) throws Exception {
        Schema schema = ArrowSchemas.of(SCHEMA.rowType());
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
                Connection connection = connect(address);
                AppendWriter out =
                        connection.appendWriter(get(connection.admin().tableInfo(EVENTS)))) {
            Deque<CompletableFuture<Void>> open = new ArrayDeque<>();
            long next = 0;
            while (!progress.isStopped()) {
                fill(root, writer, next);
                next += ROWS_PER_APPEND;
                open.add(out.append(root));
                if (open.size() >= UNACKNOWLEDGED_MAX) {
                    get(open.remove());
                    progress.add(ROWS_PER_APPEND);
                }
            }
            for (CompletableFuture<Void> last : open) {
                get(last);
            }
            return next;
        }
    }

    private static void fill(VectorSchemaRoot root, int writer, long first) {
        IntVector writers = (IntVector) root.getVector(0);
        BigIntVector numbers = (BigIntVector) root.getVector(1);
        root.allocateNew();
        for (int i = 0; i < ROWS_PER_APPEND; i++) {
            writers.setSafe(i, writer);
            numbers.setSafe(i, first + i);
        }
        root.setRowCount(ROWS_PER_APPEND);
    }

    /** What was read; checks order and density on the way. */
    private static final class Rows {
        private final Map<Integer, Map<Long, Integer>> numbers = new HashMap<>();
        private final Map<Integer, Long> nextOffsets = new HashMap<>();
        private final Map<List<Integer>, Long> lastNumbers = new HashMap<>();
        private long count;

        void take(ScanBatch batch) {
            try (batch) {
                int bucket = batch.bucket().bucket();
                IntVector writers = (IntVector) batch.rows().getVector(0);
                BigIntVector values = (BigIntVector) batch.rows().getVector(1);
                assertThat(batch.baseOffset()).isEqualTo(nextOffsets.getOrDefault(bucket, 0L));
                nextOffsets.put(bucket, batch.baseOffset() + batch.rows().getRowCount());
                for (int i = 0; i < batch.rows().getRowCount(); i++) {
                    int writer = writers.get(i);
                    long number = values.get(i);
                    Long before = lastNumbers.put(List.of(writer, bucket), number);
                    assertThat(number).isGreaterThan(before == null ? -1 : before);
                    assertThat(
                                    numbers.computeIfAbsent(writer, w -> new HashMap<>())
                                            .put(number, bucket))
                            .as("writer %s, number %s", writer, number)
                            .isNull();
                    count++;
                }
            }
        }
    }
}
