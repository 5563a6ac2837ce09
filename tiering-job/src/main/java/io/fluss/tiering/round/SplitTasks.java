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

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Which splits one task writes, one after another. */
public final class SplitTasks {
    private SplitTasks() {}

    /**
     * Puts small splits together, so that a round of many nearly empty buckets is not a task per
     * bucket; every core gets work all the same. Splits keep their order within a task, and the
     * first split starts the first task.
     *
     * @param recordsMax of one task, unless a single split has more; 0 for no task of several
     *     splits
     * @param parallelism tasks that can run at a time
     */
    public static List<List<BucketSplit>> of(
            List<BucketSplit> splits, long recordsMax, int parallelism) {
        if (recordsMax == 0) {
            return splits.stream().map(List::of).toList();
        }
        long total = splits.stream().mapToLong(s -> s.to() - s.from()).sum();
        long wanted = Math.max(parallelism, (total + recordsMax - 1) / recordsMax);
        int count = (int) Math.min(splits.size(), wanted);
        record Task(int index, long records, List<BucketSplit> splits) {}
        PriorityQueue<Task> byLoad =
                new PriorityQueue<>(
                        Comparator.comparingLong(Task::records).thenComparingInt(Task::index));
        List<List<BucketSplit>> out = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Task t = new Task(i, 0, new ArrayList<>());
            out.add(t.splits());
            byLoad.add(t);
        }
        for (BucketSplit s : splits) {
            Task t = byLoad.remove();
            t.splits().add(s);
            byLoad.add(new Task(t.index(), t.records() + s.to() - s.from(), t.splits()));
        }
        return out;
    }
}
