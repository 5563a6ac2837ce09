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
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.ScanBatch;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.filter.Predicate;
import io.fluss.formats.filter.Predicate.Operator;
import io.fluss.formats.filter.Predicates;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that a predicate rules out stay at the server; every wanted row comes. */
class FilterPushdownIT {
    private static final int BATCHES = 120;
    private static final int ROWS_MAX = 30;
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("n", DataTypes.bigInt()),
                    Column.of("payload", DataTypes.string()),
                    Column.of("s", DataTypes.string()));

    @TempDir Path directory;

    private record Row(long offset, Long n, String s) {}

    private record Seen(List<Row> rows, int batches) {}

    @Test
    void filteredScanWithRowFilterIsTheFullScanWithRowFilter() throws Exception {
        try (LocalCluster cluster =
                        LocalCluster.start(
                                directory,
                                0,
                                Map.of(
                                        "datalake.enabled",
                                        "false",
                                        "log.segment.file-size",
                                        "64kb"));
                Connection connection =
                        Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
                BufferAllocator allocator = new RootAllocator()) {
            TableInfo table = table(connection);
            SplittableRandom random = new SplittableRandom(11);
            long end = append(connection, table, random, allocator);
            Seen all = scan(connection, table, end, Optional.empty(), allocator);
            assertThat(all.batches).isEqualTo(BATCHES);
            int fewer = 0;
            for (int i = 0; i < 60; i++) {
                fewer += check(connection, table, end, all, random, allocator);
            }
            assertThat(fewer).as("scans that left out batches").isGreaterThan(30);

            Predicates p = new Predicates(SCHEMA);
            Seen none =
                    scan(
                            connection,
                            table,
                            end,
                            Optional.of(p.compare("n", Operator.GREATER, 1_000_000)),
                            allocator);
            assertThat(none.batches).isZero();
            follow(connection, table, end, p, allocator);
        }
    }

    private static TableInfo table(Connection connection) throws Exception {
        TablePath path = TablePath.of("fluss", "filtered");
        connection
                .admin()
                .createTable(
                        path,
                        TableDescriptor.of(SCHEMA)
                                .withBuckets(1)
                                .withProperty(TableOptions.STATISTICS_COLUMNS, "n,s")
                                .withProperty("table.log.arrow.compression.type", "NONE"),
                        false)
                .get(60, TimeUnit.SECONDS);
        return connection.admin().tableInfo(path).get(60, TimeUnit.SECONDS);
    }

    private static long append(
            Connection connection,
            TableInfo table,
            SplittableRandom random,
            BufferAllocator allocator)
            throws Exception {
        long end = 0;
        try (AppendWriter writer = connection.appendWriter(table);
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
            for (int b = 0; b < BATCHES; b++) {
                root.allocateNew();
                int rows = random.nextInt(1, ROWS_MAX);
                for (int i = 0; i < rows; i++) {
                    if (random.nextInt(8) > 0) {
                        ((BigIntVector) root.getVector(0)).setSafe(i, b + random.nextInt(3));
                    }
                    ((VarCharVector) root.getVector(1)).setSafe(i, new byte[100]);
                    if (random.nextInt(8) > 0) {
                        byte[] text = text(b / 10).getBytes(StandardCharsets.UTF_8);
                        ((VarCharVector) root.getVector(2)).setSafe(i, text);
                    }
                }
                root.setRowCount(rows);
                end += rows;
                writer.append(root);
                writer.flush().get(60, TimeUnit.SECONDS);
            }
        }
        return end;
    }

    private static String text(int number) {
        return "ä" + (char) ('a' + number);
    }

    /** 1 if the server left out batches. */
    private static int check(
            Connection connection,
            TableInfo table,
            long end,
            Seen all,
            SplittableRandom random,
            BufferAllocator allocator) {
        Predicates p = new Predicates(SCHEMA);
        long n = random.nextInt(-3, BATCHES + 6);
        String s = text(random.nextInt(14));
        List<Predicate> pushed =
                List.of(
                        p.compare("n", Operator.EQUAL, n),
                        p.compare("n", Operator.LESS, n),
                        p.compare("n", Operator.GREATER_OR_EQUAL, n),
                        p.in("n", List.of(n, n + 50)),
                        p.isNull("n"),
                        p.match("s", Predicate.Place.START, s),
                        p.compare("s", Operator.GREATER, s),
                        Predicate.and(
                                List.of(
                                        p.compare("n", Operator.GREATER, n),
                                        p.match("s", Predicate.Place.START, s).not())));
        List<BiPredicate<Long, String>> oracles =
                List.of(
                        (x, y) -> x != null && x == n,
                        (x, y) -> x != null && x < n,
                        (x, y) -> x != null && x >= n,
                        (x, y) -> x != null && (x == n || x == n + 50),
                        (x, y) -> x == null,
                        (x, y) -> y != null && y.startsWith(s),
                        (x, y) -> y != null && y.compareTo(s) > 0,
                        (x, y) -> x != null && x > n && y != null && !y.startsWith(s));
        int which = random.nextInt(pushed.size());
        Seen seen = scan(connection, table, end, Optional.of(pushed.get(which)), allocator);
        BiPredicate<Long, String> wanted = oracles.get(which);
        assertThat(seen.rows.stream().filter(r -> wanted.test(r.n, r.s)).toList())
                .as("%s", pushed.get(which))
                .isEqualTo(all.rows.stream().filter(r -> wanted.test(r.n, r.s)).toList());
        return seen.batches < BATCHES ? 1 : 0;
    }

    /** Reads columns n and s. */
    private static Seen scan(
            Connection connection,
            TableInfo table,
            long end,
            Optional<Predicate> wanted,
            BufferAllocator allocator) {
        TableBucket bucket = new TableBucket(table.tableId(), TableBucket.NO_PARTITION, 0);
        List<Row> rows = new ArrayList<>();
        int batches = 0;
        try (LogRangeReader reader =
                connection.logRange(
                        table,
                        bucket,
                        0,
                        end,
                        Optional.of(List.of(0, 2)),
                        wanted.orElse(Predicate.UNKNOWN),
                        allocator)) {
            for (Optional<ScanBatch> next = reader.next(); next.isPresent(); next = reader.next()) {
                try (ScanBatch batch = next.get()) {
                    batches++;
                    VectorSchemaRoot root = batch.rows();
                    for (int i = 0; i < root.getRowCount(); i++) {
                        Object n = root.getVector(0).getObject(i);
                        Object s = root.getVector(1).getObject(i);
                        rows.add(
                                new Row(
                                        batch.baseOffset() + i,
                                        (Long) n,
                                        s == null ? null : s.toString()));
                    }
                }
            }
            assertThat(reader.consumedUpTo()).isEqualTo(end);
        }
        return new Seen(rows, batches);
    }

    /** A scanner that nothing comes for still moves on. */
    private static void follow(
            Connection connection,
            TableInfo table,
            long end,
            Predicates p,
            BufferAllocator allocator) {
        TableBucket bucket = new TableBucket(table.tableId(), TableBucket.NO_PARTITION, 0);
        try (LogScanner scanner = connection.logScanner(table, Optional.empty(), allocator)) {
            scanner.filter(p.compare("n", Operator.LESS, -5));
            scanner.subscribe(bucket, LogScanner.EARLIEST);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (scanner.position(bucket) < end && System.nanoTime() < deadline) {
                assertThat(scanner.poll(Duration.ofSeconds(5))).isEmpty();
            }
            assertThat(scanner.position(bucket)).isEqualTo(end);
        }
    }
}
