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
package io.fluss.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds of values that are alike in their first bytes, or shorter than a word. */
class BytesBoundsPropertyTest {
    private static final ParquetLayout LAYOUT =
            new ParquetLayout(
                    CompressionCodecName.UNCOMPRESSED,
                    OptionalInt.empty(),
                    1 << 20,
                    1 << 20,
                    1 << 20,
                    0);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void bytesAreOrderedUnsigned(long seed) {
        Random random = new Random(seed);
        int alike = random.nextInt(14);
        byte[][] values = new byte[200][];
        try (BufferAllocator allocator = new RootAllocator();
                VarBinaryVector vector = new VarBinaryVector("v", allocator)) {
            for (int i = 0; i < values.length; i++) {
                values[i] = new byte[alike + random.nextInt(5) + (i == 0 ? 1 : 0)];
                for (int k = 0; k < values[i].length; k++) {
                    values[i][k] = (byte) (k < alike ? 200 + k : random.nextInt(4) - 2);
                }
                vector.setSafe(i, values[i]);
            }
            vector.setValueCount(values.length);
            Statistics<?> actual =
                    bounds(
                            Types.required(PrimitiveTypeName.BINARY).named("v"),
                            MinorType.VARBINARY,
                            vector);
            Arrays.sort(values, Arrays::compareUnsigned);
            assertThat(actual.getMinBytes()).isEqualTo(values[0]);
            assertThat(actual.getMaxBytes()).isEqualTo(values[values.length - 1]);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void decimalsAreOrderedByValue(long seed) {
        Random random = new Random(seed);
        BigInteger base = new BigInteger(random.nextInt(110), random);
        BigDecimal[] values = new BigDecimal[200];
        try (BufferAllocator allocator = new RootAllocator();
                DecimalVector vector = new DecimalVector("v", allocator, 38, 2)) {
            for (int i = 0; i < values.length; i++) {
                BigInteger v = base.add(BigInteger.valueOf(random.nextInt(1000)));
                values[i] = new BigDecimal(random.nextBoolean() && seed > 3 ? v.negate() : v, 2);
                vector.setSafe(i, values[i]);
            }
            vector.setValueCount(values.length);
            Statistics<?> actual =
                    bounds(
                            Types.required(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
                                    .length(16)
                                    .as(LogicalTypeAnnotation.decimalType(2, 38))
                                    .named("v"),
                            MinorType.DECIMAL,
                            vector);
            Arrays.sort(values);
            assertThat(new BigInteger(actual.getMinBytes())).isEqualTo(values[0].unscaledValue());
            assertThat(new BigInteger(actual.getMaxBytes()))
                    .isEqualTo(values[values.length - 1].unscaledValue());
        }
    }

    private static Statistics<?> bounds(PrimitiveType type, MinorType form, FieldVector vector) {
        ColumnDescriptor descriptor = new MessageType("m", type).getColumns().get(0);
        BytesColumn column = new BytesColumn(descriptor, LAYOUT, EnumSet.of(form));
        Presence all = new Presence();
        Statistics<?> bounds = Statistics.createStats(type);
        // In two pieces: the second one must not forget the first.
        int half = vector.getValueCount() / 2;
        all.read(vector, 0, half);
        column.take(vector, 0, all);
        all.read(vector, half, vector.getValueCount() - half);
        column.take(vector, half, all);
        column.addMinMax(bounds);
        return bounds;
    }
}
