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

import io.fluss.formats.row.RowValues;
import io.fluss.formats.statistics.BatchStatistics;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says which batches a predicate rules out. Immutable. A batch is ruled out only if its statistics
 * prove that the predicate is true for none of its rows.
 */
public final class BatchFilter {
    private final Predicate predicate;
    private final DataType.RowType type;
    private final Map<Integer, Integer> positions;

    private BatchFilter(
            Predicate predicate, DataType.RowType type, Map<Integer, Integer> positions) {
        this.predicate = predicate;
        this.type = type;
        this.positions = positions;
    }

    /**
     * A filter for batches of a table.
     *
     * @param schema the latest known one; columns have the same position in all others
     * @return empty if the predicate says nothing, or names columns or types that the schema does
     *     not have
     */
    public static Optional<BatchFilter> of(Predicate predicate, TableSchema schema) {
        Map<Integer, Integer> positions = new HashMap<>();
        Map<Integer, DataType> types = new HashMap<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            Column c = schema.columns().get(i);
            positions.put(c.id(), i);
            types.put(c.id(), c.type().nullable());
        }
        return !predicate.equals(Predicate.UNKNOWN) && predicate.accept(new Fits(types))
                ? Optional.of(new BatchFilter(predicate, schema.rowType(), positions))
                : Optional.empty();
    }

    /**
     * Whether rows of a batch may be wanted.
     *
     * @param statistics as they stand in the batch, may be anything
     * @param recordCount above 0
     */
    public boolean mayMatch(ByteBuffer statistics, int recordCount) {
        if (!statistics.hasRemaining()) {
            return true;
        }
        return BatchStatistics.of(statistics, type)
                .map(s -> predicate.accept(new MayMatch(s, recordCount)))
                .orElse(true);
    }

    /** Whether the columns exist and have the types of the literals. */
    private record Fits(Map<Integer, DataType> types) implements Predicate.Cases<Boolean> {
        private boolean fits(int columnId, Literal literal) {
            return literal.type().equals(types.get(columnId));
        }

        @Override
        public Boolean comparison(Predicate.Comparison p) {
            return fits(p.columnId(), p.literal());
        }

        @Override
        public Boolean membership(Predicate.Membership p) {
            return p.literals().stream().allMatch(l -> fits(p.columnId(), l));
        }

        @Override
        public Boolean nullness(Predicate.Nullness p) {
            return types.containsKey(p.columnId());
        }

        @Override
        public Boolean match(Predicate.Match p) {
            return fits(p.columnId(), p.text());
        }

        @Override
        public Boolean and(Predicate.And p) {
            return p.children().stream().allMatch(c -> c.accept(this));
        }

        @Override
        public Boolean or(Predicate.Or p) {
            return p.children().stream().allMatch(c -> c.accept(this));
        }

        @Override
        public Boolean unknown(Predicate.Unknown p) {
            return true;
        }
    }

    private final class MayMatch implements Predicate.Cases<Boolean> {
        private final BatchStatistics statistics;
        private final int recordCount;

        MayMatch(BatchStatistics statistics, int recordCount) {
            this.statistics = statistics;
            this.recordCount = recordCount;
        }

        /** What is known of a column; empty if nothing is. */
        private Optional<Range> range(int columnId) {
            int index = statistics.indexOf(positions.getOrDefault(columnId, -1));
            if (index < 0) {
                return Optional.empty();
            }
            int nulls = statistics.nullCount(index);
            return nulls < 0 || nulls > recordCount
                    ? Optional.empty()
                    : Optional.of(
                            new Range(
                                    index,
                                    nulls,
                                    nulls == recordCount,
                                    known(statistics.min(), index),
                                    known(statistics.max(), index)));
        }

        private Optional<RowValues> known(Optional<? extends RowValues> bounds, int index) {
            return bounds.filter(b -> !b.isNull(index) && !isNaN(b, index)).map(b -> b);
        }

        private boolean isNaN(RowValues bounds, int index) {
            DataType column = type.fields().get(statistics.positions().get(index)).type();
            return (column instanceof DataType.FloatType && Float.isNaN(bounds.floating(index)))
                    || (column instanceof DataType.DoubleType
                            && Double.isNaN(bounds.doubling(index)));
        }

        @Override
        public Boolean comparison(Predicate.Comparison p) {
            return range(p.columnId()).map(r -> r.mayBe(p.operator(), p.literal())).orElse(true);
        }

        @Override
        public Boolean membership(Predicate.Membership p) {
            Predicate.Operator each =
                    p.isNegated() ? Predicate.Operator.NOT_EQUAL : Predicate.Operator.EQUAL;
            return range(p.columnId())
                    .map(
                            r ->
                                    p.isNegated()
                                            ? p.literals().stream().allMatch(l -> r.mayBe(each, l))
                                            : p.literals().stream().anyMatch(l -> r.mayBe(each, l)))
                    .orElse(true);
        }

        @Override
        public Boolean nullness(Predicate.Nullness p) {
            return range(p.columnId()).map(r -> p.isNull() ? r.nulls > 0 : !r.allNull).orElse(true);
        }

        @Override
        public Boolean match(Predicate.Match p) {
            return range(p.columnId()).map(r -> r.mayHave(p.place(), p.text())).orElse(true);
        }

        @Override
        public Boolean and(Predicate.And p) {
            return p.children().stream().allMatch(c -> c.accept(this));
        }

        @Override
        public Boolean or(Predicate.Or p) {
            return p.children().stream().anyMatch(c -> c.accept(this));
        }

        @Override
        public Boolean unknown(Predicate.Unknown p) {
            return true;
        }
    }

    /** The values of a column in a batch, as far as they are known. */
    private record Range(
            int index,
            int nulls,
            boolean allNull,
            Optional<RowValues> min,
            Optional<RowValues> max) {

        boolean mayBe(Predicate.Operator operator, Literal literal) {
            if (allNull) {
                return false;
            }
            if (literal.isNaN()) {
                return true;
            }
            return switch (operator) {
                case EQUAL -> atLeastMin(literal) >= 0 && atMostMax(literal) <= 0;
                case NOT_EQUAL -> !isConstant(literal);
                case LESS -> atLeastMin(literal) > 0;
                case LESS_OR_EQUAL -> atLeastMin(literal) >= 0;
                case GREATER -> atMostMax(literal) < 0;
                case GREATER_OR_EQUAL -> atMostMax(literal) <= 0;
            };
        }

        /** The literal against the smallest value; above it if that is not known. */
        private int atLeastMin(Literal literal) {
            return min.map(m -> literal.compareTo(m, index)).orElse(1);
        }

        private int atMostMax(Literal literal) {
            return max.map(m -> literal.compareTo(m, index)).orElse(-1);
        }

        /** Whether all values are surely the literal. Not for numbers that could hide a NaN. */
        private boolean isConstant(Literal literal) {
            boolean mayHideNaN =
                    literal.type() instanceof DataType.FloatType
                            || literal.type() instanceof DataType.DoubleType;
            return !mayHideNaN
                    && min.isPresent()
                    && max.isPresent()
                    && atLeastMin(literal) == 0
                    && atMostMax(literal) == 0;
        }

        boolean mayHave(Predicate.Place place, Literal text) {
            if (allNull) {
                return false;
            }
            if (place != Predicate.Place.START) {
                return true;
            }
            byte[] start = text.utf8();
            boolean aboveMin = min.map(m -> compareStart(m.bytes(index), start) <= 0).orElse(true);
            return aboveMin && atMostMax(text) <= 0;
        }

        /** The first bytes of a value, as many as there are in the other. */
        private static int compareStart(byte[] value, byte[] start) {
            return Arrays.compareUnsigned(
                    value, 0, Math.min(value.length, start.length), start, 0, start.length);
        }
    }

    /** The columns, for messages. */
    @Override
    public String toString() {
        return "filter " + predicate + " on columns " + List.copyOf(positions.keySet());
    }
}
