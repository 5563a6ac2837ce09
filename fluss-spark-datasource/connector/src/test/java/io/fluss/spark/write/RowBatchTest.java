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
package io.fluss.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.spark.types.SparkTypes;
import io.fluss.spark.vector.LogVectors;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is written as rows is read as columns: both directions of the Arrow vectors. */
class RowBatchTest {
    private final BufferAllocator allocator = new RootAllocator();

    @AfterEach
    void noMemoryIsLeft() {
        allocator.close();
    }

    @Test
    void keepsTimestampsOfEveryPrecision() {
        TableInfo table =
                table(
                        Column.of("s", DataTypes.timestamp(0)),
                        Column.of("ms", DataTypes.timestampLtz(3)),
                        Column.of("us", DataTypes.timestampLtz(6)),
                        Column.of("ns", DataTypes.timestamp(9)));

        InternalRow read = roundTrip(table, row(-1L, -1L, -1L, -1L));

        // Digits that the column does not have are cut towards the past.
        assertThat(read.getLong(0)).isEqualTo(-1_000_000L);
        assertThat(read.getLong(1)).isEqualTo(-1_000L);
        assertThat(read.getLong(2)).isEqualTo(-1L);
        assertThat(read.getLong(3)).isEqualTo(-1L);
    }

    @Test
    void keepsTimesOfDay() {
        TableInfo table =
                table(
                        Column.of("s", DataTypes.time(0)),
                        Column.of("ms", DataTypes.time(3)),
                        Column.of("us", DataTypes.time(6)));
        long nanos = 86_399_999_999_000L;

        InternalRow read = roundTrip(table, row(nanos, nanos, nanos));

        assertThat(read.getLong(0)).isEqualTo(86_399_000_000_000L);
        assertThat(read.getLong(1)).isEqualTo(86_399_999_000_000L);
        assertThat(read.getLong(2)).isEqualTo(nanos);
    }

    @Test
    void keepsValuesAndNullsAcrossReuse() {
        DataType.RowType struct =
                DataTypes.row(
                        DataTypes.field("x", DataTypes.integer()),
                        DataTypes.field("y", DataTypes.string()));
        TableInfo table =
                table(
                        Column.of("text", DataTypes.string()),
                        Column.of("fixed", DataTypes.binary(2)),
                        Column.of("price", DataTypes.decimal(10, 2)),
                        Column.of("big", DataTypes.decimal(38, 0)),
                        Column.of("flag", DataTypes.bool()),
                        Column.of("list", DataTypes.array(DataTypes.bigInt())),
                        Column.of("map", DataTypes.map(DataTypes.string(), DataTypes.integer())),
                        Column.of("st", struct));
        BigDecimal big = new BigDecimal("-99999999999999999999999999999999999999");
        InternalRow full =
                row(
                        UTF8String.fromString("grüße"),
                        new byte[] {1, -1},
                        Decimal.apply(new BigDecimal("-12345678.90"), 10, 2),
                        Decimal.apply(big, 38, 0),
                        true,
                        new GenericArrayData(new Object[] {1L, null, 3L}),
                        new ArrayBasedMapData(
                                new GenericArrayData(new Object[] {UTF8String.fromString("k")}),
                                new GenericArrayData(new Object[] {null})),
                        row(7, null));
        InternalRow empty = row(null, null, null, null, null, null, null, null);

        try (RowBatch batch = batch(table)) {
            batch.add(full, 0);
            batch.add(full, 1);
            batch.rows();
            batch.reset();
            batch.add(empty, 2);
            batch.add(full, 3);
            ColumnarBatch columns = columns(table, batch);

            for (int i = 0; i < 8; i++) {
                assertThat(columns.column(i).isNullAt(0)).as("column %s", i).isTrue();
            }
            InternalRow read = columns.getRow(1);
            assertThat(read.getUTF8String(0)).hasToString("grüße");
            assertThat(read.getBinary(1)).containsExactly(1, -1);
            assertThat(read.getDecimal(2, 10, 2)).hasToString("-12345678.90");
            assertThat(read.getDecimal(3, 38, 0).toJavaBigDecimal()).isEqualTo(big);
            assertThat(read.getBoolean(4)).isTrue();
            assertThat(read.getArray(5).numElements()).isEqualTo(3);
            assertThat(read.getArray(5).isNullAt(1)).isTrue();
            assertThat(read.getArray(5).getLong(2)).isEqualTo(3);
            assertThat(read.getMap(6).keyArray().getUTF8String(0)).hasToString("k");
            assertThat(read.getMap(6).valueArray().isNullAt(0)).isTrue();
            assertThat(read.getStruct(7, 2).getInt(0)).isEqualTo(7);
            assertThat(read.getStruct(7, 2).isNullAt(1)).isTrue();
        }
    }

