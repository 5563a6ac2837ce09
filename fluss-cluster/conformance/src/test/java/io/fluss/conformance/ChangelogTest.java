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
import java.util.concurrent.CompletableFuture;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.writer.DeleteResult;
import org.apache.fluss.client.table.writer.UpsertResult;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.exception.DeletionDisabledException;
import org.apache.fluss.row.GenericRow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Primary key tables: writes and changelog")
class ChangelogTest extends Case {

    @ParameterizedTest(
            name =
                    "insert, update, delete and insert again give +I, -U, +U, -D, +I, row format {0}")
    @ValueSource(strings = {"COMPACTED", "INDEXED"})
    void full(String kv) throws Exception {
        T t = pk("id INT, v STRING", "id", "table.kv.format", kv);
        t.upsert(row(1, "a"), row(1, "b"), row(2, "x"));
        t.delete(row(1, null));
        t.upsert(row(1, "c"));
        List<Change> cs = t.records((int[]) null);
        List<String> text = new ArrayList<>();
        for (int i = 0; i < cs.size(); i++) {
            assertThat(cs.get(i).offset()).isEqualTo(i);
            text.add(cs.get(i).text());
        }
        assertThat(text)
                .containsExactly(
                        "+I[1, a]", "-U[1, a]", "+U[1, b]", "+I[2, x]", "-D[1, b]", "+I[1, c]");
        assertThat(t.lookup(1)).isEqualTo("[1, c]");
    }

