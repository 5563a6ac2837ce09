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
package io.fluss.spark.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.types.DataTypes;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnTypesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BOOLEAN | BOOLEAN | BOOLEAN",
                "TINYINT | TINYINT | TINYINT",
                "SMALLINT | SMALLINT | SMALLINT",
                "INT | INT | INT",
                "BIGINT | BIGINT | BIGINT",
                "FLOAT | FLOAT | FLOAT",
                "DOUBLE | DOUBLE | DOUBLE",
                "DECIMAL(38, 10) | DECIMAL(38, 10) | DECIMAL(38,10)",
                "STRING | STRING | STRING",
                "CHAR(3) | CHAR(3) | STRING",
                "VARCHAR(9) | STRING | STRING",
                "BINARY | BYTES | BINARY",
                "DATE | DATE | DATE",
                "TIMESTAMP | TIMESTAMP_LTZ(6) | TIMESTAMP",
                "TIMESTAMP_NTZ | TIMESTAMP(6) | TIMESTAMP_NTZ",
                "ARRAY<INT> | ARRAY<INT> | ARRAY<INT>",
                "MAP<STRING, INT> | MAP<STRING NOT NULL, INT> | MAP<STRING, INT>",
            })
    void mapsDeclaredTypesThereAndBack(String declared, String stored, String shown) {
        var type = StructType.fromDDL("a " + declared).apply(0).dataType();

        var column = ColumnTypes.of(type, true, "a");

        assertThat(column).hasToString(stored);
        assertThat(SparkTypes.of(column).sql()).isEqualTo(shown);
    }

    @Test
    void keepsNullabilityAndNamesOfNestedFields() {
        var type = StructType.fromDDL("a STRUCT<x: INT NOT NULL, y: ARRAY<STRING>>").apply(0);

        var column = ColumnTypes.of(type.dataType(), false, "a");

        assertThat(column.isNullable()).isFalse();
        assertThat(SparkTypes.of(column)).isEqualTo(type.dataType());
    }

    @Test
    void showsOtherPrecisionsInMicroseconds() {
        assertThat(SparkTypes.of(DataTypes.timestampLtz(3)).sql()).isEqualTo("TIMESTAMP");
        assertThat(SparkTypes.of(DataTypes.timestamp(9)).sql()).isEqualTo("TIMESTAMP_NTZ");
        assertThat(SparkTypes.of(DataTypes.time(9)).sql()).isEqualTo("TIME(6)");
        assertThat(SparkTypes.of(DataTypes.binary(4)).sql()).isEqualTo("BINARY");
    }

    @Test
    void refusesTypesThatNoTableHolds() {
        assertThatThrownBy(() -> ColumnTypes.of(DayTimeIntervalType.apply(), true, "a.b"))
                .hasMessageContaining("column 'a.b'")
                .hasMessageContaining("INTERVAL DAY TO SECOND");
    }
}
