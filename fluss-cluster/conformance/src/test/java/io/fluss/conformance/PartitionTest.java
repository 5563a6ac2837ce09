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
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.exception.InvalidPartitionException;
import org.apache.fluss.exception.InvalidTableException;
import org.apache.fluss.exception.PartitionAlreadyExistsException;
import org.apache.fluss.exception.PartitionNotExistException;
import org.apache.fluss.exception.TableNotExistException;
import org.apache.fluss.exception.TableNotPartitionedException;
import org.apache.fluss.exception.TooManyPartitionsException;
import org.apache.fluss.metadata.PartitionInfo;
import org.apache.fluss.metadata.TablePath;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Partitions")
class PartitionTest extends Case {

    private T logByDay() throws Exception {
        return create(logOf("n INT, day STRING").partitionedBy("day").distributedBy(1));
    }

    @Test
    @DisplayName("partitions are created, listed with distinct ids, and dropped")
    void life() throws Exception {
        T t = logByDay();
        assertThat(t.partitions()).isEmpty();
        get(admin.createPartition(t.path, part("day", "2024"), false));
        get(admin.createPartition(t.path, part("day", "2025"), false));
        List<PartitionInfo> ps = t.partitions();
        assertThat(t.partitionNames()).containsExactly("2024", "2025");
        assertThat(ps.get(0).getPartitionId()).isNotEqualTo(ps.get(1).getPartitionId());
        assertThat(ps.get(0).getPartitionSpec().getSpecMap()).containsOnlyKeys("day");
        get(admin.dropPartition(t.path, part("day", "2024"), false));
        assertThat(t.partitionNames()).containsExactly("2025");
    }

    @Test
    @DisplayName(
            "a partition that exists is refused, and ignored with the flag; an unknown one cannot be dropped")
    void existing() throws Exception {
        T t = logByDay();
        get(admin.createPartition(t.path, part("day", "d"), false));
        refused(
                PartitionAlreadyExistsException.class,
                () -> get(admin.createPartition(t.path, part("day", "d"), false)));
        get(admin.createPartition(t.path, part("day", "d"), true));
        refused(
                PartitionNotExistException.class,
                () -> get(admin.dropPartition(t.path, part("day", "e"), false)));
        get(admin.dropPartition(t.path, part("day", "e"), true));
        assertThat(t.partitionNames()).containsExactly("d");
    }

    @Test
    @DisplayName("the partition spec must name exactly the partition keys")
    void spec() throws Exception {
        T t = create(logOf("n INT, a STRING, b STRING").partitionedBy("a", "b").distributedBy(1));
        refused(
                InvalidPartitionException.class,
                () -> get(admin.createPartition(t.path, part("a", "1"), false)));
        refused(
                InvalidPartitionException.class,
                () -> get(admin.createPartition(t.path, part("a", "1", "c", "2"), false)));
        refused(
                InvalidPartitionException.class,
                () ->
                        get(
                                admin.createPartition(
                                        t.path, part("a", "1", "b", "2", "n", "3"), false)));
        assertThat(t.partitions()).isEmpty();
    }

    @ParameterizedTest(name = "the partition value \"{0}\" is refused")
    @CsvSource({"a.b", "'a b'", "a$b", "__x", "''"})
    void badValues(String value) throws Exception {
        T t = logByDay();
        refused(
                InvalidPartitionException.class,
                () -> get(admin.createPartition(t.path, part("day", value), false)));
    }

    @Test
    @DisplayName(
            "the name of a partition of several keys joins the values in key order, and lists can be filtered by one key")
    void severalKeys() throws Exception {
        T t = create(logOf("n INT, a STRING, b STRING").partitionedBy("b", "a").distributedBy(1));
        get(admin.createPartition(t.path, part("a", "1", "b", "x"), false));
        get(admin.createPartition(t.path, part("a", "2", "b", "x"), false));
        get(admin.createPartition(t.path, part("a", "1", "b", "y"), false));
        assertThat(t.partitionNames()).containsExactly("x$1", "x$2", "y$1");
        List<String> some = new ArrayList<>();
        get(admin.listPartitionInfos(t.path, part("a", "1")))
                .forEach(p -> some.add(p.getPartitionName()));
        assertThat(some).containsExactlyInAnyOrder("x$1", "y$1");
        assertThat(get(admin.listPartitionInfos(t.path, part("b", "z")))).isEmpty();
    }

    @Test
    @DisplayName("partition calls on a table without partitions, or on no table, fail")
    void notPartitioned() throws Exception {
        T t = log("a INT");
        refused(
                TableNotPartitionedException.class,
                () -> get(admin.createPartition(t.path, part("a", "1"), false)));
        refused(
                TableNotPartitionedException.class,
                () -> get(admin.dropPartition(t.path, part("a", "1"), false)));
        refused(TableNotPartitionedException.class, () -> get(admin.listPartitionInfos(t.path)));
        refused(
                TableNotExistException.class,
                () -> get(admin.listPartitionInfos(TablePath.of(db, "nope"))));
    }

