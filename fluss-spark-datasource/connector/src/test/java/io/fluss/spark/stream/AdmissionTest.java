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
package io.fluss.spark.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final TableBucket B0 = TableBucket.of(1, 0);
    private static final TableBucket B1 = TableBucket.of(1, 1);

    @Test
    void takesEverythingWithinTheLimit() {
        assertThat(Admission.end(Map.of(B0, 5L), Map.of(B0, 9L, B1, 3L), OptionalLong.of(7)))
                .containsOnly(Map.entry(B0, 9L), Map.entry(B1, 3L));
    }

    @Test
    void sharesTheLimitByBacklog() {
        assertThat(
                        Admission.end(
                                Map.of(B0, 0L, B1, 100L),
                                Map.of(B0, 75L, B1, 125L),
                                OptionalLong.of(20)))
                .containsOnly(Map.entry(B0, 15L), Map.entry(B1, 105L));
    }

    @Test
    void alwaysMovesAndNeverBack() {
        assertThat(
                        Admission.end(
                                Map.of(B0, 0L, B1, 9L), Map.of(B0, 5L, B1, 4L), OptionalLong.of(1)))
                .containsOnly(Map.entry(B0, 1L), Map.entry(B1, 9L));
    }

    @Test
    void findsTheRowsInALimit() {
        assertThat(Admission.rowsMax(ReadLimit.maxRows(4))).hasValue(4);
        assertThat(Admission.rowsMax(ReadLimit.allAvailable())).isEmpty();
        assertThat(
                        Admission.rowsMax(
                                ReadLimit.compositeLimit(
                                        new ReadLimit[] {
                                            ReadLimit.maxFiles(1), ReadLimit.maxRows(6)
                                        })))
                .hasValue(6);
    }

    @Test
    void findsWhatElseALimitSays() {
        ReadLimit limit =
                Admission.limit(
                        new StreamOptions.Limits(
                                OptionalLong.of(8),
                                OptionalLong.of(1_000),
                                OptionalLong.of(2),
                                Duration.ofSeconds(3)));

        assertThat(Admission.rowsMax(limit)).hasValue(8);
        assertThat(Admission.bytesMax(limit)).hasValue(1_000);
        assertThat(Admission.rowsMin(limit).orElseThrow().minRows()).isEqualTo(2);
        assertThat(Admission.rowsMin(limit).orElseThrow().maxTriggerDelayMs()).isEqualTo(3_000);
        assertThat(
                        Admission.limit(
                                new StreamOptions.Limits(
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        Duration.ZERO)))
                .isEqualTo(ReadLimit.allAvailable());
    }

    @Test
    void takesTheTighterOfRowsAndBytes() {
        OptionalLong none = OptionalLong.empty();

        assertThat(Admission.tighter(OptionalLong.of(5), none, 100)).hasValue(5);
        assertThat(Admission.tighter(OptionalLong.of(5), OptionalLong.of(300), 100)).hasValue(3);
        assertThat(Admission.tighter(OptionalLong.of(2), OptionalLong.of(300), 100)).hasValue(2);
        assertThat(Admission.tighter(none, OptionalLong.of(3), 100)).hasValue(1);
        assertThat(Admission.tighter(none, none, 100)).isEmpty();
    }
}
