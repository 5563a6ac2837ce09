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
package io.fluss.spark.read;

import io.fluss.spark.vector.LogVectors;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.List;
import java.util.OptionalInt;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Rows of a table with a primary key as Spark's columns, with what is known about them. Immutable.
 *
 * @param types of the fetched columns
 */
record RowColumns(LogSource source, List<DataType> types) {
    RowColumns {
        types = List.copyOf(types);
    }

    static RowColumns of(LogSource source, TableInfo table) {
        return new RowColumns(
                source,
                source.columns().stream()
                        .map(i -> table.schema().columns().get(i).type())
                        .toList());
    }

    /**
     * Valid until the root is closed.
     *
     * @param bucket of the rows, if it is one and known
     */
    ColumnarBatch of(VectorSchemaRoot rows, OptionalInt bucket) {
        ColumnarBatch columns = LogVectors.batch(rows, types, source.columnCount());
        int count = columns.numCols();
        ColumnVector[] all = new ColumnVector[count + source.metadata().size()];
        for (int i = 0; i < all.length; i++) {
            all[i] =
                    i < count
                            ? columns.column(i)
                            : source.metadata()
                                    .get(i - count)
                                    .ofCurrent(rows.getRowCount(), bucket);
        }
        return new ColumnarBatch(all, rows.getRowCount());
    }
}