    @Test
    void growsPastTheFirstAllocation() {
        TableInfo table =
                table(
                        Column.of("id", DataTypes.bigInt()),
                        Column.of("list", DataTypes.array(DataTypes.string())),
                        Column.of("never", DataTypes.array(DataTypes.integer())));

        try (RowBatch batch = batch(table)) {
            for (long i = 0; i < RowBatch.ROWS_MAX; i++) {
                Object list =
                        i % 3 == 0
                                ? null
                                : new GenericArrayData(
                                        new Object[] {UTF8String.fromString("v" + i), null});
                batch.add(row(i, list, null), i);
            }
            assertThat(batch.isFull()).isTrue();
            ColumnarBatch columns = columns(table, batch);

            assertThat(columns.numRows()).isEqualTo(RowBatch.ROWS_MAX);
            assertThat(columns.column(2).numNulls()).isEqualTo(RowBatch.ROWS_MAX);
            assertThat(columns.getRow(8191).getLong(0)).isEqualTo(8191);
            assertThat(columns.getRow(8191).getArray(1).getUTF8String(0)).hasToString("v8191");
        }
    }

    @Test
    void namesTableColumnAndRowOfAValueThatDoesNotFit() {
        TableInfo table =
                table(
                        Column.of("id", DataTypes.bigInt().notNull()),
                        Column.of("fixed", DataTypes.binary(2)),
                        Column.of("ns", DataTypes.timestamp(9)));

        try (RowBatch batch = batch(table)) {
            assertThatThrownBy(() -> batch.add(row(null, null, null), 41))
                    .hasMessage(
                            "db.t: column 'id' is NOT NULL, but the value is null (row 41 of this"
                                    + " task, from 0)");
            assertThatThrownBy(() -> batch.add(row(1L, new byte[3], null), 0))
                    .hasMessageContaining("column 'fixed' is BINARY(2), but the value has 3 bytes");
            assertThatThrownBy(() -> batch.add(row(1L, null, Long.MAX_VALUE), 0))
                    .hasMessageContaining("column 'ns' is TIMESTAMP(9)");
        }
    }

    @Test
    void matchesStreamColumnsByName() {
        TableInfo table =
                table(
                        Column.of("id", DataTypes.bigInt().notNull()),
                        Column.of("name", DataTypes.string()));

        assertThat(
                        InputColumns.match(table, StructType.fromDDL("NAME STRING, id BIGINT"))
                                .ordinals())
                .containsExactly(1, 0);
        assertThat(InputColumns.match(table, StructType.fromDDL("id BIGINT")).ordinals())
                .containsExactly(0, -1);
        assertThatThrownBy(() -> InputColumns.match(table, StructType.fromDDL("name STRING")))
                .hasMessageContaining("column 'id' is NOT NULL, but the rows do not have it");
        assertThatThrownBy(() -> InputColumns.match(table, StructType.fromDDL("id INT")))
                .hasMessageContaining("CAST(… AS BIGINT)");
        assertThatThrownBy(() -> InputColumns.match(table, StructType.fromDDL("id BIGINT, x INT")))
                .hasMessageContaining("column 'x' is not a column of the table");
    }

    private InternalRow roundTrip(TableInfo table, InternalRow row) {
        try (RowBatch batch = batch(table)) {
            batch.add(row, 0);
            return columns(table, batch).getRow(0).copy();
        }
    }

    private RowBatch batch(TableInfo table) {
        return new RowBatch(
                table, InputColumns.match(table, SparkTypes.of(table.schema())), allocator);
    }

    private static ColumnarBatch columns(TableInfo table, RowBatch batch) {
        List<DataType> types = table.schema().columns().stream().map(Column::type).toList();
        return LogVectors.batch(batch.rows(), types, types.size());
    }

    private static InternalRow row(Object... values) {
        return new GenericInternalRow(values);
    }

    private static TableInfo table(Column... columns) {
        return new TableInfo(
                TablePath.of("db", "t"),
                1,
                1,
                new TableDescriptor(
                        TableSchema.of(columns),
                        java.util.Optional.empty(),
                        List.of(),
                        List.of(),
                        java.util.OptionalInt.of(1),
                        Map.of(),
                        Map.of()),
                0,
                0);
    }
}
