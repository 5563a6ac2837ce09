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
package io.fluss.formats.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random rows and random predicates against an oracle that looks at every row, in the logic of
 * Spark: three-valued, and NaN above all numbers.
 */
class BatchFilterPropertyTest {
    private static final List<DataType> TYPES =
            List.of(
                    DataTypes.bool(),
                    DataTypes.tinyInt(),
                    DataTypes.smallInt(),
                    DataTypes.integer(),
                    DataTypes.bigInt(),
                    DataTypes.floating(),
                    DataTypes.doubling(),
                    DataTypes.character(10),
                    DataTypes.string(),
                    DataTypes.decimal(9, 2),
                    DataTypes.decimal(38, 10),
                    DataTypes.date(),
                    DataTypes.time(0),
                    DataTypes.time(3),
                    DataTypes.time(6),
                    DataTypes.time(9),
                    DataTypes.timestamp(0),
                    DataTypes.timestamp(3),
                    DataTypes.timestamp(6),
                    DataTypes.timestamp(9),
                    DataTypes.timestampLtz(6));

    private static final TableSchema SCHEMA = schema();
    private static final StatisticsColumns STATISTICS =
            StatisticsColumns.of(
                            TableDescriptor.of(SCHEMA)
                                    .withProperty(TableOptions.STATISTICS_COLUMNS, "*"))
                    .orElseThrow();
    private static final Predicates PREDICATES = new Predicates(SCHEMA);

    private static TableSchema schema() {
        List<Column> columns = new ArrayList<>();
        for (DataType type : TYPES) {
            columns.add(Column.of("c" + columns.size(), type));
        }
        return TableSchema.of(columns, List.of());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverRulesOutAWantedRow(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int ruledOut = 0;
        int wanted = 0;
        try (BufferAllocator allocator = new RootAllocator()) {
            for (int b = 0; b < 150; b++) {
                List<List<Object>> rows = rows(random);
                LogBatch batch = batch(rows, allocator);
                for (int p = 0; p < 40; p++) {
                    Both predicate = predicate(random, 3);
                    boolean any = rows.stream().anyMatch(r -> predicate.oracle.isTrue(r));
                    boolean may =
                            BatchFilter.of(predicate.pushed, SCHEMA)
                                    .map(f -> f.mayMatch(batch.statistics(), batch.recordCount()))
                                    .orElse(true);
                    assertThat(may || !any)
                            .as("seed %s: %s on %s", seed, predicate.pushed, rows)
                            .isTrue();
                    ruledOut += may ? 0 : 1;
                    wanted += any ? 1 : 0;
                }
            }
        }
        assertThat(ruledOut).isGreaterThan(500);
        assertThat(wanted).isGreaterThan(500);
    }

    @Test
    void batchesWithoutStatisticsOrWithDamagedOnesAreWanted() {
        BatchFilter filter = filter(PREDICATES.compare("c3", Predicate.Operator.GREATER, 10));
        assertThat(filter.mayMatch(java.nio.ByteBuffer.allocate(0), 3)).isTrue();
        assertThat(filter.mayMatch(java.nio.ByteBuffer.allocate(7), 3)).isTrue();
    }

    @Test
    void longTextsAreShortenedWithoutLosingRows() {
        TableSchema schema = TableSchema.of(Column.of("s", DataTypes.string()));
        Predicates predicates = new Predicates(schema);
        String long1 = "ä".repeat(400);
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(ArrowSchemas.of(schema.rowType()), allocator)) {
            VarCharVector s = (VarCharVector) root.getVector(0);
            s.setSafe(0, long1.getBytes(StandardCharsets.UTF_8));
            root.setRowCount(1);
            LogBatch batch =
                    LogBatch.at(
                            ArrowBatches.encode(
                                    root,
                                    StatisticsColumns.of(schema.rowType(), List.of(0)),
                                    1,
                                    -1,
                                    -1,
                                    ArrowCompression.NONE,
                                    1),
                            0);
            assertThat(batch.statistics().remaining()).isLessThan(400);
            for (String text : List.of(long1, "ä".repeat(399), "ä".repeat(63))) {
                boolean isWhole = text.equals(long1);
                assertThat(may(predicates.compare("s", Predicate.Operator.EQUAL, text), batch))
                        .isEqualTo(isWhole || text.length() > 64);
                assertThat(may(predicates.match("s", Predicate.Place.START, text), batch)).isTrue();
            }
            assertThat(may(predicates.compare("s", Predicate.Operator.GREATER, "å"), batch))
                    .isFalse();
            assertThat(may(predicates.compare("s", Predicate.Operator.NOT_EQUAL, long1), batch))
                    .isTrue();
            assertThat(may(predicates.match("s", Predicate.Place.START, "b"), batch)).isFalse();
            assertThat(may(predicates.match("s", Predicate.Place.END, "b"), batch)).isTrue();
        }
    }

