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
package io.fluss.tiering.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitPlannerTest {
    private static final TablePath PATH = TablePath.of("db", "t");
    private static final TableBucket B0 = TableBucket.of(7, 0);
    private static final TableBucket B1 = TableBucket.of(7, 1);
    private static final TableBucket B2 = TableBucket.of(7, 2);
    private static final SplitPlanner WHOLE = new SplitPlanner(0, false);

    @Test
    void plansNothingForEmptyAndTieredBuckets() {
        List<BucketRange> ranges =
                List.of(new BucketRange(B0, "", 0, 0), new BucketRange(B1, "", 0, 5));
        assertThat(WHOLE.plan(PATH, ranges, Map.of(B1, 5L), 1)).isEmpty();
        assertThat(WHOLE.plan(PATH, ranges, Map.of(B1, 9L), 1)).isEmpty();
    }

    @Test
    void startsAtTheEarliestOffsetIfNeverTiered() {
        assertThat(WHOLE.plan(PATH, List.of(new BucketRange(B0, "", 3, 9)), Map.of(), 1))
                .containsExactly(BucketSplit.log(0, B0, "", 3, 9));
    }

    @Test
    void goesOnWhereTheLastRoundEnded() {
        assertThat(WHOLE.plan(PATH, List.of(new BucketRange(B0, "p", 3, 9)), Map.of(B0, 4L), 1))
                .containsExactly(BucketSplit.log(0, B0, "p", 4, 9));
    }

    @Test
    void namesTheGapThatTheLogHasLost() {
        List<BucketRange> ranges = List.of(new BucketRange(B0, "", 6, 9));
        assertThatThrownBy(() -> WHOLE.plan(PATH, ranges, Map.of(B0, 4L), 1))
                .hasMessageContaining("[4, 6)")
                .hasMessageContaining("--skip-gap");
        assertThat(new SplitPlanner(0, true).plan(PATH, ranges, Map.of(B0, 4L), 1))
                .containsExactly(BucketSplit.log(0, B0, "", 6, 9));
    }

    @Test
    void cutsLongRangesAndStartsTheFirstPiecesFirst() {
        List<BucketSplit> splits =
                new SplitPlanner(4, false)
                        .plan(
                                PATH,
                                List.of(
                                        new BucketRange(B0, "", 0, 10),
                                        new BucketRange(B1, "", 0, 5)),
                                Map.of(),
                                1);
        assertThat(splits).extracting(BucketSplit::taskId).containsExactly(0, 1, 2, 3, 4);
        assertThat(splits).extracting(BucketSplit::from).containsExactly(0L, 0L, 4L, 4L, 8L);
        assertThat(splits.stream().filter(s -> s.bucket().equals(B0)))
                .extracting(BucketSplit::to)
                .containsExactly(4L, 8L, 10L);
    }

    @Test
    void keyedBucketsBeginWithTheirRowsAndGoOnWithOneSplitOfTheLog() {
        List<BucketRange> ranges =
                List.of(
                        new BucketRange(B0, "p", 3, 10),
                        new BucketRange(B1, "p", 0, 9),
                        new BucketRange(B2, "p", 0, 0));
        assertThat(new SplitPlanner(4, false).planKeyed(PATH, ranges, Map.of(B1, 2L), 1))
                .extracting(s -> List.of(s.bucket(), s.source(), s.from(), s.to()))
                .containsExactlyInAnyOrder(
                        List.of(B0, BucketSplit.Source.ROWS, 0L, 10L),
                        List.of(B1, BucketSplit.Source.LOG, 2L, 9L));
        assertThat(WHOLE.planKeyed(PATH, ranges, Map.of(B0, 10L, B1, 9L), 1)).isEmpty();
    }

    @Test
    void aKeyedBucketWhoseGapIsAcceptedIsReadAnew() {
        List<BucketRange> ranges = List.of(new BucketRange(B0, "", 6, 9));
        assertThatThrownBy(() -> WHOLE.planKeyed(PATH, ranges, Map.of(B0, 4L), 1))
                .hasMessageContaining("[4, 6)");
        assertThat(new SplitPlanner(0, true).planKeyed(PATH, ranges, Map.of(B0, 4L), 1))
                .containsExactly(new BucketSplit(0, B0, "", BucketSplit.Source.ROWS, 0, 9));
    }

    @Test
    void countsWhatIsNotInTheLake() {
        List<BucketRange> ranges =
                List.of(new BucketRange(B0, "", 2, 10), new BucketRange(B1, "", 0, 5));
        assertThat(SplitPlanner.lagRecords(ranges, Map.of(B1, 4L))).isEqualTo(9);
        assertThat(SplitPlanner.lagRecords(ranges, Map.of(B0, 10L, B1, 5L))).isZero();
    }
}
