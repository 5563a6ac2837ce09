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

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.batch.BatchScanUtils;
import org.apache.fluss.client.table.scanner.batch.BatchScanner;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.scanner.log.ScanRecords;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.exception.FetchException;
import org.apache.fluss.exception.InvalidTimestampException;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Log tables")
class LogTest extends Case {

    private static GenericRow[] numbered(int from, int to) {
        GenericRow[] rs = new GenericRow[to - from];
        for (int i = from; i < to; i++) {
            rs[i - from] = row(i, "v" + i);
        }
        return rs;
    }

    @Test
    @DisplayName(
            "records get consecutive offsets from 0 and are append-only changes in the order written")
    void order() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 10)).append(numbered(10, 30));
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(30);
        for (int i = 0; i < 30; i++) {
            assertThat(cs.get(i).offset()).isEqualTo(i);
            assertThat(cs.get(i).text()).isEqualTo("+A[" + i + ", v" + i + "]");
        }
        assertThat(t.end()).isEqualTo(30);
    }

    @Test
    @DisplayName(
            "commit timestamps are server time, never fall within a bucket, and are equal within a batch")
    void timestamps() throws Exception {
        T t = log("a INT, b STRING");
        long before = System.currentTimeMillis();
        t.append(numbered(0, 5)).append(numbered(5, 10)).append(numbered(10, 15));
        long after = System.currentTimeMillis();
        long last = before - 5000;
        for (Change c : t.records((int[]) null)) {
            assertThat(c.timestamp()).isBetween(last, after + 5000);
            last = c.timestamp();
        }
    }

    @Test
    @DisplayName("a scan from an offset in the middle of a batch starts at exactly that record")
    void fromOffset() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 100));
        List<Change> cs = t.read(Map.of(t.bucket(0), 57L), Map.of(t.bucket(0), 100L), (int[]) null);
        assertThat(cs).hasSize(43);
        assertThat(cs.get(0).offset()).isEqualTo(57);
        assertThat(cs.get(0).text()).isEqualTo("+A[57, v57]");
    }

    @Test
    @DisplayName("a scan from the latest offset sees only what is written later")
    void fromLatest() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 5));
        try (Table tab = t.open();
                LogScanner s = tab.newScan().createLogScanner()) {
            s.subscribe(0, t.end());
            assertThat(s.poll(Duration.ofMillis(150)).isEmpty()).isTrue();
            t.append(numbered(5, 8));
            List<Long> got = new ArrayList<>();
            await(
                    "three records",
                    () -> {
                        s.poll(Duration.ofMillis(200)).forEach(r -> got.add(r.logOffset()));
                        return got.size() >= 3;
                    });
            assertThat(got).containsExactly(5L, 6L, 7L);
        }
    }

    @Test
    @DisplayName("a scan beyond the end of the log fails")
    void beyondEnd() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 5));
        try (Table tab = t.open();
                LogScanner s = tab.newScan().createLogScanner()) {
            s.subscribe(0, 1000L);
            refused(
                    FetchException.class,
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            s.poll(Duration.ofMillis(200));
                        }
                    });
        }
    }

    @Test
    @DisplayName("earliest and latest offsets of an empty and of a written bucket")
    void listOffsets() throws Exception {
        T t = log("a INT, b STRING");
        assertThat(t.offsets(new OffsetSpec.EarliestSpec())).isEqualTo(Map.of(0, 0L));
        assertThat(t.offsets(new OffsetSpec.LatestSpec())).isEqualTo(Map.of(0, 0L));
        t.append(numbered(0, 42));
        assertThat(t.offsets(new OffsetSpec.EarliestSpec())).isEqualTo(Map.of(0, 0L));
        assertThat(t.offsets(new OffsetSpec.LatestSpec())).isEqualTo(Map.of(0, 42L));
    }

    @Test
    @DisplayName(
            "the offset of a timestamp is the first batch at or after it, and the end after the last batch")
    void timestampOffsets() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 10));
        Thread.sleep(30);
        t.append(numbered(10, 20));
        Thread.sleep(30);
        List<Change> cs = t.records((int[]) null);
        long t1 = cs.get(0).timestamp();
        long t2 = cs.get(10).timestamp();
        assertThat(t2).isGreaterThan(t1);
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(1))).isEqualTo(Map.of(0, 0L));
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(t1))).isEqualTo(Map.of(0, 0L));
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(t1 + 1))).isEqualTo(Map.of(0, 10L));
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(t2))).isEqualTo(Map.of(0, 10L));
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(t2 + 1))).isEqualTo(Map.of(0, 20L));
    }

    @Test
    @DisplayName("the offset of a timestamp in the future is refused")
    void futureTimestamp() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 1));
        refused(
                InvalidTimestampException.class,
                () ->
                        t.offsets(
                                new OffsetSpec.TimestampSpec(
                                        System.currentTimeMillis() + 3_600_000)));
    }

    @ParameterizedTest(name = "projection of the columns {0} gives those columns in that order")
    @ValueSource(strings = {"0", "3", "0,1,2,3", "3,2,1,0", "2,0", "1,3"})
    void projection(String columns) throws Exception {
        T t = log("a INT, b STRING, c DOUBLE, d ARRAY<INT>");
        t.append(
                row(1, "x", 0.5, array(1, 2)),
                row(2, null, null, null),
                row(null, "z", -1.0, array()));
        String[][] v = {
            {"1", "x", "0.5", "(1, 2)"}, {"2", "null", "null", "null"}, {"null", "z", "-1.0", "()"}
        };
        String[] idx = columns.split(",");
        int[] p = new int[idx.length];
        List<String> want = new ArrayList<>(Collections.nCopies(3, ""));
        for (int r = 0; r < 3; r++) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < p.length; i++) {
                p[i] = Integer.parseInt(idx[i]);
                cells.add(v[r][p[i]]);
            }
            want.set(r, "+A[" + String.join(", ", cells) + "]");
        }
        assertThat(t.changes(p)).isEqualTo(want);
    }

    @Test
    @DisplayName("projection by name works and an unknown name is refused")
    void projectionByName() throws Exception {
        T t = log("a INT, b STRING, c DOUBLE");
        t.append(row(1, "x", 0.5));
        try (Table tab = t.open();
                LogScanner s = tab.newScan().project(List.of("c", "a")).createLogScanner()) {
            s.subscribeFromBeginning(0);
            List<String> got = new ArrayList<>();
            await(
                    "the record",
                    () -> {
                        for (ScanRecord r : s.poll(Duration.ofMillis(200))) {
                            got.add(r.getRow().getDouble(0) + " " + r.getRow().getInt(1));
                        }
                        return !got.isEmpty();
                    });
            assertThat(got).containsExactly("0.5 1");
            refused(
                    IllegalArgumentException.class,
                    () -> tab.newScan().project(List.of("nope")).createLogScanner());
        }
    }

    @Test
    @DisplayName("rows without a bucket key spread over the buckets and none is lost")
    void spread() throws Exception {
        T t = create(logOf("a INT, b STRING").distributedBy(4));
        for (int i = 0; i < 40; i += 4) {
            t.append(numbered(i, i + 4));
        }
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(40);
        assertThat(cs.stream().map(Change::text).distinct().count()).isEqualTo(40);
        assertThat(t.offsets(new OffsetSpec.LatestSpec()).values().stream().mapToLong(x -> x).sum())
                .isEqualTo(40);
    }

    @Test
    @DisplayName("rows with equal bucket keys are in one bucket, in the order written")
    void bucketKey() throws Exception {
        T t = create(logOf("k STRING, n INT").distributedBy(5, "k"));
        GenericRow[] rs = new GenericRow[100];
        for (int i = 0; i < 100; i++) {
            rs[i] = row("key" + i % 10, i);
        }
        t.append(rs);
        Map<String, TableBucket> at = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(100);
        for (Change c : cs) {
            String k = c.text().substring(3, c.text().indexOf(','));
            int n =
                    Integer.parseInt(
                            c.text().substring(c.text().indexOf(' ') + 1, c.text().length() - 1));
            assertThat(at.computeIfAbsent(k, x -> c.bucket())).isEqualTo(c.bucket());
            assertThat(last.getOrDefault(k, -1)).isLessThan(n);
            last.put(k, n);
        }
        assertThat(at.values().stream().distinct().count()).as("buckets used").isGreaterThan(1);
    }

    @Test
    @DisplayName("a limit scan of a log table gives the last rows")
    void limit() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 10)).append(numbered(10, 20));
        try (Table tab = t.open();
                BatchScanner b = tab.newScan().limit(3).createBatchScanner(t.bucket(0))) {
            List<String> got = new ArrayList<>();
            for (InternalRow r : BatchScanUtils.collectRows(b)) {
                got.add(Show.row(r, t.type()));
            }
            assertThat(got).containsExactly("[17, v17]", "[18, v18]", "[19, v19]");
        }
    }

    @Test
    @DisplayName("a limit scan with projection and with more than there is gives all rows")
    void limitAll() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 4));
        try (Table tab = t.open();
                BatchScanner b =
                        tab.newScan()
                                .project(new int[] {1})
                                .limit(100)
                                .createBatchScanner(t.bucket(0))) {
            List<String> got = new ArrayList<>();
            for (InternalRow r : BatchScanUtils.collectRows(b)) {
                got.add(r.getString(0).toString());
            }
            assertThat(got).containsExactly("v0", "v1", "v2", "v3");
        }
    }

    @ParameterizedTest(name = "with acks {0} all rows arrive once")
    @ValueSource(strings = {"0", "1", "-1", "all"})
    void acks(String acks) throws Exception {
        T t = log("a INT, b STRING");
        try (Connection c =
                        connect(
                                "client.writer.acks",
                                acks,
                                "client.writer.enable-idempotence",
                                acks.equals("0") || acks.equals("1") ? "false" : "true");
                Table tab = c.getTable(t.path)) {
            AppendWriter w = tab.newAppend().createWriter();
            for (GenericRow r : numbered(0, 50)) {
                w.append(r);
            }
            w.flush();
        }
        await("all rows", () -> t.end() == 50);
        assertThat(t.changes()).hasSize(50).startsWith("+A[0, v0]").endsWith("+A[49, v49]");
    }

    @Test
    @DisplayName("20000 rows in small batches and 20000 in large ones arrive once and in order")
    void many() throws Exception {
        for (String size : new String[] {"2kb", "1mb"}) {
            T t = log("a INT, b STRING");
            try (Connection c =
                            connect(
                                    "client.writer.batch-size",
                                    size,
                                    "client.writer.buffer.page-size",
                                    size.equals("2kb") ? "1kb" : "128kb");
                    Table tab = c.getTable(t.path)) {
                AppendWriter w = tab.newAppend().createWriter();
                for (int i = 0; i < 20_000; i++) {
                    w.append(row(i, "v" + i % 100));
                }
                w.flush();
            }
            List<Change> cs = t.records(0);
            assertThat(cs).hasSize(20_000);
            for (int i = 0; i < cs.size(); i++) {
                if (!cs.get(i).text().equals("+A[" + i + "]") || cs.get(i).offset() != i) {
                    throw new AssertionError("at " + i + ": " + cs.get(i));
                }
            }
        }
    }

    @Test
    @DisplayName(
            "four writers at once lose nothing, and each one's rows keep their order in a bucket")
    void concurrent() throws Exception {
        T t = create(logOf("w INT, n INT").distributedBy(2));
        List<Thread> ts = new ArrayList<>();
        List<Throwable> bad = Collections.synchronizedList(new ArrayList<>());
        for (int w = 0; w < 4; w++) {
            int id = w;
            Thread th =
                    new Thread(
                            () -> {
                                try (Connection c = connect();
                                        Table tab = c.getTable(t.path)) {
                                    AppendWriter a = tab.newAppend().createWriter();
                                    for (int i = 0; i < 1000; i++) {
                                        a.append(row(id, i));
                                        if (i % 250 == 249) {
                                            a.flush();
                                        }
                                    }
                                } catch (Throwable e) {
                                    bad.add(e);
                                }
                            });
            th.start();
            ts.add(th);
        }
        for (Thread th : ts) {
            th.join();
        }
        assertThat(bad).isEmpty();
        List<Change> cs = t.records((int[]) null);
        assertThat(cs.stream().map(Change::text).distinct().count()).isEqualTo(4000);
        assertThat(cs).hasSize(4000);
        Map<String, Integer> last = new HashMap<>();
        for (Change c : cs) {
            String[] f = c.text().replaceAll("[^0-9,]", "").split(",");
            String k = c.bucket() + "/" + f[0];
            int n = Integer.parseInt(f[1]);
            assertThat(n).isGreaterThan(last.getOrDefault(k, -1));
            last.put(k, n);
        }
    }

    @Test
    @DisplayName("two scanners of one table read independently")
    void twoScanners() throws Exception {
        T t = log("a INT, b STRING");
        t.append(numbered(0, 3));
        try (Table tab = t.open();
                LogScanner s1 = tab.newScan().createLogScanner();
                LogScanner s2 = tab.newScan().createLogScanner()) {
            s1.subscribe(0, 0);
            s2.subscribe(0, 2);
            List<Long> a = new ArrayList<>();
            List<Long> b = new ArrayList<>();
            await(
                    "both",
                    () -> {
                        ScanRecords r1 = s1.poll(Duration.ofMillis(100));
                        r1.forEach(r -> a.add(r.logOffset()));
                        s2.poll(Duration.ofMillis(100)).forEach(r -> b.add(r.logOffset()));
                        return a.size() >= 3 && b.size() >= 1;
                    });
            assertThat(a).containsExactly(0L, 1L, 2L);
            assertThat(b).containsExactly(2L);
        }
    }
}