    @Test
    void whatDoesNotFitTheSchemaFiltersNothing() {
        TableSchema other = TableSchema.of(Column.of("x", DataTypes.integer()));
        Predicate onOther = PREDICATES.compare("c3", Predicate.Operator.EQUAL, 5); // column id 3
        assertThat(BatchFilter.of(onOther, other)).isEmpty();
        assertThat(BatchFilter.of(PREDICATES.compare("c0", Predicate.Operator.EQUAL, true), other))
                .isEmpty();
        assertThat(PREDICATES.compare("c3", Predicate.Operator.EQUAL, null))
                .isEqualTo(Predicate.UNKNOWN);
        assertThat(PREDICATES.compare("c1", Predicate.Operator.EQUAL, 128))
                .isEqualTo(Predicate.UNKNOWN);
        assertThat(PREDICATES.compare("c9", Predicate.Operator.LESS, new BigDecimal("1.001")))
                .isEqualTo(Predicate.UNKNOWN);
        assertThat(PREDICATES.compare("c9", Predicate.Operator.LESS, new BigDecimal("1e999999999")))
                .isEqualTo(Predicate.UNKNOWN);
        assertThat(PREDICATES.compare("c5", Predicate.Operator.LESS, Float.NaN))
                .isEqualTo(Predicate.UNKNOWN);
    }

    private static BatchFilter filter(Predicate predicate) {
        return BatchFilter.of(predicate, SCHEMA).orElseThrow();
    }

    private static boolean may(Predicate predicate, LogBatch batch) {
        return BatchFilter.of(predicate, TableSchema.of(Column.of("s", DataTypes.string())))
                .orElseThrow()
                .mayMatch(batch.statistics(), batch.recordCount());
    }

    // ---- rows

    private static List<List<Object>> rows(SplittableRandom random) {
        // Few and close values, so that predicates hit and miss whole batches.
        int base = random.nextInt(-6, 7);
        int width = random.nextInt(1, 4);
        int nulls = random.nextInt(4) == 0 ? 1 : random.nextInt(2, 12);
        List<List<Object>> rows = new ArrayList<>();
        for (int r = random.nextInt(1, 8); r > 0; r--) {
            List<Object> row = new ArrayList<>();
            for (DataType type : TYPES) {
                boolean isNull = random.nextInt(nulls) == 0;
                row.add(isNull ? null : value(random, type, base + random.nextInt(width)));
            }
            rows.add(row);
        }
        return rows;
    }

