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
package io.fluss.formats.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenValues;
import io.fluss.formats.RandomRows;
import io.fluss.types.DataType;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowPropertyTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void randomRowsComeBackFromOneReaderAndOneBuffer(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DataType.RowType type = RandomRows.rowType(random);
        for (RowFormat format : RowFormat.values()) {
            RowEncoder encoder = format.encoder(type);
            RowReader reader = format.reader(type);
            RowBytes out = new RowBytes(1);
            for (JsonNode row : RandomRows.rows(random, type)) {
                out.clear();
                out.put4(-1); // rows need not start at 0
                encoder.encode(GoldenValues.of(row, type), out);
                out.put1(-1);
                reader.open(out.view(), 4, out.size() - 5);
                assertThat(GoldenValues.read(reader, type))
                        .as("seed %s %s %s", seed, format, type)
                        .isEqualTo(row);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void damagedRowsAreReadOrRefusedAsCorrupt(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DataType.RowType type = RandomRows.rowType(random);
        int refused = 0;
        for (RowFormat format : RowFormat.values()) {
            for (JsonNode row : RandomRows.rows(random, type)) {
                byte[] whole = format.encoder(type).encode(GoldenValues.of(row, type));
                byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length + 8));
                refused += read(format, type, cut) ? 0 : 1;
                for (int i = random.nextInt(1, 4); i > 0; i--) {
                    whole[random.nextInt(whole.length)] = (byte) random.nextInt();
                }
                refused += read(format, type, whole) ? 0 : 1;
            }
        }
        assertThat(refused).as("seed %s %s", seed, type).isPositive();
    }

    private static boolean read(RowFormat format, DataType.RowType type, byte[] bytes) {
        try {
            GoldenValues.read(RowGoldenTest.open(format, type, bytes), type);
            return true;
        } catch (FlussException e) {
            assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD);
            return false;
        }
    }
}
