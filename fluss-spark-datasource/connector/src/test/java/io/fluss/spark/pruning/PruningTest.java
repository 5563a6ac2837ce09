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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.formats.keys.BucketFunction;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.filter.AlwaysTrue;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Not;
import org.apache.spark.sql.connector.expressions.filter.Or;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class PruningTest {
    private static final DataType STRING = org.apache.spark.sql.types.DataTypes.StringType;
    private static final DataType INT = org.apache.spark.sql.types.DataTypes.IntegerType;
    private static final DataType LONG = org.apache.spark.sql.types.DataTypes.LongType;
    private static final TableInfo TABLE =
            new TableInfo(
                    TablePath.of("d", "t"),
                    1,
                    1,
                    TableDescriptor.of(
                                    TableSchema.of(
                                            Column.of("id", DataTypes.bigInt()),
                                            Column.of("v", DataTypes.string()),
                                            Column.of("day", DataTypes.string()),
                                            Column.of("h", DataTypes.integer())))
                            .withPartitionKeys("day", "h")
                            .withBuckets(8, "id"),
                    0,
                    0);

    @Test
    void prunesByTheValuesOfAPartition() {
        Map<String, String> partition = Map.of("day", "20240102", "h", "7");

        assertThat(keeps(partition, compare("=", "day", "20240102"))).isTrue();
        assertThat(keeps(partition, compare("=", "day", "20240103"))).isFalse();
        assertThat(keeps(partition, compare("<", "h", 7))).isFalse();
        assertThat(keeps(partition, compare(">=", "h", 7))).isTrue();
        assertThat(keeps(partition, compare("<>", "h", 7))).isFalse();
        assertThat(keeps(partition, compare("STARTS_WITH", "day", "2024"))).isTrue();
        assertThat(keeps(partition, compare("STARTS_WITH", "day", "2025"))).isFalse();
        assertThat(keeps(partition, in("h", literal(1), literal(7)))).isTrue();
        assertThat(keeps(partition, in("h", literal(1), literal(2)))).isFalse();
        assertThat(keeps(partition, new Not(compare("=", "h", 7)))).isFalse();
        assertThat(
                        keeps(
                                partition,
                                new Predicate(
                                        "IS_NULL", new Expression[] {Expressions.column("day")})))
                .isFalse();
    }

    @Test
    void keepsWhatTheRowsMustDecide() {
        Map<String, String> partition = Map.of("day", "20240102", "h", "7");
        Predicate onRow = compare("=", "v", "x");

        assertThat(keeps(partition, onRow)).isTrue();
        assertThat(keeps(partition, new Or(onRow, compare("=", "h", 8)))).isTrue();
        assertThat(keeps(partition, new And(onRow, compare("=", "h", 8)))).isFalse();
        assertThat(keeps(partition, new Not(new And(onRow, compare("=", "h", 7))))).isTrue();
        // A literal of another type: Spark would have cast the column.
        assertThat(
                        keeps(
                                partition,
                                new Predicate(
                                        "=",
                                        new Expression[] {
                                            Expressions.column("h"), new LiteralValue<>(8L, LONG)
                                        })))
                .isTrue();
    }

    @Test
    void knowsWhatAPartitionDecides() {
        assertThat(Pruning.isDecidedByPartition(TABLE, compare("=", "day", "a"))).isTrue();
        assertThat(
                        Pruning.isDecidedByPartition(
                                TABLE, new And(compare("=", "day", "a"), compare("<", "h", 3))))
                .isTrue();
        assertThat(
                        Pruning.isDecidedByPartition(
                                TABLE, new Or(compare("=", "day", "a"), compare("=", "v", "b"))))
                .isFalse();
        assertThat(Pruning.isDecidedByPartition(TABLE, compare("=", "v", "b"))).isFalse();
        assertThat(Pruning.isDecidedByPartition(TABLE, new AlwaysTrue())).isTrue();
    }

    @Test
    void namesAPartitionThatIsNoValueOfItsColumn() {
        Map<String, String> odd = Map.of("day", "20240102", "h", "seven");

        assertThatThrownBy(() -> keeps(odd, compare("=", "h", 7)))
                .hasMessageContaining("'seven'")
                .hasMessageContaining("'h'");
        assertThat(keeps(odd, compare("=", "day", "20240102"))).isTrue();
    }

    @Test
    void prunesBucketsByTheirKeys() {
        assertThat(buckets(in("id", bigint(5), bigint(6)))).hasSizeBetween(1, 2);
        assertThat(buckets(compare("=", "id", new LiteralValue<>(5L, LONG)))).hasSize(1);
        assertThat(buckets(compare("<", "id", new LiteralValue<>(5L, LONG)))).hasSize(8);
        assertThat(
                        buckets(
                                new And(
                                        compare("=", "id", new LiteralValue<>(5L, LONG)),
                                        compare("=", "v", "x"))))
                .hasSize(1);
        assertThat(
                        buckets(
                                new Or(
                                        compare("=", "id", new LiteralValue<>(5L, LONG)),
                                        compare("=", "v", "x"))))
                .hasSize(8);
    }

    @Test
    void agreesWithTheWritersOnTheBucket() {
        for (long id = -20; id < 20; id++) {
            Predicate p = compare("=", "id", new LiteralValue<>(id, LONG));
            KeyEncoder encoder = KeyEncoder.forBucketKey(TABLE.descriptor()).orElseThrow();
            Object[] row = {id, null, null, null};
            int expected =
                    BucketFunction.of(Optional.empty())
                            .bucket(
                                    encoder.encode(
                                            new SparkRow(
                                                    new GenericInternalRow(row),
                                                    TABLE.schema().columns().stream()
                                                            .map(Column::type)
                                                            .toList())),
                                    8);
            assertThat(buckets(p)).containsExactly(expected);
        }
    }

    private static boolean keeps(Map<String, String> partition, Predicate p) {
        return Pruning.of(TABLE, List.of(p)).keepsPartition(partition);
    }

    private static List<Integer> buckets(Predicate p) {
        Pruning pruning = Pruning.of(TABLE, List.of(p));
        return IntStream.range(0, 8).filter(pruning::keepsBucket).boxed().toList();
    }

    private static Predicate compare(String name, String column, Object value) {
        return new Predicate(name, new Expression[] {Expressions.column(column), literal(value)});
    }

    private static Predicate in(String column, Expression... values) {
        Expression[] all = new Expression[values.length + 1];
        all[0] = Expressions.column(column);
        System.arraycopy(values, 0, all, 1, values.length);
        return new Predicate("IN", all);
    }

    private static Expression bigint(long value) {
        return new LiteralValue<>(value, LONG);
    }

    private static Expression literal(Object value) {
        if (value instanceof Expression e) {
            return e;
        }
        return value instanceof String s
                ? new LiteralValue<>(UTF8String.fromString(s), STRING)
                : new LiteralValue<>(value, INT);
    }
}
