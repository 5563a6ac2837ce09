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
package io.fluss.tablet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReaderProgressTest {
    private static final TableBucket A = TableBucket.of(1, 0);
    private static final TableBucket B = TableBucket.of(1, 1);
    private static final TableBucket C = TableBucket.of(2, 0);
    private static final int MAX_WAIT_MS = 500;

    private final ReaderProgress progress = new ReaderProgress();
    private long nowMs;

    private int asked(TableBucket... buckets) {
        return progress.asked(List.of(buckets), MAX_WAIT_MS, TimeUnit.MILLISECONDS.toNanos(nowMs));
    }

    private void answered(List<TableBucket> buckets, TableBucket... withData) {
        progress.answered(buckets, List.of(withData), TimeUnit.MILLISECONDS.toNanos(nowMs));
    }

    @Test
    void aReaderThatGotNothingWaitsAsLongAsItSays() {
        assertThat(asked(A, B)).isEqualTo(MAX_WAIT_MS);
        answered(List.of(A, B));
        assertThat(asked(A)).isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void aReaderWaitsBrieflyWhileItHoldsDataOfAnotherBucket() {
        assertThat(asked(A, B)).isEqualTo(MAX_WAIT_MS);
        answered(List.of(A, B), B);
        assertThat(asked(A)).isEqualTo(ReaderProgress.WAIT_MIN_MS);
        answered(List.of(A));
        assertThat(asked(A)).isEqualTo(ReaderProgress.WAIT_MIN_MS);
        answered(List.of(A));
        assertThat(asked(A, B)).as("it has come back for all").isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void aReaderOfOneBucketWaitsAsLongAsItSays() {
        asked(A);
        answered(List.of(A), A);
        assertThat(asked(A)).isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void theWaitGrowsWithTheTimeThatTheReaderStaysAway() {
        asked(A, B);
        answered(List.of(A, B), B);
        List<Integer> waits = new ArrayList<>();
        do {
            waits.add(asked(A));
            nowMs += waits.get(waits.size() - 1);
            answered(List.of(A));
        } while (waits.get(waits.size() - 1) < MAX_WAIT_MS);
        assertThat(waits).isSorted();
        assertThat(waits).as("fetches until it waits in full").hasSizeLessThan(120);
        assertThat(asked(A)).isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void readersOfOtherBucketsOnTheSameConnectionDoNotDisturb() {
        asked(A, B);
        answered(List.of(A, B), B);
        assertThat(asked(C)).isEqualTo(MAX_WAIT_MS);
        answered(List.of(C), C);
        assertThat(asked(C)).isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void dataTwiceForOneBucketCountsOnce() {
        answered(List.of(A, B), A, B);
        answered(List.of(A, B), B);
        assertThat(asked(B)).as("nothing of the last answer is in use").isEqualTo(MAX_WAIT_MS);
        assertThat(asked(A, B)).isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void neverWaitsLongerThanAskedFor() {
        answered(List.of(A, B), B);
        assertThat(progress.asked(List.of(A), 1, 0)).isEqualTo(1);
        assertThat(progress.asked(List.of(A), 0, 0)).isZero();
    }

    @Test
    void whatItRemembersIsBounded() {
        answered(List.of(A, B), B);
        for (int i = 0; i < 20_000; i++) {
            TableBucket other = TableBucket.of(3, i);
            answered(List.of(other), other);
        }
        assertThat(asked(A)).as("forgotten").isEqualTo(MAX_WAIT_MS);
        List<TableBucket> many = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            many.add(TableBucket.of(4, i));
        }
        answered(many, many.get(0));
        assertThat(asked(many.get(1))).isEqualTo(MAX_WAIT_MS);
    }
}