    /** A value near a small number, or an extreme one. */
    private static Object value(SplittableRandom random, DataType type, int near) {
        boolean edge = random.nextInt(40) == 0;
        if (type instanceof DataType.BooleanType) {
            return near > 0;
        } else if (type instanceof DataType.TinyIntType) {
            return (long) (edge ? Byte.MIN_VALUE : near);
        } else if (type instanceof DataType.SmallIntType) {
            return (long) (edge ? Short.MAX_VALUE : near);
        } else if (type instanceof DataType.IntType) {
            return (long) (edge ? Integer.MIN_VALUE : near);
        } else if (type instanceof DataType.BigIntType) {
            return edge ? (random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE) : (long) near;
        } else if (type instanceof DataType.FloatType) {
            float[] edges = {Float.NaN, -0.0f, Float.POSITIVE_INFINITY, Float.MIN_VALUE};
            return edge ? edges[random.nextInt(4)] : near / 2f;
        } else if (type instanceof DataType.DoubleType) {
            double[] edges = {Double.NaN, -0.0, Double.NEGATIVE_INFINITY, Double.MAX_VALUE};
            return edge ? edges[random.nextInt(4)] : near / 2d;
        } else if (type instanceof DataType.StringType || type instanceof DataType.CharType) {
            String[] texts = {"", "a", "ab", "abc", "b", "ba", "ä", "\uffff", "\ud83d\ude00", "z"};
            return edge ? "z".repeat(9) : texts[Math.floorMod(near, texts.length)];
        } else if (type instanceof DataType.DecimalType d) {
            BigInteger most = BigInteger.TEN.pow(d.precision()).subtract(BigInteger.ONE);
            return new BigDecimal(edge ? most.negate() : BigInteger.valueOf(near), d.scale());
        } else if (type instanceof DataType.DateType) {
            return LocalDate.ofEpochDay(near);
        } else if (type instanceof DataType.TimeType t) {
            long unit = t.precision() == 0 ? 1_000_000_000L : t.precision() <= 3 ? 1_000_000L : 0;
            long sub = t.precision() <= 6 ? 250_000L : 249_999L;
            return LocalTime.ofNanoOfDay(Math.floorMod(near, 86_399) * (unit == 0 ? sub : unit));
        }
        int precision =
                type instanceof DataType.TimestampType t
                        ? t.precision()
                        : ((DataType.TimestampLtzType) type).precision();
        long nanos = precision == 0 ? near * 1_000_000_000L : near * 1_000_000L / 2;
        nanos = precision == 3 ? near * 1_000_000L : precision == 9 ? near * 333_333L : nanos;
        Instant instant = Instant.ofEpochSecond(0, nanos);
        return type instanceof DataType.TimestampType
                ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC)
                : instant;
    }

    private static LogBatch batch(List<List<Object>> rows, BufferAllocator allocator) {
        try (VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
            for (int c = 0; c < TYPES.size(); c++) {
                root.getVector(c).allocateNew();
                for (int r = 0; r < rows.size(); r++) {
                    if (rows.get(r).get(c) != null) {
                        set(root.getVector(c), r, rows.get(r).get(c));
                    }
                }
            }
            root.setRowCount(rows.size());
            return LogBatch.at(
                    ArrowBatches.encode(root, STATISTICS, 1, -1, -1, ArrowCompression.NONE, 1), 0);
        }
    }

    private static void set(FieldVector vector, int i, Object v) {
        if (vector instanceof BitVector x) {
            x.setSafe(i, (Boolean) v ? 1 : 0);
        } else if (vector instanceof TinyIntVector x) {
            x.setSafe(i, (int) (long) v);
        } else if (vector instanceof SmallIntVector x) {
            x.setSafe(i, (int) (long) v);
        } else if (vector instanceof IntVector x) {
            x.setSafe(i, (int) (long) v);
        } else if (vector instanceof BigIntVector x) {
            x.setSafe(i, (long) v);
        } else if (vector instanceof Float4Vector x) {
            x.setSafe(i, (float) v);
        } else if (vector instanceof Float8Vector x) {
            x.setSafe(i, (double) v);
        } else if (vector instanceof VarCharVector x) {
            x.setSafe(i, ((String) v).getBytes(StandardCharsets.UTF_8));
        } else if (vector instanceof DecimalVector x) {
            x.setSafe(i, (BigDecimal) v);
        } else if (vector instanceof DateDayVector x) {
            x.setSafe(i, (int) ((LocalDate) v).toEpochDay());
        } else if (vector instanceof TimeSecVector x) {
            x.setSafe(i, ((LocalTime) v).toSecondOfDay());
        } else if (vector instanceof TimeMilliVector x) {
            x.setSafe(i, (int) (((LocalTime) v).toNanoOfDay() / 1_000_000));
        } else if (vector instanceof TimeMicroVector x) {
            x.setSafe(i, ((LocalTime) v).toNanoOfDay() / 1_000);
        } else if (vector instanceof TimeNanoVector x) {
            x.setSafe(i, ((LocalTime) v).toNanoOfDay());
        } else {
            Instant t = v instanceof LocalDateTime d ? d.toInstant(ZoneOffset.UTC) : (Instant) v;
            long nanos = t.getEpochSecond() * 1_000_000_000L + t.getNano();
            long unit =
                    switch (vector.getMinorType()) {
                        case TIMESTAMPSEC, TIMESTAMPSECTZ -> 1_000_000_000L;
                        case TIMESTAMPMILLI, TIMESTAMPMILLITZ -> 1_000_000L;
                        case TIMESTAMPMICRO, TIMESTAMPMICROTZ -> 1_000L;
                        default -> 1L;
                    };
            ((TimeStampVector) vector).setSafe(i, Math.floorDiv(nanos, unit));
        }
    }

    // ---- predicates

    private interface Oracle {
        /** Null for unknown. */
        Boolean of(List<Object> row);

        default boolean isTrue(List<Object> row) {
            return Boolean.TRUE.equals(of(row));
        }
    }

    private record Both(Predicate pushed, Oracle oracle) {}

    private static Both predicate(SplittableRandom random, int depth) {
        if (depth > 0 && random.nextInt(3) == 0) {
            List<Both> children = new ArrayList<>();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                children.add(predicate(random, depth - 1));
            }
            List<Predicate> pushed = children.stream().map(Both::pushed).toList();
            List<Oracle> oracles = children.stream().map(Both::oracle).toList();
            return random.nextBoolean()
                    ? new Both(Predicate.and(pushed), r -> all(oracles, r, true))
                    : new Both(Predicate.or(pushed), r -> all(oracles, r, false));
        }
        if (random.nextInt(5) == 0) {
            Both b = predicate(random, depth - 1);
            return new Both(
                    b.pushed.not(),
                    r -> {
                        Boolean is = b.oracle.of(r);
                        return is == null ? null : !is;
                    });
        }
        return leaf(random);
    }

    /** Kleene's and; or is its mirror image. */
    private static Boolean all(List<Oracle> oracles, List<Object> row, boolean isAnd) {
        boolean unknown = false;
        for (Oracle o : oracles) {
            Boolean is = o.of(row);
            if (is == null) {
                unknown = true;
            } else if (is != isAnd) {
                return is;
            }
        }
        return unknown ? null : isAnd;
    }

    private static Both leaf(SplittableRandom random) {
        int c = random.nextInt(TYPES.size());
        DataType type = TYPES.get(c);
        String name = "c" + c;
        Object value = value(random, type, random.nextInt(-9, 10));
        switch (random.nextInt(6)) {
            case 0:
                return new Both(PREDICATES.isNull(name), r -> r.get(c) == null);
            case 1:
                List<Object> values = new ArrayList<>(List.of(value));
                for (int i = random.nextInt(3); i > 0; i--) {
                    values.add(value(random, type, random.nextInt(-9, 10)));
                }
                return new Both(
                        PREDICATES.in(name, values),
                        r ->
                                r.get(c) == null
                                        ? null
                                        : values.stream().anyMatch(v -> order(r.get(c), v) == 0));
            case 2:
                if (value instanceof String text) {
                    Predicate.Place place = Predicate.Place.values()[random.nextInt(3)];
                    return new Both(
                            PREDICATES.match(name, place, text),
                            r -> {
                                String s = (String) r.get(c);
                                return s == null
                                        ? null
                                        : switch (place) {
                                            case START -> s.startsWith(text);
                                            case ANYWHERE -> s.contains(text);
                                            case END -> s.endsWith(text);
                                        };
                            });
                }
                break;
            default:
        }
        Predicate.Operator operator = Predicate.Operator.values()[random.nextInt(6)];
        return new Both(
                PREDICATES.compare(name, operator, value),
                r -> {
                    if (r.get(c) == null) {
                        return null;
                    }
                    int order = order(r.get(c), value);
                    return switch (operator) {
                        case EQUAL -> order == 0;
                        case NOT_EQUAL -> order != 0;
                        case LESS -> order < 0;
                        case LESS_OR_EQUAL -> order <= 0;
                        case GREATER -> order > 0;
                        case GREATER_OR_EQUAL -> order >= 0;
                    };
                });
    }

    @SuppressWarnings("unchecked")
    private static int order(Object a, Object b) {
        if (a instanceof Float x) {
            return Float.compare(x + 0.0f, (Float) b + 0.0f);
        } else if (a instanceof Double x) {
            return Double.compare(x + 0.0, (Double) b + 0.0);
        } else if (a instanceof String s) {
            return Arrays.compareUnsigned(
                    s.getBytes(StandardCharsets.UTF_8),
                    ((String) b).getBytes(StandardCharsets.UTF_8));
        }
        return ((Comparable<Object>) a).compareTo(b);
    }
}
