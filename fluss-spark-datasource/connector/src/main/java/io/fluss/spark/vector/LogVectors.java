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
package io.fluss.spark.vector;

import io.fluss.spark.types.SparkTypes;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Arrow vectors of a log batch as Spark's column vectors. Spark's own adapter is not used, because
 * it takes neither the timestamps of other precisions nor fixed-size binaries, and because it frees
 * the memory.
 */
public final class LogVectors {
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long MICROS_PER_MILLI = 1_000L;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long NANOS_PER_MICRO = 1_000L;

    private LogVectors() {}

    /**
     * The rows of a root, valid until the root is closed; closing the batch does not close it.
     *
     * @param types of the root's columns, in order
     * @param columnCount how many of the columns are wanted, from the first
     */
    public static ColumnarBatch batch(
            VectorSchemaRoot root, List<DataType> types, int columnCount) {
        ColumnVector[] columns = new ColumnVector[columnCount];
        for (int i = 0; i < columnCount; i++) {
            columns[i] = of(types.get(i), root.getVector(i));
        }
        return new ColumnarBatch(columns, root.getRowCount());
    }

    static ColumnVector of(DataType type, FieldVector vector) {
        return type.accept(new View(vector));
    }

    /** Picks the view of one vector. */
    private record View(FieldVector vector) implements DataType.Cases<ColumnVector> {
        @Override
        public ColumnVector bool(DataType.BooleanType type) {
            return new FixedVectors.Bools((BitVector) vector);
        }

        @Override
        public ColumnVector tinyInt(DataType.TinyIntType type) {
            return new FixedVectors.Bytes(vector);
        }

        @Override
        public ColumnVector smallInt(DataType.SmallIntType type) {
            return new FixedVectors.Shorts(vector);
        }

        @Override
        public ColumnVector integer(DataType.IntType type) {
            return new FixedVectors.Ints(SparkTypes.of(type), vector);
        }

        @Override
        public ColumnVector bigInt(DataType.BigIntType type) {
            return new FixedVectors.Longs(SparkTypes.of(type), vector);
        }

        @Override
        public ColumnVector floating(DataType.FloatType type) {
            return new FixedVectors.Floats(vector);
        }

        @Override
        public ColumnVector doubling(DataType.DoubleType type) {
            return new FixedVectors.Doubles(vector);
        }

        @Override
        public ColumnVector character(DataType.CharType type) {
            return new VariableVectors.Strings(vector);
        }

        @Override
        public ColumnVector string(DataType.StringType type) {
            return new VariableVectors.Strings(vector);
        }

        @Override
        public ColumnVector binary(DataType.BinaryType type) {
            return new FixedVectors.FixedBinaries((FixedSizeBinaryVector) vector);
        }

        @Override
        public ColumnVector bytes(DataType.BytesType type) {
            return new VariableVectors.Binaries(vector);
        }

        @Override
        public ColumnVector decimal(DataType.DecimalType type) {
            return new FixedVectors.Decimals(SparkTypes.of(type), (DecimalVector) vector);
        }

        @Override
        public ColumnVector date(DataType.DateType type) {
            return new FixedVectors.Ints(SparkTypes.of(type), vector);
        }

        @Override
        public ColumnVector time(DataType.TimeType type) {
            org.apache.spark.sql.types.DataType spark = SparkTypes.of(type);
            return switch (vector.getMinorType()) {
                case TIMESEC -> new FixedVectors.ScaledInts(spark, vector, NANOS_PER_SECOND);
                case TIMEMILLI -> new FixedVectors.ScaledInts(spark, vector, NANOS_PER_MILLI);
                case TIMEMICRO -> new FixedVectors.ScaledUp(spark, vector, NANOS_PER_MICRO);
                case TIMENANO -> new FixedVectors.Longs(spark, vector);
                default -> throw unexpected(type);
            };
        }

        @Override
        public ColumnVector timestamp(DataType.TimestampType type) {
            return instant(type);
        }

        @Override
        public ColumnVector timestampLtz(DataType.TimestampLtzType type) {
            return instant(type);
        }

        private ColumnVector instant(DataType type) {
            org.apache.spark.sql.types.DataType spark = SparkTypes.of(type);
            return switch (vector.getMinorType()) {
                case TIMESTAMPSEC, TIMESTAMPSECTZ ->
                        new FixedVectors.ScaledUp(spark, vector, MICROS_PER_SECOND);
                case TIMESTAMPMILLI, TIMESTAMPMILLITZ ->
                        new FixedVectors.ScaledUp(spark, vector, MICROS_PER_MILLI);
                case TIMESTAMPMICRO, TIMESTAMPMICROTZ -> new FixedVectors.Longs(spark, vector);
                case TIMESTAMPNANO, TIMESTAMPNANOTZ ->
                        new FixedVectors.ScaledDown(spark, vector, NANOS_PER_MICRO);
                default -> throw unexpected(type);
            };
        }

        @Override
        public ColumnVector array(DataType.ArrayType type) {
            ListVector list = (ListVector) vector;
            return new VariableVectors.Arrays(
                    SparkTypes.of(type),
                    list,
                    LogVectors.of(type.elementType(), list.getDataVector()));
        }

        @Override
        public ColumnVector map(DataType.MapType type) {
            ListVector list = (ListVector) vector;
            StructVector entries = (StructVector) list.getDataVector();
            return new VariableVectors.Maps(
                    SparkTypes.of(type),
                    list,
                    LogVectors.of(type.keyType(), child(entries, 0)),
                    LogVectors.of(type.valueType(), child(entries, 1)));
        }

        @Override
        public ColumnVector row(DataType.RowType type) {
            StructVector struct = (StructVector) vector;
            List<ColumnVector> fields = new ArrayList<>();
            for (int i = 0; i < type.fields().size(); i++) {
                fields.add(LogVectors.of(type.fields().get(i).type(), child(struct, i)));
            }
            return new VariableVectors.Rows(SparkTypes.of(type), struct, fields);
        }

        private static FieldVector child(StructVector struct, int ordinal) {
            return (FieldVector) struct.getChildByOrdinal(ordinal);
        }

        private IllegalStateException unexpected(DataType type) {
            MinorType found = vector.getMinorType();
            return new IllegalStateException("column of type " + type + " came as " + found);
        }
    }
}
