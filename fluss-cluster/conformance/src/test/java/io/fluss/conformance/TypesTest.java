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

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.fluss.row.Decimal;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.TimestampLtz;
import org.apache.fluss.row.TimestampNtz;
import org.apache.fluss.types.RowType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Data types")
class TypesTest extends Case {
    private static final String ALL =
            "k INT NOT NULL, bo BOOLEAN, ti TINYINT, si SMALLINT, i INT, bi BIGINT, f FLOAT, d DOUBLE, ch CHAR(5), st STRING, "
                    + "bn BINARY(4), bs BYTES, dc DECIMAL(10, 2), db DECIMAL(38, 10), da DATE, tm TIME(3), ts3 TIMESTAMP(3), ts9 TIMESTAMP(9), lz3 TIMESTAMP_LTZ(3), lz6 TIMESTAMP_LTZ(6)";

    private static Decimal dec(String s, int p) {
        BigDecimal d = new BigDecimal(s);
        return Decimal.fromBigDecimal(d, p, d.scale());
    }

    private static List<GenericRow> rows() {
        List<GenericRow> out = new ArrayList<>();
        out.add(
                row(
                        1,
                        true,
                        (byte) 1,
                        (short) 2,
                        3,
                        4L,
                        1.5f,
                        2.25d,
                        "abcde",
                        "text",
                        new byte[] {1, 2, 3, 4},
                        new byte[] {9},
                        dec("12.34", 10),
                        dec("12345678901234567890.0123456789", 38),
                        19000,
                        3600_000,
                        TimestampNtz.fromMillis(1_700_000_000_123L),
                        TimestampNtz.fromMillis(1_700_000_000_123L, 456_789),
                        TimestampLtz.fromEpochMillis(1_700_000_000_123L),
                        TimestampLtz.fromEpochMillis(1_700_000_000_123L, 456_000)));
        GenericRow nulls = new GenericRow(20);
        nulls.setField(0, 2);
        out.add(nulls);
        out.add(
                row(
                        3,
                        false,
                        Byte.MIN_VALUE,
                        Short.MIN_VALUE,
                        Integer.MIN_VALUE,
                        Long.MIN_VALUE,
                        -Float.MAX_VALUE,
                        Double.MIN_VALUE,
                        "zzzzz",
                        "",
                        new byte[] {-1, -1, -1, -1},
                        new byte[0],
                        dec("-99999999.99", 10),
                        Decimal.fromBigDecimal(
                                new BigDecimal(
                                        BigInteger.TEN.pow(38).subtract(BigInteger.ONE).negate(),
                                        10),
                                38,
                                10),
                        -719162,
                        0,
                        TimestampNtz.fromMillis(-1),
                        TimestampNtz.fromMillis(0, 999_999),
                        TimestampLtz.fromEpochMillis(-62_135_596_800_000L),
                        TimestampLtz.fromEpochMillis(1, 999_000)));
        out.add(
                row(
                        4,
                        true,
                        Byte.MAX_VALUE,
                        Short.MAX_VALUE,
                        Integer.MAX_VALUE,
                        Long.MAX_VALUE,
                        Float.NaN,
                        Double.NEGATIVE_INFINITY,
                        "häß",
                        "ünïcödé \u4e2d\u6587 \ud83d\ude80",
                        new byte[] {1, 0, 1, 1},
                        new byte[300],
                        dec("0.00", 10),
                        Decimal.fromBigDecimal(new BigDecimal("0E-10"), 38, 10),
                        2932896,
                        86_399_999,
                        TimestampNtz.fromMillis(253_402_300_799_999L),
                        TimestampNtz.fromMillis(4_102_444_800_000L, 1),
                        TimestampLtz.fromEpochMillis(253_402_300_799_999L),
                        TimestampLtz.fromEpochMillis(0, 1000)));
        return out;
    }

    private static List<String> shown(RowType type, String change) {
        List<String> out = new ArrayList<>();
        for (GenericRow r : rows()) {
            out.add(change + Show.row(r, type));
        }
        return out;
    }

    @ParameterizedTest(
            name = "every scalar type comes back from a log table, format {0}, compression {1}")
    @CsvSource({"ARROW,NONE", "ARROW,LZ4_FRAME", "ARROW,ZSTD", "INDEXED,", "COMPACTED,"})
    void logRows(String format, String compression) throws Exception {
        T t =
                compression == null
                        ? log(ALL, "table.log.format", format)
                        : log(
                                ALL,
                                "table.log.format",
                                format,
                                "table.log.arrow.compression.type",
                                compression);
        t.append(rows().toArray(new GenericRow[0]));
        assertThat(t.changes()).isEqualTo(shown(t.type(), "+A"));
    }

