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

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.exception.DeletionDisabledException;
import org.apache.fluss.metadata.AggFunction;
import org.apache.fluss.metadata.AggFunctionType;
import org.apache.fluss.metadata.AggFunctions;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.Decimal;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.TimestampNtz;
import org.apache.fluss.rpc.protocol.MergeMode;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

@DisplayName("Merge engines")
class MergeTest extends Case {

    @Test
    @DisplayName(
            "first_row keeps the first row of a key for ever and its changelog has inserts only")
    void firstRow() throws Exception {
        T t = pk("id INT, v STRING", "id", "table.merge-engine", "first_row");
        t.upsert(row(1, "a"), row(1, "b"), row(2, "c"));
        t.delete(row(1, null));
        t.upsertTogether(row(3, "d"), row(3, "e"));
        assertThat(t.changes()).containsExactly("+I[1, a]", "+I[2, c]", "+I[3, d]");
        assertThat(t.lookup(1)).isEqualTo("[1, a]");
    }

    @Test
    @DisplayName(
            "versioned replaces a row by one of a higher or equal version only, null is the lowest")
    void versioned() throws Exception {
        T t =
                pk(
                        "id INT, v STRING, ver BIGINT",
                        "id",
                        "table.merge-engine",
                        "versioned",
                        "table.merge-engine.versioned.ver-column",
                        "ver");
        t.upsert(
                row(1, "a", 5L),
                row(1, "older", 4L),
                row(1, "equal", 5L),
                row(1, "newer", 6L),
                row(1, "none", null));
        t.upsert(
                row(2, "first none", null),
                row(2, "second none", null),
                row(2, "lowest", Long.MIN_VALUE));
        t.delete(row(1, null, 9L));
        assertThat(t.changes())
                .containsExactly(
                        "+I[1, a, 5]",
                        "-U[1, a, 5]",
                        "+U[1, equal, 5]",
                        "-U[1, equal, 5]",
                        "+U[1, newer, 6]",
                        "+I[2, first none, null]",
                        "-U[2, first none, null]",
                        "+U[2, second none, null]",
                        "-U[2, second none, null]",
                        "+U[2, lowest, " + Long.MIN_VALUE + "]");
        assertThat(t.lookup(1)).isEqualTo("[1, newer, 6]");
    }

    @Test
    @DisplayName("versioned compares timestamps to the nanosecond")
    void versionedTimestamp() throws Exception {
        T t =
                pk(
                        "id INT, v STRING, ver TIMESTAMP(9)",
                        "id",
                        "table.merge-engine",
                        "versioned",
                        "table.merge-engine.versioned.ver-column",
                        "ver");
        t.upsert(
                row(1, "a", TimestampNtz.fromMillis(10, 5)),
                row(1, "b", TimestampNtz.fromMillis(10, 4)),
                row(1, "c", TimestampNtz.fromMillis(10, 6)),
                row(1, "d", TimestampNtz.fromMillis(9, 999_999)));
        assertThat(t.lookup(1)).isEqualTo("[1, c, 10.6]");
    }

    @Test
    @DisplayName("versioned with deletes disabled refuses a delete")
    void versionedDisabled() throws Exception {
        T t =
                pk(
                        "id INT, ver INT",
                        "id",
                        "table.merge-engine",
                        "versioned",
                        "table.merge-engine.versioned.ver-column",
                        "ver",
                        "table.delete.behavior",
                        "disable");
        t.upsert(row(1, 1));
        refused(DeletionDisabledException.class, () -> t.delete(row(1, 2)));
    }

    private T aggregated(String type, AggFunction f, String... more) throws Exception {
        Schema s =
                Schema.newBuilder()
                        .column("id", DataTypes.INT())
                        .column("v", DataTypes.parse(type), f)
                        .primaryKey("id")
                        .build();
        String[] p = new String[more.length + 2];
        p[0] = "table.merge-engine";
        p[1] = "aggregation";
        System.arraycopy(more, 0, p, 2, more.length);
        return create(describe(s, p).distributedBy(1));
    }

    private static Decimal dec(String s, int precision) {
        BigDecimal d = new BigDecimal(s);
        return Decimal.fromBigDecimal(d, precision, d.scale());
    }