    @Test
    @DisplayName("several writes of one key in one batch see each other")
    void oneBatch() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsertTogether(row(1, "a"), row(1, "b"), row(2, "c"), row(1, "d"));
        assertThat(t.changes())
                .containsExactly(
                        "+I[1, a]", "-U[1, a]", "+U[1, b]", "+I[2, c]", "-U[1, b]", "+U[1, d]");
    }

    @Test
    @DisplayName("writing an identical row again still gives -U and +U")
    void identical() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsert(row(1, "a"), row(1, "a"));
        assertThat(t.changes()).containsExactly("+I[1, a]", "-U[1, a]", "+U[1, a]");
    }

    @Test
    @DisplayName("deleting a key that is not there adds no record but uses an offset")
    void deleteNothing() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.delete(row(9, null));
        t.upsert(row(1, "a"));
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(1);
        assertThat(cs.get(0).text()).isEqualTo("+I[1, a]");
        assertThat(cs.get(0).offset()).isEqualTo(1);
        assertThat(t.end()).isEqualTo(2);
    }

    @Test
    @DisplayName("the result of a write names the bucket and the end offset of its changelog")
    void results() throws Exception {
        T t = pk("id INT, v STRING", "id");
        try (Table tab = t.open()) {
            UpsertWriter w = tab.newUpsert().createWriter();
            CompletableFuture<UpsertResult> a = w.upsert(row(1, "a"));
            w.flush();
            CompletableFuture<UpsertResult> b = w.upsert(row(1, "b"));
            w.flush();
            CompletableFuture<DeleteResult> c = w.delete(row(1, "b"));
            w.flush();
            assertThat(get(a).getBucket()).isEqualTo(t.bucket(0));
            assertThat(get(a).getLogEndOffset()).isEqualTo(1);
            assertThat(get(b).getLogEndOffset()).isEqualTo(3);
            assertThat(get(c).getLogEndOffset()).isEqualTo(4);
        }
    }

    @Test
    @DisplayName("with the WAL image every full upsert is +U, and a delete of a present key is -D")
    void wal() throws Exception {
        T t = pk("id INT, v STRING", "id", "table.changelog.image", "wal");
        t.upsert(row(1, "a"), row(1, "b"));
        t.delete(row(1, null), row(7, null));
        assertThat(t.changes()).containsExactly("+U[1, a]", "+U[1, b]", "-D[1, b]");
        assertThat(t.lookup(1)).isNull();
    }

    @Test
    @DisplayName("with the WAL image a partial update of a new key is +I and of a present key +U")
    void walPartial() throws Exception {
        T t = pk("id INT, a STRING, b STRING", "id", "table.changelog.image", "wal");
        t.upsertOnly("id, a", row(1, "x", null), row(1, "y", null));
        t.upsertOnly("id, b", row(1, null, "z"));
        assertThat(t.changes()).containsExactly("+I[1, x, null]", "+U[1, y, null]", "+U[1, y, z]");
    }

    @Test
    @DisplayName("an ignored delete leaves the row and adds no record")
    void deleteIgnored() throws Exception {
        T t = pk("id INT, v STRING", "id", "table.delete.behavior", "ignore");
        t.upsert(row(1, "a"));
        t.delete(row(1, null));
        t.upsert(row(2, "b"));
        assertThat(t.lookup(1)).isEqualTo("[1, a]");
        assertThat(t.changes()).containsExactly("+I[1, a]", "+I[2, b]");
        assertThat(t.end()).isEqualTo(3);
    }

    @Test
    @DisplayName("a forbidden delete fails and leaves the row")
    void deleteDisabled() throws Exception {
        T t = pk("id INT, v STRING", "id", "table.delete.behavior", "disable");
        t.upsert(row(1, "a"));
        refused(DeletionDisabledException.class, () -> t.delete(row(1, null)));
        assertThat(t.lookup(1)).isEqualTo("[1, a]");
        assertThat(t.changes()).containsExactly("+I[1, a]");
    }

    @Test
    @DisplayName("partial updates change their columns only, a new key starts with nulls")
    void partial() throws Exception {
        T t = pk("id INT, a STRING, b INT, c DOUBLE", "id");
        t.upsertOnly("id, a", row(1, "a1", null, null));
        t.upsertOnly("id, b, c", row(1, null, 2, 2.5));
        t.upsertOnly("a, id", row(1, null, null, null));
        t.upsertOnly("id, c", row(2, null, null, 9.0));
        assertThat(t.changes())
                .containsExactly(
                        "+I[1, a1, null, null]",
                        "-U[1, a1, null, null]",
                        "+U[1, a1, 2, 2.5]",
                        "-U[1, a1, 2, 2.5]",
                        "+U[1, null, 2, 2.5]",
                        "+I[2, null, null, 9.0]");
        assertThat(t.lookup(1)).isEqualTo("[1, null, 2, 2.5]");
    }

    @Test
    @DisplayName(
            "a partial update of the key alone inserts a row of nulls once and changes nothing later")
    void partialKey() throws Exception {
        T t = pk("id INT, a STRING", "id");
        t.upsertOnly("id", row(1, null));
        t.upsertOnly("id", row(1, null));
        t.upsert(row(2, "x"));
        assertThat(t.changes()).containsExactly("+I[1, null]", "+I[2, x]");
    }

    @Test
    @DisplayName(
            "a partial delete sets its columns to null, and removes the row when the others are null already")
    void partialDelete() throws Exception {
        T t = pk("id INT, a STRING, b STRING", "id");
        t.upsert(row(1, "x", "y"));
        t.deleteOnly("id, a", row(1, null, null));
        assertThat(t.lookup(1)).isEqualTo("[1, null, y]");
        t.deleteOnly("id, b", row(1, null, null));
        assertThat(t.lookup(1)).isNull();
        assertThat(t.changes())
                .containsExactly("+I[1, x, y]", "-U[1, x, y]", "+U[1, null, y]", "-D[1, null, y]");
    }

    @Test
    @DisplayName(
            "a partial update without the whole key, or with another column that may not be null, is refused")
    void partialRefused() throws Exception {
        T t = pk("id INT, k INT, a STRING", "id, k");
        refused(Exception.class, () -> t.upsertOnly("id, a", row(1, 1, "x")));
        T u = pk("id INT, a STRING NOT NULL, b STRING", "id");
        refused(Exception.class, () -> u.upsertOnly("id, b", row(1, null, "x")));
    }

    @ParameterizedTest(
            name = "a null in a column that may not be null is refused on the {0} side of a row")
    @CsvSource({"key", "value"})
    void notNull(String where) throws Exception {
        T t = pk("id INT, a STRING NOT NULL", "id");
        refused(
                Exception.class,
                () -> t.upsert(where.equals("key") ? row(null, "x") : row(1, null)));
    }

    @Test
    @DisplayName(
            "keys are routed to their bucket alike on every write, and each bucket's changelog has its keys in order")
    void buckets() throws Exception {
        T t = create(pkOf("id INT, v INT", "id").distributedBy(4));
        GenericRow[] first = new GenericRow[40];
        GenericRow[] second = new GenericRow[40];
        for (int i = 0; i < 40; i++) {
            first[i] = row(i, 0);
            second[i] = row(i, 1);
        }
        t.upsertTogether(first).upsertTogether(second);
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(120);
        for (int i = 0; i < 40; i++) {
            String key = "[" + i + ", ";
            List<Change> mine =
                    cs.stream().filter(c -> c.text().substring(2).startsWith(key)).toList();
            assertThat(mine.stream().map(Change::text))
                    .containsExactly("+I" + key + "0]", "-U" + key + "0]", "+U" + key + "1]");
            assertThat(mine.stream().map(Change::bucket).distinct().count()).isEqualTo(1);
            assertThat(mine.get(2).offset()).isEqualTo(mine.get(1).offset() + 1);
            assertThat(t.lookup(i)).isEqualTo(key + "1]");
        }
        assertThat(cs.stream().map(Change::bucket).distinct().count()).isGreaterThan(1);
    }

    @Test
    @DisplayName(
            "5000 keys written twice have their last value, and the changelog has three records of each")
    void many() throws Exception {
        T t = create(pkOf("id BIGINT, v STRING", "id").distributedBy(2));
        GenericRow[] a = new GenericRow[5000];
        GenericRow[] b = new GenericRow[5000];
        for (int i = 0; i < a.length; i++) {
            a[i] = row((long) i, "first" + i);
            b[i] = row((long) i, "second" + i);
        }
        t.upsertTogether(a).upsertTogether(b);
        try (Table tab = t.open()) {
            var l = tab.newLookup().createLookuper();
            List<CompletableFuture<org.apache.fluss.client.lookup.LookupResult>> fs =
                    new ArrayList<>();
            for (int i = 0; i < a.length; i++) {
                fs.add(l.lookup(row((long) i)));
            }
            for (int i = 0; i < a.length; i++) {
                if (!get(fs.get(i))
                        .getSingletonRow()
                        .getString(1)
                        .toString()
                        .equals("second" + i)) {
                    throw new AssertionError("key " + i);
                }
            }
        }
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(15_000);
        assertThat(cs.stream().filter(c -> c.text().startsWith("-U")).count()).isEqualTo(5000);
    }

    @Test
    @DisplayName("the changelog of a primary key table can be projected")
    void projected() throws Exception {
        T t = pk("id INT, a STRING, b INT", "id");
        t.upsert(row(1, "x", 10), row(1, "y", 20));
        t.delete(row(1, null, null));
        assertThat(t.changes(2, 0))
                .containsExactly("+I[10, 1]", "-U[10, 1]", "+U[20, 1]", "-D[20, 1]");
    }
}
