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

import io.fluss.table.Column;
import io.fluss.types.DataTypes;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Or;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class FixedKeysTest {
    private static final DataType INT = org.apache.spark.sql.types.DataTypes.IntegerType;
    private static final DataType STRING = org.apache.spark.sql.types.DataTypes.StringType;
    private static final DataType BINARY = org.apache.spark.sql.types.DataTypes.BinaryType;
    private static final Column A = Column.of("a", DataTypes.integer());
    private static final Column B = Column.of("b", DataTypes.string());

    @Test
    void combinesTheValuesOfAllColumns() {
        assertThat(
                        FixedKeys.of(
                                List.of(A, B),
                                List.of(
                                        new And(in("a", INT, 1, 2), in("a", INT, 1, 2, 3)),
                                        in("b", STRING, text("x"), text("y")))))
                .contains(
                        List.of(
                                List.of(1, text("x")),
                                List.of(1, text("y")),
                                List.of(2, text("x")),
                                List.of(2, text("y"))));
    }

    @Test
    void isOpenUnlessAllColumnsAreFixed() {
        assertThat(FixedKeys.of(List.of(A, B), List.of(in("a", INT, 1)))).isEmpty();
        assertThat(
                        FixedKeys.of(
                                List.of(A),
                                List.of(new Or(in("a", INT, 1), in("b", STRING, text("x"))))))
                .isEmpty();
        assertThat(FixedKeys.of(List.of(A), List.of(predicate("<", "a", INT, 1)))).isEmpty();
        assertThat(FixedKeys.of(List.of(), List.of())).isEmpty();
    }

    @Test
    void namesEachKeyOnce() {
        Column c = Column.of("c", DataTypes.bytes());

        assertThat(FixedKeys.of(List.of(A), List.of(in("a", INT, 7, 8, 7))).orElseThrow())
                .hasSize(2);
        assertThat(
                        FixedKeys.of(
                                        List.of(c),
                                        List.of(in("c", BINARY, new byte[] {1}, new byte[] {1})))
                                .orElseThrow())
                .hasSize(1);
    }

    @Test
    void givesUpOnTooManyKeys() {
        Object[] many = IntStream.range(0, 10_001).boxed().toArray();

        assertThat(FixedKeys.of(List.of(A), List.of(in("a", INT, many)))).isEmpty();
    }

    @Test
    void leavesTypesAloneWhoseEqualValuesDiffer() {
        Column d = Column.of("d", DataTypes.doubling());
        Column exact = Column.of("at", DataTypes.timestamp(9));

        assertThat(
                        FixedKeys.of(
                                List.of(d),
                                List.of(
                                        in(
                                                "d",
                                                org.apache.spark.sql.types.DataTypes.DoubleType,
                                                0.0))))
                .isEmpty();
        assertThat(
                        FixedKeys.of(
                                List.of(exact),
                                List.of(
                                        in(
                                                "at",
                                                org.apache.spark.sql.types.DataTypes
                                                        .TimestampNTZType,
                                                0L))))
                .isEmpty();
    }

    private static UTF8String text(String text) {
        return UTF8String.fromString(text);
    }

    private static Predicate in(String column, DataType type, Object... values) {
        return predicate("IN", column, type, values);
    }

    private static Predicate predicate(
            String name, String column, DataType type, Object... values) {
        Expression[] children = new Expression[values.length + 1];
        children[0] = Expressions.column(column);
        for (int i = 0; i < values.length; i++) {
            children[i + 1] = new LiteralValue<>(values[i], type);
        }
        return new Predicate(name, children);
    }
}
