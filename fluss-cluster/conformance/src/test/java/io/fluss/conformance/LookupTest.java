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
package io.fluss.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.lookup.LookupResult;
import org.apache.fluss.client.lookup.Lookuper;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.batch.BatchScanUtils;
import org.apache.fluss.client.table.scanner.batch.BatchScanner;
import org.apache.fluss.exception.InvalidTableException;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Lookups and scans of primary key tables")
class LookupTest extends Case {

    @Test
    @DisplayName("a lookup finds what was acknowledged, and nothing for a missing or deleted key")
    void point() throws Exception {
        T t = create(pkOf("a STRING, b INT, v DOUBLE", "a, b").distributedBy(3));
        for (int i = 0; i < 20; i++) {
            t.upsert(row("k" + i, i, i / 2.0));
            assertThat(t.lookup("k" + i, i)).isEqualTo("[k" + i + ", " + i + ", " + i / 2.0 + "]");
        }
        assertThat(t.lookup("k1", 2)).isNull();
        t.delete(row("k1", 1, null));
        assertThat(t.lookup("k1", 1)).isNull();
    }

    @Test
    @DisplayName("a thousand lookups at once each get their own answer, also the misses")
    void batch() throws Exception {
        T t = create(pkOf("id INT, v STRING", "id").distributedBy(3));
        GenericRow[] rs = new GenericRow[500];
        for (int i = 0; i < rs.length; i++) {
            rs[i] = row(2 * i, "v" + 2 * i);
        }
        t.upsertTogether(rs);
        try (Connection c = connect("client.lookup.batch-timeout", "100ms");
                Table tab = c.getTable(t.path)) {
            Lookuper l = tab.newLookup().createLookuper();
            List<CompletableFuture<LookupResult>> fs = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                fs.add(l.lookup(row(i)));
            }
            for (int i = 0; i < 1000; i++) {
                InternalRow r = get(fs.get(i)).getSingletonRow();
                if (i % 2 == 0) {
                    assertThat(r.getString(1).toString()).isEqualTo("v" + i);
                } else {
                    assertThat(r).isNull();
                }
            }
        }
    }

    @Test
    @DisplayName("a lookup on a log table is refused")
    void logTable() throws Exception {
        T t = log("a INT");
        try (Table tab = t.open()) {
            refused(Exception.class, () -> tab.newLookup().createLookuper());
        }
    }

    @ParameterizedTest(
            name =
                    "a prefix lookup by the bucket key gives all rows below it in key order, row format {0}")
    @ValueSource(strings = {"COMPACTED", "INDEXED"})
    void prefix(String kv) throws Exception {
        T t =
                create(
                        pkOf(
                                        "a INT, b STRING, c BIGINT, v STRING",
                                        "a, b, c",
                                        "table.kv.format",
                                        kv)
                                .distributedBy(3, "a", "b"));
        t.upsert(
                row(1, "x", 3L, "v3"),
                row(1, "x", 1L, "v1"),
                row(1, "y", 1L, "other"),
                row(2, "x", 1L, "other"),
                row(1, "x", 2L, "v2"),
                row(1, "xx", 9L, "other"));
        assertThat(t.prefix("a, b", 1, "x"))
                .containsExactly("[1, x, 1, v1]", "[1, x, 2, v2]", "[1, x, 3, v3]");
        assertThat(t.prefix("a, b", 7, "x")).isEmpty();
        t.delete(row(1, "x", 2L, null));
        assertThat(t.prefix("a, b", 1, "x")).containsExactly("[1, x, 1, v1]", "[1, x, 3, v3]");
    }

    @Test
    @DisplayName(
            "a prefix lookup in a partitioned table needs the partition key and stays in its partition")
    void prefixPartitioned() throws Exception {
        T t =
                create(
                        pkOf("a INT, p STRING, c INT, v STRING", "a, p, c")
                                .partitionedBy("p")
                                .distributedBy(2, "a"));
        t.upsert(row(1, "p1", 1, "x"), row(1, "p1", 2, "y"), row(1, "p2", 1, "z"));
        assertThat(t.prefix("a, p", 1, "p1")).containsExactly("[1, p1, 1, x]", "[1, p1, 2, y]");
        assertThat(t.prefix("a, p", 1, "p9")).isEmpty();
        refused(IllegalArgumentException.class, () -> t.prefix("a", 1));
    }

    @Test
    @DisplayName("a prefix lookup by columns that are not the bucket key is refused")
    void prefixRefused() throws Exception {
        T t = create(pkOf("a INT, b INT, c INT", "a, b, c").distributedBy(1, "a"));
        refused(IllegalArgumentException.class, () -> t.prefix("b", 1));
        refused(IllegalArgumentException.class, () -> t.prefix("a, b", 1, 1));
    }

    @Test
    @DisplayName("insert-if-not-exists inserts a row of the key once and finds it afterwards")
    void insertIfNotExists() throws Exception {
        T t = pk("id INT, v STRING", "id");
        assertThat(t.lookupOrInsert(1)).isEqualTo("[1, null]");
        assertThat(t.lookupOrInsert(1)).isEqualTo("[1, null]");
        t.upsert(row(2, "x"));
        assertThat(t.lookupOrInsert(2)).isEqualTo("[2, x]");
        assertThat(t.changes()).containsExactly("+I[1, null]", "+I[2, x]");
    }

    private T withIds(String... properties) throws Exception {
        Schema s =
                Schema.newBuilder()
                        .column("k", DataTypes.STRING())
                        .column("id", DataTypes.BIGINT())
                        .column("v", DataTypes.STRING())
                        .primaryKey("k")
                        .enableAutoIncrement("id")
                        .build();
        return create(describe(s, properties).distributedBy(2));
    }

    @Test
    @DisplayName("an auto-increment column gives each new key its own id, and updates keep it")
    void autoIncrement() throws Exception {
        T t = withIds();
        assertThat(t.info().getSchema().getAutoIncrementColumnNames()).containsExactly("id");
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            t.upsertOnly("k, v", row("k" + i, null, "a"));
            String r = t.lookup("k" + i);
            assertThat(r).matches("\\[k" + i + ", [1-9][0-9]*, a]");
            ids.add(r.split(", ")[1]);
        }
        assertThat(ids).hasSize(10);
        String before = t.lookup("k3");
        t.upsertOnly("k, v", row("k3", null, "b"));
        assertThat(t.lookup("k3")).isEqualTo(before.replace(", a]", ", b]"));
    }

    @Test
    @DisplayName(
            "insert-if-not-exists hands out the auto-increment id, the same one to concurrent callers")
    void autoIncrementLookup() throws Exception {
        T t = withIds();
        try (Connection c = connect();
                Table t1 = conn.getTable(t.path);
                Table t2 = c.getTable(t.path)) {
            Lookuper a = t1.newLookup().enableInsertIfNotExists().createLookuper();
            Lookuper b = t2.newLookup().enableInsertIfNotExists().createLookuper();
            for (int i = 0; i < 20; i++) {
                CompletableFuture<LookupResult> x = a.lookup(row("k" + i));
                CompletableFuture<LookupResult> y = b.lookup(row("k" + i));
                long id = get(x).getSingletonRow().getLong(1);
                assertThat(get(y).getSingletonRow().getLong(1)).isEqualTo(id).isPositive();
            }
        }
    }

    @Test
    @DisplayName(
            "an auto-increment column in the key, of another type, or written by the client is refused")
    void autoIncrementRefused() throws Exception {
        refused(
                Exception.class,
                () ->
                        Schema.newBuilder()
                                .column("k", DataTypes.BIGINT())
                                .primaryKey("k")
                                .enableAutoIncrement("k")
                                .build());
        refused(
                Exception.class,
                () ->
                        Schema.newBuilder()
                                .column("k", DataTypes.INT())
                                .column("s", DataTypes.STRING())
                                .primaryKey("k")
                                .enableAutoIncrement("s")
                                .build());
        T t = withIds();
        refused(Exception.class, () -> t.upsert(row("x", 1L, "v")));
        refused(Exception.class, () -> t.upsertOnly("k, id", row("x", 1L, null)));
    }

    private List<String> limit(T t, int n) throws Exception {
        List<String> out = new ArrayList<>();
        try (Table tab = t.open();
                BatchScanner b = tab.newScan().limit(n).createBatchScanner(t.bucket(0))) {
            for (InternalRow r : BatchScanUtils.collectRows(b)) {
                out.add(Show.row(r, t.type()));
            }
        }
        return out;
    }

    @Test
    @DisplayName("a limit scan of a primary key table gives present rows, at most the limit")
    void limitScan() throws Exception {
        T t = pk("id INT, v STRING", "id");
        assertThat(limit(t, 5)).isEmpty();
        t.upsert(row(1, "a"), row(2, "b"), row(3, "c"), row(2, "b2"));
        t.delete(row(1, null));
        assertThat(limit(t, 10)).containsExactlyInAnyOrder("[2, b2]", "[3, c]");
        assertThat(limit(t, 1)).hasSize(1);
    }

    @Test
    @DisplayName(
            "the row count of a primary key table is of present rows, and of a log table of records")
    void rowCount() throws Exception {
        T t = create(pkOf("id INT, v STRING", "id").distributedBy(3));
        GenericRow[] rs = new GenericRow[100];
        for (int i = 0; i < 100; i++) {
            rs[i] = row(i, "x");
        }
        t.upsertTogether(rs).upsertTogether(rs);
        t.delete(row(5, null), row(6, null), row(1000, null));
        assertThat(get(admin.getTableStats(t.path)).getRowCount()).isEqualTo(98);
        T l = create(logOf("a INT").distributedBy(2));
        assertThat(get(admin.getTableStats(l.path)).getRowCount()).isZero();
        l.append(row(1), row(2), row(3));
        assertThat(get(admin.getTableStats(l.path)).getRowCount()).isEqualTo(3);
    }

    @Test
    @DisplayName("the row count of a table with the WAL image is refused")
    void rowCountWal() throws Exception {
        T t = pk("id INT, v STRING", "id", "table.changelog.image", "wal");
        t.upsert(row(1, "a"));
        refused(InvalidTableException.class, () -> get(admin.getTableStats(t.path)));
    }

    @Test
    @DisplayName("the row count of a partitioned table adds up all partitions")
    void rowCountPartitions() throws Exception {
        T t = create(pkOf("id INT, p STRING", "id, p").partitionedBy("p").distributedBy(2));
        t.upsert(row(1, "a"), row(2, "a"), row(1, "b"));
        assertThat(get(admin.getTableStats(t.path)).getRowCount()).isEqualTo(3);
    }
}
