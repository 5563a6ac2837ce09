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
package io.fluss.formats.keys;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.util.List;

/** The value of one column as Iceberg's bucket transform hashes it. */
final class IcebergKey implements KeyEncoder.KeyLayout {
    private final DataType.Field field;
    private final Writer writer;

    IcebergKey(List<DataType.Field> key) {
        if (key.size() != 1) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "a table with the lake format iceberg needs exactly one bucket key column, not "
                            + key.stream().map(DataType.Field::name).toList());
        }
        this.field = key.get(0);
        this.writer = field.type().accept(new Writers(field));
    }

    @Override
    public void encode(RowValues row, int[] positions, RowBytes out) {
        if (row.isNull(positions[0])) {
            throw KeyEncoder.nullValue(field);
        }
        out.put(writer.write(row, positions[0]));
    }

    private interface Writer {
        byte[] write(RowValues row, int column);
    }

    private record Writers(DataType.Field field) implements DataType.Cases<Writer> {

        private static byte[] bytesOf(long value) {
            RowBytes out = new RowBytes(Long.BYTES);
            out.put8(value);
            return out.toArray();
        }

        private static byte[] bytesOf(int value) {
            RowBytes out = new RowBytes(Integer.BYTES);
            out.put4(value);
            return out.toArray();
        }

        @Override
        public Writer bool(DataType.BooleanType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }

        @Override
        public Writer tinyInt(DataType.TinyIntType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }

        @Override
        public Writer smallInt(DataType.SmallIntType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }

        @Override
        public Writer integer(DataType.IntType type) {
            return (row, i) -> bytesOf(row.integer(i));
        }

        @Override
        public Writer bigInt(DataType.BigIntType type) {
            return (row, i) -> bytesOf(row.integer(i));
        }

        @Override
        public Writer floating(DataType.FloatType type) {
            return (row, i) -> bytesOf(Float.floatToRawIntBits(row.floating(i)));
        }

        @Override
        public Writer doubling(DataType.DoubleType type) {
            return (row, i) -> bytesOf(Double.doubleToRawLongBits(row.doubling(i)));
        }

        @Override
        public Writer character(DataType.CharType type) {
            return RowValues::bytes;
        }

        @Override
        public Writer string(DataType.StringType type) {
            return RowValues::bytes;
        }

        @Override
        public Writer binary(DataType.BinaryType type) {
            return RowValues::bytes;
        }

        @Override
        public Writer bytes(DataType.BytesType type) {
            return RowValues::bytes;
        }

        @Override
        public Writer decimal(DataType.DecimalType type) {
            return (row, i) -> row.unscaled(i).toByteArray();
        }

        @Override
        public Writer date(DataType.DateType type) {
            return (row, i) -> bytesOf(row.integer(i));
        }

        @Override
        public Writer time(DataType.TimeType type) {
            return (row, i) -> bytesOf(row.integer(i) * 1000);
        }

        @Override
        public Writer timestamp(DataType.TimestampType type) {
            return (row, i) -> bytesOf(row.timestampMs(i) * 1000 + row.nanoOfMs(i) / 1000);
        }

        @Override
        public Writer timestampLtz(DataType.TimestampLtzType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }

        @Override
        public Writer array(DataType.ArrayType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }

        @Override
        public Writer map(DataType.MapType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }

        @Override
        public Writer row(DataType.RowType type) {
            throw KeyEncoder.unsupported(field, "an Iceberg");
        }
    }
}