    static List<Arguments> functions() {
        List<Arguments> a = new ArrayList<>();
        add(a, "sum", "INT", "12", 5, null, 7);
        add(a, "sum", "BIGINT", "-1", 4L, -5L);
        add(a, "sum", "TINYINT", "-126", (byte) 127, (byte) 3);
        add(a, "sum", "INT", "" + Integer.MIN_VALUE, Integer.MAX_VALUE, 1);
        add(a, "sum", "DOUBLE", "0.75", 0.5, 0.25);
        add(a, "sum", "DECIMAL(5, 2)", "12.00", dec("1.50", 5), dec("10.50", 5));
        add(a, "product", "INT", "-24", 2, null, 3, -4);
        add(a, "product", "DOUBLE", "0.125", 0.5, 0.25);
        add(a, "max", "INT", "9", 3, 9, null, 4);
        add(a, "max", "STRING", "b", "a", "b", "B");
        add(a, "min", "BIGINT", "-7", 3L, -7L, null);
        add(a, "min", "DATE", "10", 20, 10, 30);
        add(
                a,
                "max",
                "TIMESTAMP(9)",
                "5.7",
                TimestampNtz.fromMillis(5, 6),
                TimestampNtz.fromMillis(5, 7),
                TimestampNtz.fromMillis(4, 999));
        add(a, "last_value", "STRING", "null", "a", "b", null);
        add(a, "last_value_ignore_nulls", "STRING", "b", "a", "b", null);
        add(a, "first_value", "STRING", "a", "a", "b", null);
        add(a, "first_value_ignore_nulls", "STRING", "b", null, "b", "c");
        add(a, "listagg", "STRING", "a,b,c", "a", "b", null, "c");
        add(a, "bool_and", "BOOLEAN", "false", true, null, false, true);
        add(a, "bool_or", "BOOLEAN", "true", false, true, null, false);
        return a;
    }

    private static void add(List<Arguments> a, String f, String type, String want, Object... in) {
        a.add(Arguments.of(f, type, want, in));
    }

    @ParameterizedTest(name = "aggregation {0} over {1} gives {2}")
    @MethodSource("functions")
    void aggregation(String function, String type, String want, Object[] in) throws Exception {
        T t = aggregated(type, AggFunctions.of(AggFunctionType.fromString(function)));
        for (Object o : in) {
            t.upsert(row(1, o));
        }
        assertThat(t.lookup(1)).isEqualTo("[1, " + want + "]");
        List<String> cs = t.changes();
        assertThat(cs).hasSize(2 * in.length - 1);
        assertThat(cs.get(0)).startsWith("+I");
        assertThat(cs.get(cs.size() - 1)).isEqualTo("+U[1, " + want + "]");
    }

    @Test
    @DisplayName("aggregation listagg takes a delimiter, and string_agg is the same")
    void delimiter() throws Exception {
        T t = aggregated("STRING", AggFunctions.LISTAGG(" | "));
        t.upsert(row(1, "a"), row(1, "b"));
        assertThat(t.lookup(1)).isEqualTo("[1, a | b]");
        T u = aggregated("STRING", AggFunctions.STRING_AGG(";"));
        u.upsert(row(1, "a"), row(1, ""), row(1, "b"));
        assertThat(u.lookup(1)).isEqualTo("[1, a;;b]");
        assertThat(u.info().getSchema().getAggFunction("v").orElseThrow().getParameters())
                .isEqualTo(Map.of("delimiter", ";"));
    }

    private static byte[] bitmap(int... values) throws Exception {
        ByteArrayOutputStream o = new ByteArrayOutputStream();
        RoaringBitmap.bitmapOf(values).serialize(new DataOutputStream(o));
        return o.toByteArray();
    }

    @Test
    @DisplayName("aggregation rbm32 is the union of bitmaps")
    void rbm32() throws Exception {
        T t = aggregated("BYTES", AggFunctions.RBM32());
        t.upsert(row(1, bitmap(1, 5, 100_000)), row(1, null), row(1, bitmap(2, 5, -1)));
        try (Table tab = t.open()) {
            byte[] b =
                    get(tab.newLookup().createLookuper().lookup(row(1)))
                            .getSingletonRow()
                            .getBytes(1);
            RoaringBitmap r = new RoaringBitmap();
            r.deserialize(java.nio.ByteBuffer.wrap(b));
            assertThat(r.toArray()).containsExactly(1, 2, 5, 100_000, -1);
        }
    }

    @Test
    @DisplayName(
            "aggregation without a function keeps the last value that is not null, and key columns stay")
    void defaultFunction() throws Exception {
        T t = pk("id INT, a STRING, b INT", "id", "table.merge-engine", "aggregation");
        t.upsert(row(1, "x", null), row(1, null, 5), row(1, "y", null));
        assertThat(t.changes())
                .containsExactly(
                        "+I[1, x, null]",
                        "-U[1, x, null]",
                        "+U[1, x, 5]",
                        "-U[1, x, 5]",
                        "+U[1, y, 5]");
    }

