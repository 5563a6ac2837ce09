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

import io.fluss.errors.ErrorReason;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How the columns of a lake scan become the columns of the table: picked by name, narrowed to the
 * table's types, null where the snapshot is older than the column. Immutable.
 *
 * @param wanted columns of the table in the order of the scan
 * @param found columns of the lake scan in its order
 */
public record LakeColumns(StructType wanted, StructType found) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Whether batches and rows of the lake can be handed out as they are. */
    boolean isIdentity() {
        if (wanted.length() != found.length()) {
            return false;
        }
        for (int i = 0; i < wanted.length(); i++) {
            if (!wanted.apply(i).name().equals(found.apply(i).name())
                    || !DataType.equalsIgnoreNullability(
                            found.apply(i).dataType(), wanted.apply(i).dataType())) {
                return false;
            }
        }
        return true;
    }

    /** The batch with the table's columns; memory stays the lake reader's. */
    ColumnarBatch adapt(ColumnarBatch batch) {
        ColumnVector[] out = new ColumnVector[wanted.length()];
        for (int i = 0; i < out.length; i++) {
            StructField field = wanted.apply(i);
            int at = position(field.name());
            if (at < 0 && isChangeType(field)) {
                out[i] = RowMetadata.constant(batch.numRows());
            } else if (at < 0) {
                ConstantColumnVector nulls =
                        new ConstantColumnVector(batch.numRows(), field.dataType());
                nulls.setNull();
                out[i] = nulls;
            } else {
                ColumnVector column = batch.column(at);
                out[i] =
                        isNarrowed(found.apply(at).dataType(), field.dataType())
                                ? new NarrowedVector(field.dataType(), column)
                                : column;
            }
        }
        return new ColumnarBatch(out, batch.numRows());
    }

    /** A projection of the lake's rows to the table's; its row is reused. */
    UnsafeProjection rowProjection() {
        List<Expression> out = new ArrayList<>();
        for (StructField field : wanted.fields()) {
            int at = position(field.name());
            if (at < 0) {
                Object value = isChangeType(field) ? RowMetadata.INSERT : null;
                out.add(new Literal(value, field.dataType()));
                continue;
            }
            StructField source = found.apply(at);
            Expression value = new BoundReference(at, source.dataType(), source.nullable());
            boolean same = DataType.equalsIgnoreNullability(source.dataType(), field.dataType());
            out.add(
                    same
                            ? value
                            : new Cast(value, field.dataType(), Option.empty(), EvalMode.LEGACY()));
        }
        return UnsafeProjection.create(CollectionConverters.asScala(out).toSeq());
    }

    /** Fails if the lake's values cannot be seen as the table's. */
    void check(String table) {
        for (StructField field : wanted.fields()) {
            int at = position(field.name());
            if (at >= 0
                    && !Cast.canUpCast(field.dataType(), found.apply(at).dataType())
                    && !Cast.canUpCast(found.apply(at).dataType(), field.dataType())) {
                throw ErrorReason.INVALID_TABLE.exception(
                        String.format(
                                Locale.ROOT,
                                "%s: column '%s' is %s in the table, but %s in the lake table",
                                table,
                                field.name(),
                                field.dataType().sql(),
                                found.apply(at).dataType().sql()));
            }
        }
    }

    private boolean isChangeType(StructField field) {
        return field.name().equals(RowMetadata.CHANGE_TYPE.column());
    }

    private int position(String name) {
        // Only one of the two can be: column names of a table are never those of metadata.
        String lakeName = RowMetadata.named(name).map(RowMetadata::lakeColumn).orElse(name);
        for (int i = 0; i < found.length(); i++) {
            String at = found.apply(i).name();
            if (at.equals(name) || at.equals(lakeName)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isNarrowed(DataType from, DataType to) {
        return from instanceof IntegerType && (to instanceof ByteType || to instanceof ShortType);
    }
}
