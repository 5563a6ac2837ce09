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

import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitTasksTest {
    @Test
    void manySmallSplitsShareTasksButAllCoresWork() {
        List<List<BucketSplit>> tasks = SplitTasks.of(splits(10, 10, 10, 10, 10, 10, 10), 1000, 2);
        assertThat(tasks).hasSize(2);
        assertThat(tasks.get(0)).hasSize(4);
        assertThat(tasks.stream().flatMap(List::stream)).hasSize(7);
        assertThat(tasks.get(0).get(0).taskId()).isZero();
    }

    @Test
    void bigSplitsHaveTasksOfTheirOwn() {
        List<List<BucketSplit>> tasks = SplitTasks.of(splits(1000, 1000, 1000, 10, 10), 1000, 2);
        assertThat(tasks).hasSize(4);
        assertThat(tasks.get(3)).hasSize(2);
    }

    @Test
    void withoutLimitEverySplitIsATask() {
        assertThat(SplitTasks.of(splits(1, 1, 1), 0, 1)).hasSize(3);
    }

    @Test
    void sizesFollowTheRounds() {
        SplitPlanner planner = new SplitPlanner(5_000_000, 1_000_000, 0, false);
        assertThat(planner.recordsMax()).isEqualTo(5_000_000);
        assertThat(planner.withBytesPerRow(10).recordsMax()).isEqualTo(100_000);
        assertThat(planner.withBytesPerRow(0.1).recordsMax()).isEqualTo(5_000_000);
        RowSizes sizes = new RowSizes();
        assertThat(sizes.bytesPerRow(7)).isZero();
        sizes.add(7, outcome(100, 1000));
        assertThat(sizes.bytesPerRow(7)).isEqualTo(10);
        sizes.add(7, outcome(100, 3000));
        assertThat(sizes.bytesPerRow(7)).isEqualTo(20);
        sizes.add(7, outcome(0, 0));
        assertThat(sizes.bytesPerRow(7)).isEqualTo(20);
    }

    private static RoundOutcome outcome(long rows, long bytes) {
        return new RoundOutcome(java.util.Optional.empty(), false, rows, 1, bytes, 0);
    }

    private static List<BucketSplit> splits(int... records) {
        List<BucketSplit> out = new ArrayList<>();
        for (int r : records) {
            out.add(BucketSplit.log(out.size(), TableBucket.of(1, out.size()), "", 0, r));
        }
        return out;
    }
}
