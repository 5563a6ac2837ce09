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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.Test;

class SelectedVectorTest {
    private static final int ROWS = 5;

    @Test
    void showsTheSelectedRows() {
        int[] rows = {1, 2, 4, 77};

        ColumnarBatch some = SelectedVector.of(batch(), rows, 3, 3);

        assertThat(some.numRows()).isEqualTo(3);
        assertThat(some.numCols()).isEqualTo(3);
        assertThat(some.column(0).getLong(0)).isEqualTo(10);
        assertThat(some.column(0).getLong(2)).isEqualTo(40);
        assertThat(some.column(0).numNulls()).isZero();
        assertThat(some.column(1).isNullAt(0)).isFalse();
        assertThat(some.column(1).isNullAt(1)).isTrue();
        assertThat(some.column(1).numNulls()).isEqualTo(1);
        assertThat(some.column(1).getUTF8String(2)).hasToString("s4");
        assertThat(some.column(2).getStruct(2).getInt(0)).isEqualTo(400);
        assertThat(some.getRow(2).getUTF8String(1)).hasToString("s4");
        assertThat(some.getRow(1).getStruct(2, 1).getInt(0)).isEqualTo(200);
    }

    @Test
    void handsOutWhatLosesNothing() {
        ColumnarBatch all = batch();
        int[] rows = {0, 1, 2, 3, 4};

        assertThat(SelectedVector.of(all, rows, ROWS, 3)).isSameAs(all);

        ColumnarBatch fewer = SelectedVector.of(all, rows, ROWS, 1);
        assertThat(fewer.numCols()).isEqualTo(1);
        assertThat(fewer.column(0)).isSameAs(all.column(0));
    }

    @Test
    void countsRowsWithoutColumns() {
        ColumnarBatch none = SelectedVector.of(batch(), new int[] {3}, 1, 0);

        assertThat(none.numRows()).isEqualTo(1);
        assertThat(none.numCols()).isZero();
    }

    private static ColumnarBatch batch() {
        OnHeapColumnVector longs = new OnHeapColumnVector(ROWS, DataTypes.LongType);
        OnHeapColumnVector texts = new OnHeapColumnVector(ROWS, DataTypes.StringType);
        OnHeapColumnVector structs =
                new OnHeapColumnVector(ROWS, new StructType().add("x", DataTypes.IntegerType));
        for (int i = 0; i < ROWS; i++) {
            longs.putLong(i, 10L * i);
            if (i == 2) {
                texts.putNull(i);
            } else {
                texts.putByteArray(i, ("s" + i).getBytes(UTF_8));
            }
            structs.getChild(0).putInt(i, 100 * i);
        }
        return new ColumnarBatch(new ColumnVector[] {longs, texts, structs}, ROWS);
    }
}