    private T sums(String... more) throws Exception {
        Schema s =
                Schema.newBuilder()
                        .column("id", DataTypes.INT())
                        .column("a", DataTypes.INT(), AggFunctions.SUM())
                        .column("b", DataTypes.INT(), AggFunctions.MAX())
                        .primaryKey("id")
                        .build();
        String[] p = new String[more.length + 2];
        p[0] = "table.merge-engine";
        p[1] = "aggregation";
        System.arraycopy(more, 0, p, 2, more.length);
        return create(describe(s, p).distributedBy(1));
    }

    @Test
    @DisplayName("partial aggregation changes the target columns only")
    void partialAggregation() throws Exception {
        T t = sums();
        t.upsert(row(1, 1, 1));
        t.upsertOnly("id, a", row(1, 10, null));
        t.upsertOnly("id, b", row(1, null, 7));
        assertThat(t.lookup(1)).isEqualTo("[1, 11, 7]");
    }

    @Test
    @DisplayName("aggregation ignores deletes by default and removes the row when they are allowed")
    void aggregationDelete() throws Exception {
        T t = sums();
        t.upsert(row(1, 1, 1));
        t.delete(row(1, null, null));
        assertThat(t.lookup(1)).isEqualTo("[1, 1, 1]");
        T u = sums("table.delete.behavior", "allow");
        u.upsert(row(1, 1, 1));
        u.delete(row(1, null, null));
        assertThat(u.lookup(1)).isNull();
        u.upsert(row(1, 4, 4));
        assertThat(u.changes()).containsExactly("+I[1, 1, 1]", "-D[1, 1, 1]", "+I[1, 4, 4]");
    }

    @Test
    @DisplayName("the overwrite mode replaces aggregated values and allows deletes")
    void overwrite() throws Exception {
        T t = sums();
        t.upsert(row(1, 5, 5), row(1, 5, 9));
        try (Table tab = t.open()) {
            UpsertWriter w = tab.newUpsert().mergeMode(MergeMode.OVERWRITE).createWriter();
            get(flushed(w, w.upsert(row(1, 3, 2))));
        }
        assertThat(t.lookup(1)).isEqualTo("[1, 3, 2]");
        t.upsert(row(1, 1, 1));
        assertThat(t.lookup(1)).isEqualTo("[1, 4, 2]");
        try (Table tab = t.open()) {
            UpsertWriter w = tab.newUpsert().mergeMode(MergeMode.OVERWRITE).createWriter();
            get(flushed(w, w.delete(row(1, null, null))));
        }
        assertThat(t.lookup(1)).isNull();
    }

    static <X> X flushed(UpsertWriter w, X f) {
        w.flush();
        return f;
    }

    @ParameterizedTest(name = "aggregation {0} on a column of type {1} is refused")
    @CsvSource({"sum,STRING", "listagg,INT", "bool_or,INT", "max,BYTES", "rbm32,STRING"})
    void functionType(String f, String type) {
        refused(
                Exception.class,
                () -> {
                    Schema b =
                            Schema.newBuilder()
                                    .column("id", DataTypes.INT())
                                    .column(
                                            "v",
                                            DataTypes.parse(type),
                                            AggFunctions.of(AggFunctionType.fromString(f)))
                                    .primaryKey("id")
                                    .build();
                    get(
                            admin.createTable(
                                    TablePath.of(db, unique("t")),
                                    describe(b, "table.merge-engine", "aggregation")
                                            .distributedBy(1)
                                            .build(),
                                    false));
                });
    }

    @Test
    @DisplayName("partial updates of first_row and versioned tables are refused")
    void partialRefused() throws Exception {
        T t = pk("id INT, v STRING", "id", "table.merge-engine", "first_row");
        refused(Exception.class, () -> t.upsertOnly("id", row(1, null)));
        T u =
                pk(
                        "id INT, v STRING, ver INT",
                        "id",
                        "table.merge-engine",
                        "versioned",
                        "table.merge-engine.versioned.ver-column",
                        "ver");
        refused(Exception.class, () -> u.upsertOnly("id, v", row(1, "x", null)));
        GenericRow r = row(1, "y", 1);
        u.upsert(r);
        assertThat(u.lookup(1)).isEqualTo("[1, y, 1]");
    }
}
