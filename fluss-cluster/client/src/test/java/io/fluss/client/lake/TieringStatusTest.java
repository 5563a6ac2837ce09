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
package io.fluss.client.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.lake.TieringState.Phase;
import io.fluss.client.lake.TieringState.Place;
import io.fluss.client.lake.TieringStatus.BucketLag;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TieringStatusTest {
    private static final TablePath PATH = TablePath.of("db", "t");
    private static final long NOW = 1_000_000;

    @Test
    void aScheduledTableWaitsForItsFreshness() {
        TieringStatus s = status(Phase.SCHEDULED, NOW - 140_000, 0, 0);
        assertThat(s.word()).isEqualTo("scheduled");
        assertThat(s.why()).isEqualTo("its freshness of 3 min passes in 40 s");
        assertThat(s.lastError()).isEmpty();
    }

    @Test
    void aPendingTableWaitsForAService() {
        assertThat(status(Phase.PENDING, NOW - 5_000, 0, 0).why())
                .isEqualTo("due; no tiering service has asked for it for 5 s");
        assertThat(status(Phase.PENDING, NOW - 65_000, 0, 0).why())
                .endsWith("for 1 min 5 s; is a tiering job running?");
        assertThat(status(Phase.PENDING, NOW - 5_000, 2, 0).why())
                .isEqualTo("due for 5 s; 2 tables are ahead of it");
    }

    @Test
    void aFailedTableIsFailedUntilItIsTriedAgain() {
        TieringStatus resting = status(Phase.TIERING, NOW - 1_000, 0, 3);
        assertThat(resting.word()).isEqualTo("failed");
        assertThat(resting.why()).isEqualTo("failed 3 times in a row, is tried again in 6 s");
        assertThat(resting.lastError()).contains("disk full");
        assertThat(status(Phase.PENDING, NOW, 0, 1).word()).isEqualTo("failed");
        TieringStatus running = status(Phase.TIERING, NOW - 20_000, 0, 0);
        assertThat(running.word()).isEqualTo("tiering");
        assertThat(running.why()).isEqualTo("in work for 20 s");
    }

    @Test
    void aClusterThatDoesNotTellIsUnknownAndATableWithoutLakeIsOff() {
        TieringStatus unknown = status(Optional.empty(), List.of());
        assertThat(unknown.word()).isEqualTo("unknown");
        assertThat(unknown.why()).contains("does not tell");
        TieringStatus off =
                status(
                        Optional.of(new TieringState(7, PATH, Optional.empty(), 0, List.of(), NOW)),
                        List.of());
        assertThat(off.word()).isEqualTo("off");
    }

    @Test
    void theLagOfATableIsTheSumOfRowsAndTheOldestAge() {
        BucketLag even = lag(0, 0, OptionalLong.empty());
        BucketLag behind = lag(1, 5, OptionalLong.of(NOW - 700));
        BucketLag further = lag(2, 3, OptionalLong.of(NOW - 900));
        TieringStatus s = status(Optional.empty(), List.of(even, behind, further));
        assertThat(s.lagRecords()).hasValue(8);
        assertThat(s.lagMs()).hasValue(900);
        TieringStatus unsure =
                status(Optional.empty(), List.of(even, lag(1, 5, OptionalLong.empty())));
        assertThat(unsure.lagMs()).isEmpty();
        TieringStatus done = status(Optional.empty(), List.of(even));
        assertThat(done.lagMs()).hasValue(0);
        TieringStatus broken =
                new TieringStatus(
                        PATH,
                        7,
                        Optional.empty(),
                        OptionalLong.empty(),
                        List.of(),
                        Optional.of("no leader"),
                        NOW);
        assertThat(broken.lagRecords()).isEmpty();
        assertThat(broken.lagMs()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "7, 7 ms",
        "1999, 1 s",
        "60000, 1 min",
        "61000, 1 min 1 s",
        "3600000, 1 h",
        "90000000, 1 d 1 h"
    })
    void spansAreReadable(long ms, String text) {
        assertThat(TieringStatus.span(ms)).isEqualTo(text);
    }

    private static BucketLag lag(int bucket, long records, OptionalLong oldestMs) {
        return new BucketLag(TableBucket.of(7, bucket), "", 1, 1 + records, records, oldestMs);
    }

    private static TieringStatus status(Phase phase, long sinceMs, int ahead, int failures) {
        TieringRound failed =
                new TieringRound(
                        NOW - 2_000,
                        100,
                        Optional.empty(),
                        false,
                        Optional.of("disk full"),
                        8_000,
                        "app");
        return status(
                Optional.of(
                        new TieringState(
                                7,
                                PATH,
                                Optional.of(
                                        new Place(
                                                phase, sinceMs, 180_000, sinceMs + 180_000, ahead)),
                                failures,
                                failures == 0 ? List.of() : List.of(failed),
                                NOW)),
                List.of());
    }

    private static TieringStatus status(Optional<TieringState> state, List<BucketLag> lag) {
        return new TieringStatus(PATH, 7, state, OptionalLong.empty(), lag, Optional.empty(), NOW);
    }
}