    @Test
    @DisplayName("more partitions than the cluster allows are refused")
    void tooMany() throws Exception {
        T t = logByDay();
        for (int i = 0; i < 16; i++) {
            get(admin.createPartition(t.path, part("day", "p" + i), false));
        }
        refused(
                TooManyPartitionsException.class,
                () -> get(admin.createPartition(t.path, part("day", "p16"), false)));
        get(admin.dropPartition(t.path, part("day", "p0"), false));
        get(admin.createPartition(t.path, part("day", "p16"), false));
    }

    @Test
    @DisplayName("a writer creates the partitions it needs and rows land in their partition")
    void dynamic() throws Exception {
        T t = logByDay();
        t.append(row(1, "p1"), row(2, "p2"), row(3, "p1"));
        assertThat(t.partitionNames()).containsExactly("p1", "p2");
        assertThat(t.offsets("p1", new OffsetSpec.LatestSpec())).containsEntry(0, 2L);
        assertThat(t.offsets("p2", new OffsetSpec.LatestSpec())).containsEntry(0, 1L);
        assertThat(t.changes()).containsExactlyInAnyOrder("+A[1, p1]", "+A[3, p1]", "+A[2, p2]");
    }

    @Test
    @DisplayName("with dynamic creation off a write into an unknown partition fails")
    void dynamicOff() throws Exception {
        T t = logByDay();
        try (Connection c = connect("client.writer.dynamic-create-partition.enabled", "false");
                Table tab = c.getTable(t.path)) {
            AppendWriter w = tab.newAppend().createWriter();
            refused(PartitionNotExistException.class, () -> get(w.append(row(1, "none"))));
        }
        assertThat(t.partitions()).isEmpty();
    }

    @Test
    @DisplayName(
            "a primary key table keeps one key of each partition apart, and a lookup in an unknown partition finds nothing")
    void pkPartitions() throws Exception {
        T t =
                create(
                        pkOf("id INT, day STRING, v STRING", "id, day")
                                .partitionedBy("day")
                                .distributedBy(2));
        t.upsert(row(1, "a", "in a"), row(1, "b", "in b"), row(1, "a", "in a again"));
        assertThat(t.lookup(1, "a")).isEqualTo("[1, a, in a again]");
        assertThat(t.lookup(1, "b")).isEqualTo("[1, b, in b]");
        assertThat(t.lookup(1, "c")).isNull();
        assertThat(t.partitionNames()).containsExactly("a", "b");
        t.delete(row(1, "a", null));
        assertThat(t.lookup(1, "a")).isNull();
        assertThat(t.lookup(1, "b")).isEqualTo("[1, b, in b]");
    }

    @Test
    @DisplayName(
            "a dropped partition loses its rows, and one created again under the name has a new id and is empty")
    void dropData() throws Exception {
        T t =
                create(
                        pkOf("id INT, day STRING, v STRING", "id, day")
                                .partitionedBy("day")
                                .distributedBy(1));
        t.upsert(row(1, "a", "x"));
        long id = t.partitionId("a");
        get(admin.dropPartition(t.path, part("day", "a"), false));
        await(
                "the lookup finds nothing",
                () -> {
                    try (Connection c = connect();
                            Table tab = c.getTable(t.path)) {
                        return get(tab.newLookup().createLookuper().lookup(row(1, "a")))
                                        .getSingletonRow()
                                == null;
                    }
                });
        get(admin.createPartition(t.path, part("day", "a"), false));
        assertThat(t.partitionId("a")).isGreaterThan(id);
        try (Connection c = connect();
                Table tab = c.getTable(t.path)) {
            assertThat(get(tab.newLookup().createLookuper().lookup(row(1, "a"))).getSingletonRow())
                    .isNull();
        }
    }

    @Test
    @DisplayName("a scanner that unsubscribes one partition goes on with the other")
    void unsubscribe() throws Exception {
        T t = logByDay();
        t.append(row(1, "a"), row(2, "b"));
        long a = t.partitionId("a");
        long b = t.partitionId("b");
        try (Table tab = t.open();
                LogScanner s = tab.newScan().createLogScanner()) {
            s.subscribeFromBeginning(a, 0);
            s.subscribeFromBeginning(b, 0);
            List<Integer> got = new ArrayList<>();
            await(
                    "both",
                    () -> {
                        s.poll(Duration.ofMillis(100)).forEach(r -> got.add(r.getRow().getInt(0)));
                        return got.size() >= 2;
                    });
            s.unsubscribe(a, 0);
            t.append(row(3, "a"), row(4, "b"));
            await(
                    "the record of b",
                    () -> {
                        s.poll(Duration.ofMillis(100)).forEach(r -> got.add(r.getRow().getInt(0)));
                        return got.contains(4);
                    });
            s.poll(Duration.ofMillis(200)).forEach(r -> got.add(r.getRow().getInt(0)));
            assertThat(got).containsExactlyInAnyOrder(1, 2, 4);
        }
    }

