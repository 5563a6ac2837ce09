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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RowErrorsTest {
    @Test
    void refusesMoreArrayElementsThanThereAreBytes() {
        assertCorrupt(
                DataTypes.array(DataTypes.tinyInt()), "00 08 ffffff7f 00000000", "2147483647");
        assertCorrupt(DataTypes.array(DataTypes.tinyInt()), "00 04 ffffffff", "no array");
    }

    @Test
    void refusesElementsThatShareBytes() {
        // Two elements of 8 bytes, both at byte 24, where there are 8 bytes.
        assertCorrupt(
                DataTypes.array(DataTypes.string()),
                "00 20 02000000 00000000 0800000018000000 0800000018000000 6161616161616161",
                "0 bytes left");
    }

    @Test
    void refusesMapsWithMoreKeysThanValues() {
        assertCorrupt(
                DataTypes.map(DataTypes.tinyInt(), DataTypes.tinyInt()),
                "00 1c 10000000 01000000 00000000 0700000000000000 00000000 00000000",
                "1 keys and 0 values");
    }

    @Test
    void refusesVarintsWithoutEnd() {
        assertCorrupt(DataTypes.integer(), "00 ffffffffff", "varint");
        assertCorrupt(DataTypes.integer(), "00 ffffffff7f", "varint");
        assertCorrupt(DataTypes.bigInt(), "00 ffffffffffffffffff02", "varint");
    }

    @Test
    void refusesWhatIsLeftBehindTheLastField() {
        assertCorrupt(DataTypes.tinyInt(), "00 01 02", "1 bytes behind");
    }

    @Test
    void refusesNanosecondsThatAreMoreThanAMillisecond() {
        assertCorrupt(DataTypes.timestamp(6), "00 01 c0843d", "1000000 nanoseconds");
    }

    private static void assertCorrupt(DataType type, String hex, String message) {
        DataType.RowType row = DataTypes.row(DataTypes.field("f", type));
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> touch(RowGoldenTest.open(RowFormat.COMPACTED, row, bytes), type))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD))
                .hasMessageContaining(message);
    }

    private static void touch(RowReader row, DataType type) {
        if (type instanceof DataType.ArrayType) {
            row.elements(0);
        } else if (type instanceof DataType.MapType) {
            row.values(0);
        }
    }
}