    @ParameterizedTest(
            name =
                    "every scalar type comes back from a primary key table by lookup and changelog, row format {0}, log format {1}")
    @CsvSource({"COMPACTED,ARROW", "INDEXED,ARROW", "COMPACTED,COMPACTED"})
    void pkRows(String kv, String log) throws Exception {
        T t = pk(ALL, "k", "table.kv.format", kv, "table.log.format", log);
        t.upsertTogether(rows().toArray(new GenericRow[0]));
        for (GenericRow r : rows()) {
            assertThat(t.lookup(r.getInt(0))).isEqualTo(Show.row(r, t.type()));
        }
        assertThat(t.changes()).isEqualTo(shown(t.type(), "+I"));
    }

    @ParameterizedTest(
            name =
                    "timestamps before 1970 with digits below the millisecond come back, log format {0}")
    @CsvSource({"INDEXED", "COMPACTED"}) // the published client cannot read them from ARROW batches
    void beforeTheEpoch(String format) throws Exception {
        T t = log("a TIMESTAMP(9), b TIMESTAMP_LTZ(6)", "table.log.format", format);
        t.append(
                row(
                        TimestampNtz.fromMillis(-1, 999_999),
                        TimestampLtz.fromEpochMillis(-1001, 1000)),
                row(
                        TimestampNtz.fromMillis(-86_400_000_000L, 0),
                        TimestampLtz.fromEpochMillis(-1, 999_000)));
        assertThat(t.changes())
                .containsExactly("+A[-1.999999, -1001.1000]", "+A[-86400000000.0, -1.999000]");
    }

    private static final String NESTED =
            "k INT NOT NULL, ai ARRAY<INT>, as_ ARRAY<STRING>, aa ARRAY<ARRAY<BIGINT>>, m MAP<STRING, INT>, mm MAP<INT, MAP<STRING, DOUBLE>>, "
                    + "r ROW<x INT, y STRING, z ROW<d DECIMAL(20, 3), b BYTES>>, ar ARRAY<ROW<p BOOLEAN, q TIMESTAMP(9)>>";

    private static GenericRow[] nested() {
        return new GenericRow[] {
            row(
                    1,
                    array(1, 2, 3),
                    array("a", "", "c"),
                    array(array(1L), array(2L, 3L)),
                    map("one", 1, "two", 2),
                    map(1, map("x", 1.5)),
                    row(7, "in", row(dec("12345678901234567.891", 20), new byte[] {1})),
                    array(
                            row(true, TimestampNtz.fromMillis(5, 6)),
                            row(false, TimestampNtz.fromMillis(0, 999_999)))),
            row(2, null, null, null, null, null, null, null),
            row(
                    3,
                    array(),
                    array(),
                    array(array(), array()),
                    map(),
                    map(5, map()),
                    row(null, null, null),
                    array()),
            row(
                    4,
                    array(null, Integer.MIN_VALUE, null),
                    array(null, repeat("long", 50), null),
                    array((Object) null),
                    map("k", null),
                    map(1, null, 2, map("n", null)),
                    row(null, "only y", row(null, null)),
                    array(null, row(null, null))),
        };
    }

    @ParameterizedTest(
            name =
                    "arrays, maps and rows, nested and with nulls, come back from a log table, format {0}")
    @CsvSource({"ARROW", "INDEXED", "COMPACTED"})
    void nestedLog(String format) throws Exception {
        T t = log(NESTED, "table.log.format", format);
        t.append(nested());
        List<String> want = new ArrayList<>();
        for (GenericRow r : nested()) {
            want.add("+A" + Show.row(r, t.type()));
        }
        assertThat(t.changes()).isEqualTo(want);
    }

    @ParameterizedTest(
            name = "arrays, maps and rows come back from a primary key table, row format {0}")
    @CsvSource({"COMPACTED", "INDEXED"})
    void nestedPk(String kv) throws Exception {
        T t = pk(NESTED, "k", "table.kv.format", kv);
        t.upsertTogether(nested());
        List<String> want = new ArrayList<>();
        for (GenericRow r : nested()) {
            want.add("+I" + Show.row(r, t.type()));
            assertThat(t.lookup(r.getInt(0))).isEqualTo(Show.row(r, t.type()));
        }
        assertThat(t.changes()).isEqualTo(want);
    }

