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
package io.fluss.spark.pruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.filter.Literal;
import io.fluss.formats.filter.Predicate.And;
import io.fluss.formats.filter.Predicate.Comparison;
import io.fluss.formats.filter.Predicate.Match;
import io.fluss.formats.filter.Predicate.Membership;
import io.fluss.formats.filter.Predicate.Nullness;
import io.fluss.formats.filter.Predicate.Operator;
import io.fluss.formats.filter.Predicate.Place;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.filter.Not;
import org.apache.spark.sql.connector.expressions.filter.Or;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class ServerFilterTest {
    private static final io.fluss.formats.filter.Predicate UNKNOWN =
            io.fluss.formats.filter.Predicate.UNKNOWN;
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("id", DataTypes.bigInt()),
                    Column.of("s", DataTypes.string()),
                    Column.of("price", DataTypes.decimal(10, 2)),
                    Column.of("at", DataTypes.timestamp(6)),
                    Column.of("exact", DataTypes.timestamp(9)),
                    Column.of("raw", DataTypes.bytes()));

    @Test
    void translatesWhatTheClusterUnderstands() {
        Predicate id = on(">=", "id", 7L, org.apache.spark.sql.types.DataTypes.LongType);
        Predicate s =
                on(
                        "STARTS_WITH",
                        "s",
                        UTF8String.fromString("ab"),
                        org.apache.spark.sql.types.DataTypes.StringType);
        Literal seven = new Literal(DataTypes.bigInt(), 7L);

        assertThat(ServerFilter.of(SCHEMA, List.of(id, s)))
                .isEqualTo(
                        new And(
                                List.of(
                                        new Comparison(
                                                Operator.GREATER_OR_EQUAL, columnId("id"), seven),
                                        new Match(
                                                Place.START,
                                                columnId("s"),
                                                new Literal(DataTypes.string(), "ab")))));
        assertThat(filter(new Not(id)))
                .isEqualTo(new Comparison(Operator.LESS, columnId("id"), seven));
        assertThat(filter(on("IN", "id", 7L, org.apache.spark.sql.types.DataTypes.LongType)))
                .isEqualTo(new Membership(columnId("id"), List.of(seven), false));
        assertThat(filter(new Predicate("IS_NULL", new Expression[] {Expressions.column("raw")})))
                .isEqualTo(new Nullness(columnId("raw"), true));
    }

    @Test
    void givesValuesInTheFormOfTheCluster() {
        assertThat(
                        filter(
                                on(
                                        "=",
                                        "price",
                                        Decimal.apply(new BigDecimal("1.50"), 10, 2),
                                        org.apache.spark.sql.types.DataTypes.createDecimalType(
                                                10, 2))))
                .isEqualTo(
                        new Comparison(
                                Operator.EQUAL,
                                columnId("price"),
                                new Literal(DataTypes.decimal(10, 2), BigInteger.valueOf(150))));
        assertThat(
                        filter(
                                on(
                                        "<",
                                        "at",
                                        -1L,
                                        org.apache.spark.sql.types.DataTypes.TimestampNTZType)))
                .isEqualTo(
                        new Comparison(
                                Operator.LESS,
                                columnId("at"),
                                new Literal(
                                        DataTypes.timestamp(6),
                                        Instant.parse("1969-12-31T23:59:59.999999Z"))));
    }

    @Test
    void saysNothingWhereItCouldBeWrong() {
        Predicate id = on("=", "id", 7L, org.apache.spark.sql.types.DataTypes.LongType);
        // Spark has cut nanoseconds before it compares.
        Predicate cut = on("=", "exact", 0L, org.apache.spark.sql.types.DataTypes.TimestampNTZType);

        assertThat(filter(cut)).isEqualTo(UNKNOWN);
        assertThat(filter(new Or(id, cut))).isEqualTo(UNKNOWN);
        assertThat(
                        filter(
                                on(
                                        "=",
                                        "raw",
                                        new byte[1],
                                        org.apache.spark.sql.types.DataTypes.BinaryType)))
                .isEqualTo(UNKNOWN);
        assertThat(filter(on("=", "id", 7, org.apache.spark.sql.types.DataTypes.IntegerType)))
                .isEqualTo(UNKNOWN);
        assertThat(filter(on("<=>", "id", 7L, org.apache.spark.sql.types.DataTypes.LongType)))
                .isEqualTo(UNKNOWN);
        assertThat(filter(on("=", "_bucket", 1, org.apache.spark.sql.types.DataTypes.IntegerType)))
                .isEqualTo(UNKNOWN);
        assertThat(ServerFilter.of(SCHEMA, List.of())).isEqualTo(UNKNOWN);
    }

    private static io.fluss.formats.filter.Predicate filter(Predicate p) {
        return ServerFilter.of(SCHEMA, List.of(p));
    }

    private static int columnId(String name) {
        return SCHEMA.column(name).id();
    }

    private static Predicate on(
            String operator,
            String column,
            Object value,
            org.apache.spark.sql.types.DataType type) {
        return new Predicate(
                operator,
                new Expression[] {Expressions.column(column), new LiteralValue<>(value, type)});
    }
}