    private static String day(int plus) {
        return LocalDate.now(ZoneOffset.UTC)
                .plusDays(plus)
                .format(DateTimeFormatter.ofPattern("yyyyMMdd"));
    }

    @Test
    @DisplayName(
            "an auto partitioned table has today's and the following partitions right after creation")
    void auto() throws Exception {
        T t =
                create(
                        logOf(
                                        "n INT, day STRING",
                                        "table.auto-partition.enabled",
                                        "true",
                                        "table.auto-partition.time-unit",
                                        "day",
                                        "table.auto-partition.num-precreate",
                                        "3",
                                        "table.auto-partition.time-zone",
                                        "UTC")
                                .partitionedBy("day")
                                .distributedBy(1));
        String first = day(0);
        await("three partitions", () -> t.partitions().size() >= 3);
        assertThat(t.partitionNames()).contains(day(1), day(2)).hasSize(3);
        assertThat(List.of(first, day(0))).contains(t.partitionNames().get(0));
        assertThat(t.info().isAutoPartitioned()).isTrue();
        t.append(row(1, day(1)));
        assertThat(t.changes()).containsExactly("+A[1, " + day(1) + "]");
    }

    @ParameterizedTest(name = "the partition of time unit {0} is named by the pattern {1}")
    @CsvSource({"YEAR,yyyy", "QUARTER,yyyyQ", "MONTH,yyyyMM", "HOUR,yyyyMMddHH"})
    void units(String unit, String pattern) throws Exception {
        T t =
                create(
                        logOf(
                                        "n INT, p STRING",
                                        "table.auto-partition.enabled",
                                        "true",
                                        "table.auto-partition.time-unit",
                                        unit,
                                        "table.auto-partition.num-precreate",
                                        "1",
                                        "table.auto-partition.time-zone",
                                        "UTC")
                                .partitionedBy("p")
                                .distributedBy(1));
        await("a partition", () -> !t.partitions().isEmpty());
        String now =
                java.time.ZonedDateTime.now(ZoneOffset.UTC)
                        .format(DateTimeFormatter.ofPattern(pattern));
        String before =
                java.time.ZonedDateTime.now(ZoneOffset.UTC)
                        .minusSeconds(40)
                        .format(DateTimeFormatter.ofPattern(pattern));
        assertThat(List.of(now, before)).containsAnyElementsOf(t.partitionNames());
    }

    @Test
    @DisplayName(
            "a partition older than the retention is dropped by the next run, younger ones stay")
    void retention() throws Exception {
        T t =
                create(
                        logOf(
                                        "n INT, day STRING",
                                        "table.auto-partition.enabled",
                                        "true",
                                        "table.auto-partition.time-unit",
                                        "day",
                                        "table.auto-partition.num-precreate",
                                        "1",
                                        "table.auto-partition.num-retention",
                                        "3",
                                        "table.auto-partition.time-zone",
                                        "UTC")
                                .partitionedBy("day")
                                .distributedBy(1));
        await("the first partition", () -> !t.partitions().isEmpty());
        get(admin.createPartition(t.path, part("day", day(-1)), false));
        get(admin.createPartition(t.path, part("day", day(20)), false));
        get(admin.createPartition(t.path, part("day", day(-8)), false));
        await("the old partition is gone", () -> !t.partitionNames().contains(day(-8)));
        assertThat(t.partitionNames()).contains(day(-1), day(20));
    }

    @Test
    @DisplayName("auto partition over two keys needs the key named and creates nothing beforehand")
    void autoTwoKeys() throws Exception {
        refused(
                InvalidTableException.class,
                () ->
                        get(
                                admin.createTable(
                                        TablePath.of(db, unique("t")),
                                        logOf(
                                                        "n INT, r STRING, day STRING",
                                                        "table.auto-partition.enabled",
                                                        "true")
                                                .partitionedBy("r", "day")
                                                .distributedBy(1)
                                                .build(),
                                        false)));
        T t =
                create(
                        logOf(
                                        "n INT, r STRING, day STRING",
                                        "table.auto-partition.enabled",
                                        "true",
                                        "table.auto-partition.key",
                                        "day",
                                        "table.auto-partition.time-unit",
                                        "day")
                                .partitionedBy("r", "day")
                                .distributedBy(1));
        assertThat(t.info().getProperties().toMap())
                .containsEntry("table.auto-partition.num-precreate", "0");
        t.append(row(1, "eu", day(0)), row(2, "us", day(0)));
        assertThat(t.partitionNames()).containsExactly("eu$" + day(0), "us$" + day(0));
    }
}
