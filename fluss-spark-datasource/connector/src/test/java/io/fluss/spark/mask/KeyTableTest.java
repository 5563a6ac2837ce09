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
package io.fluss.spark.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class KeyTableTest {
    @Test
    void findsExactlyTheNumbersThatWerePut() {
        KeyColumns columns = KeyColumns.of(List.of(0), List.of(DataTypes.LongType));
        KeyTable table = KeyTable.of(columns);
        Random random = new Random(7);
        Map<Long, Long> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            // Zero, negative ones, and many that differ in their upper bits only.
            long key = (random.nextInt(5_000) - 2_500) * (random.nextBoolean() ? 1L : 1L << 40);
            Long before = model.put(key, (long) i);

            assertThat(table.put(columns, row(key), i))
                    .isEqualTo(before == null ? KeyTable.NONE : before);
        }
        KeyTable.Probe probe = table.probe(columns);

        assertThat(table.count()).isEqualTo(model.size());
        assertThat(table.sizeBytes()).isGreaterThan(16L * model.size());
        for (long key = -3_000; key < 3_000; key++) {
            assertThat(probe.contains(row(key))).isEqualTo(model.containsKey(key));
        }
    }

    @Test
    void leavesRowsOfABatchWhoseKeysWereNotPut() {
        for (DataType type : List.of(DataTypes.IntegerType, DataTypes.LongType)) {
            // The key is the second column of the batch, and was the first one of the rows.
            KeyColumns inRows = KeyColumns.of(List.of(0), List.of(type));
            KeyTable table = KeyTable.of(inRows);
            for (int key : new int[] {1, 4, 5, 9}) {
                table.put(inRows, row(type == DataTypes.LongType ? (Object) (long) key : key), 0);
            }
            OnHeapColumnVector keys = new OnHeapColumnVector(6, type);
            for (int i = 0; i < 6; i++) {
                if (type == DataTypes.LongType) {
                    keys.putLong(i, i);
                } else {
                    keys.putInt(i, i);
                }
            }
            OnHeapColumnVector other = new OnHeapColumnVector(6, DataTypes.LongType);
            ColumnarBatch batch = new ColumnarBatch(new ColumnVector[] {other, keys}, 6);
            int[] kept = new int[6];

            int count = table.probe(inRows.at(List.of(1))).absent(batch, kept);

            assertThat(count).isEqualTo(3);
            assertThat(kept).startsWith(0, 2, 3);
        }
    }

    @Test
    void findsKeysOfSeveralColumns() {
        List<DataType> types =
                List.of(
                        DataTypes.StringType,
                        DataTypes.IntegerType,
                        DataTypes.createDecimalType(20, 2),
                        DataTypes.BinaryType,
                        DataTypes.BooleanType,
                        DataTypes.DoubleType);
        KeyColumns columns = KeyColumns.of(List.of(0, 1, 2, 3, 4, 5), types);
        KeyTable table = KeyTable.of(columns);
        List<InternalRow> rows = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            rows.add(
                    row(
                            UTF8String.fromString("k".repeat(i % 7) + i / 100),
                            i % 100,
                            Decimal.apply(new BigDecimal(i).movePointLeft(2), 20, 2),
                            new byte[i % 5],
                            i % 2 == 0,
                            i / 3.0));
        }
        for (int i = 0; i < rows.size(); i += 2) {
            assertThat(table.put(columns, rows.get(i), i)).isEqualTo(KeyTable.NONE);
        }
        KeyTable.Probe probe = table.probe(columns);

        for (int i = 0; i < rows.size(); i++) {
            assertThat(probe.contains(rows.get(i))).isEqualTo(i % 2 == 0);
        }
        assertThat(table.put(columns, rows.get(4), 99)).isEqualTo(4);
        assertThat(table.count()).isEqualTo(rows.size() / 2);
    }

    @Test
    void doesNotMixUpTextsAtTheirSeam() {
        KeyColumns columns =
                KeyColumns.of(List.of(0, 1), List.of(DataTypes.StringType, DataTypes.StringType));
        KeyTable table = KeyTable.of(columns);
        table.put(columns, row(UTF8String.fromString("ab"), UTF8String.fromString("c")), 0);

        assertThat(
                        table.probe(columns)
                                .contains(
                                        row(
                                                UTF8String.fromString("a"),
                                                UTF8String.fromString("bc"))))
                .isFalse();
    }

    private static InternalRow row(Object... values) {
        return new GenericInternalRow(values);
    }
}
