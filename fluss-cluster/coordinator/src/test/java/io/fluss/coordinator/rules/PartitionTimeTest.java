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
package io.fluss.coordinator.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.time.ZonedDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionTimeTest {
    @ParameterizedTest
    @CsvSource({
        "HOUR, yyyyMMddHH, 2024123123, 2025010100",
        "DAY, yyyyMMdd, 20241231, 20250101",
        "MONTH, yyyyMM, 202412, 202501",
        "QUARTER, yyyyQ, 20244, 20251",
        "YEAR, yyyy, 2024, 2025",
        "DAY, uuuu-LL-dd, 2024-12-31, 2025-01-01",
        "DAY, yyyy_MM_dd, 2024_12_31, 2025_01_01",
        "QUARTER, yyyy'Q'q, 2024Q4, 2025Q1",
        "HOUR, yyyy-MM-dd-HH, 2024-12-31-23, 2025-01-01-00",
        "MONTH, ''y-''yyyyMM, y-202412, y-202501"
    })
    void namesPeriods(PartitionTime.Unit unit, String pattern, String now, String next) {
        PartitionTime time = PartitionTime.of(unit, pattern.replace("''", "'"));
        ZonedDateTime moment = ZonedDateTime.parse("2024-12-31T23:30:00Z");
        assertThat(time.value(moment, 0)).isEqualTo(now);
        assertThat(time.value(moment, 1)).isEqualTo(next);
        assertThat(time.isValue(now)).isTrue();
        assertThat(time.isValue(next)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "DAY, yyyyMM",
        "DAY, ddMMyyyy",
        "DAY, yyyyMMddHH",
        "DAY, yyMMdd",
        "DAY, yyyy/MM/dd",
        "DAY, yyyy MM dd",
        "DAY, yyyyMMdd[HH]",
        "DAY, yyyyMMdd'",
        "DAY, '__'yyyyMMdd",
        "MONTH, yyyyM",
        "MONTH, yyyyMMM",
        "QUARTER, yyyyMM",
        "QUARTER, yyyyQQ",
        "HOUR, yyyyMMddhh",
        "YEAR, yyyyyy",
        "YEAR, year"
    })
    void refusesPatterns(PartitionTime.Unit unit, String pattern) {
        assertThatThrownBy(() -> PartitionTime.of(unit, pattern))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TABLE))
                .hasMessageContaining("time-format");
    }

    @ParameterizedTest
    @CsvSource({
        "HOUR, 2024123124",
        "HOUR, 20241231",
        "DAY, 20240230",
        "DAY, 2024-02-03",
        "DAY, 202402030",
        "DAY, +20240203",
        "MONTH, 202413",
        "MONTH, 202400",
        "QUARTER, 20245",
        "QUARTER, 20240",
        "YEAR, 24",
        "YEAR, x024"
    })
    void knowsWhatIsNoPeriod(PartitionTime.Unit unit, String value) {
        assertThat(PartitionTime.of(unit, unit.defaultPattern()).isValue(value)).isFalse();
    }
}
