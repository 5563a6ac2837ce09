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

import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionValuesTest {
    static Stream<Arguments> valuesAndTexts() {
        return Stream.of(
                Arguments.of(DataTypes.string(), UTF8String.fromString("a-b"), "a-b"),
                Arguments.of(DataTypes.bool(), true, "true"),
                Arguments.of(DataTypes.tinyInt(), (byte) -5, "-5"),
                Arguments.of(DataTypes.smallInt(), (short) 300, "300"),
                Arguments.of(DataTypes.integer(), 70_000, "70000"),
                Arguments.of(DataTypes.bigInt(), Long.MIN_VALUE, "-9223372036854775808"),
                Arguments.of(DataTypes.floating(), 1.5f, "1_5"),
                Arguments.of(DataTypes.doubling(), Double.NEGATIVE_INFINITY, "-Inf"),
                Arguments.of(DataTypes.bytes(), new byte[] {1, -1}, "01ff"),
                Arguments.of(DataTypes.date(), 19_724, "2024-01-02"),
                Arguments.of(DataTypes.time(3), 3_723_004_000_000L, "01-02-03_004"),
                Arguments.of(
                        DataTypes.timestamp(6), 1_704_164_645_000_100L, "2024-01-02-03-04-05_0001"),
                Arguments.of(DataTypes.timestampLtz(6), -1_000_000L, "1969-12-31-23-59-59_"));
    }

    @ParameterizedTest
    @MethodSource("valuesAndTexts")
    void writesAndReadsEveryType(DataType type, Object value, String text) {
        PartitionValues values = PartitionValues.of(table(type));

        assertThat(values.spec(new GenericInternalRow(new Object[] {value})))
                .containsExactly(Map.entry("p", text));
        assertThat(values.row(Map.of("p", text))[0]).isEqualTo(value);
    }

    @Test
    void refusesTextsOfOtherTypes() {
        PartitionValues values = PartitionValues.of(table(DataTypes.integer()));

        assertThatThrownBy(() -> values.row(Map.of("p", "x")))
                .hasMessageContaining("'x'")
                .hasMessageContaining("'p'");
        assertThatThrownBy(() -> values.spec(new GenericInternalRow(new Object[] {null})))
                .hasMessageContaining("'p' is null");
    }

    private static TableInfo table(DataType type) {
        return new TableInfo(
                TablePath.of("d", "t"),
                1,
                1,
                TableDescriptor.of(
                                TableSchema.of(
                                        Column.of("a", DataTypes.integer()), Column.of("p", type)))
                        .withPartitionKeys("p")
                        .withBuckets(1),
                0,
                0);
    }
}