    @Test
    @DisplayName("a key of every type that a key may have finds its row")
    void keyTypes() throws Exception {
        T t =
                create(
                        pkOf(
                                        "bo BOOLEAN, ti TINYINT, si SMALLINT, i INT, bi BIGINT, f FLOAT, d DOUBLE, ch CHAR(3), st STRING, bn BINARY(2), bs BYTES, dc DECIMAL(5, 1), "
                                                + "db DECIMAL(30, 0), da DATE, tm TIME, ts TIMESTAMP(9), lz TIMESTAMP_LTZ(3), v STRING",
                                        "bo, ti, si, i, bi, f, d, ch, st, bn, bs, dc, db, da, tm, ts, lz")
                                .distributedBy(3));
        Object[] a = {
            true,
            (byte) -1,
            (short) -1,
            -1,
            -1L,
            -0.5f,
            1e300,
            "abc",
            "ключ",
            new byte[] {0, 1},
            new byte[] {},
            dec("-1.5", 5),
            dec("-123456789012345678901", 30),
            -1,
            1,
            TimestampNtz.fromMillis(-1, 1),
            TimestampLtz.fromEpochMillis(1)
        };
        Object[] b = a.clone();
        b[16] = TimestampLtz.fromEpochMillis(2);
        t.upsert(row(join(a, "first")), row(join(b, "second")));
        assertThat(t.lookup(a)).endsWith("first]");
        assertThat(t.lookup(b)).endsWith("second]");
        b[0] = false;
        assertThat(t.lookup(b)).isNull();
    }

    private static Object[] join(Object[] a, Object more) {
        Object[] out = java.util.Arrays.copyOf(a, a.length + 1);
        out[a.length] = more;
        return out;
    }

    @Test
    @DisplayName("a log table of 200 columns comes back whole and by a projection of both ends")
    void wide() throws Exception {
        StringBuilder cols = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            cols.append(i == 0 ? "" : ", ")
                    .append("c")
                    .append(i)
                    .append(i % 2 == 0 ? " INT" : " STRING");
        }
        T t = log(cols.toString());
        GenericRow[] rs = new GenericRow[10];
        for (int r = 0; r < rs.length; r++) {
            Object[] v = new Object[200];
            for (int i = 0; i < 200; i++) {
                v[i] =
                        (i + r) % 7 == 0
                                ? null
                                : i % 2 == 0 ? (Object) (i * 1000 + r) : "s" + i + "_" + r;
            }
            rs[r] = row(v);
        }
        t.append(rs);
        List<String> want = new ArrayList<>();
        List<String> ends = new ArrayList<>();
        for (GenericRow r : rs) {
            want.add("+A" + Show.row(r, t.type()));
            ends.add(
                    "+A["
                            + Show.at(r, 0, t.type().getTypeAt(0))
                            + ", "
                            + Show.at(r, 199, t.type().getTypeAt(199))
                            + "]");
        }
        assertThat(t.changes()).isEqualTo(want);
        assertThat(t.changes(0, 199)).isEqualTo(ends);
    }

    @Test
    @DisplayName("a primary key table of 200 columns is looked up whole")
    void widePk() throws Exception {
        StringBuilder cols = new StringBuilder("k BIGINT");
        for (int i = 1; i < 200; i++) {
            cols.append(", c").append(i).append(i % 3 == 0 ? " DOUBLE" : " STRING");
        }
        T t = pk(cols.toString(), "k");
        Object[] v = new Object[200];
        v[0] = 5L;
        for (int i = 1; i < 200; i++) {
            v[i] = i % 5 == 0 ? null : i % 3 == 0 ? (Object) (i / 3.0) : "v" + i;
        }
        t.upsert(row(v));
        assertThat(t.lookup(5L)).isEqualTo(Show.row(row(v), t.type()));
    }

    @Test
    @DisplayName("strings of a megabyte and of every length around the power of two come back")
    void sizes() throws Exception {
        T t = log("n INT, s STRING, b BYTES");
        int[] sizes = {0, 1, 7, 8, 9, 15, 16, 17, 127, 128, 129, 16383, 16384, 1 << 20};
        GenericRow[] rs = new GenericRow[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            rs[i] = row(sizes[i], repeat("x", sizes[i]), new byte[sizes[i]]);
        }
        t.append(rs);
        List<String> want = new ArrayList<>();
        for (GenericRow r : rs) {
            want.add("+A" + Show.row(r, t.type()));
        }
        assertThat(t.changes().equals(want)).as("all rows equal").isTrue();
    }
}
