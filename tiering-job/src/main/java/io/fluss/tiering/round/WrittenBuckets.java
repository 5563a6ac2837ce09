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

import io.fluss.lake.LakeWriter;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of a round can be committed: per bucket, the results without a hole from the bucket's start.
 *
 * @param ends end offset of each bucket that advanced
 * @param files to commit
 * @param unusable files behind a split that did not complete
 * @param isCut some split did not complete
 */
record WrittenBuckets(
        Map<TableBucket, Long> ends,
        Map<TableBucket, Long> maxTimestampsMs,
        List<LakeWriter.Result> files,
        List<LakeWriter.Result> unusable,
        boolean isCut) {

    static WrittenBuckets of(List<SplitResult> results) {
        Map<TableBucket, List<SplitResult>> byBucket = new TreeMap<>();
        for (SplitResult r : results) {
            byBucket.computeIfAbsent(r.split().bucket(), b -> new ArrayList<>()).add(r);
        }
        Map<TableBucket, Long> ends = new HashMap<>();
        Map<TableBucket, Long> timestamps = new HashMap<>();
        List<LakeWriter.Result> files = new ArrayList<>();
        List<LakeWriter.Result> unusable = new ArrayList<>();
        boolean isCut = false;
        for (List<SplitResult> bucket : byBucket.values()) {
            bucket.sort(Comparator.comparingLong(r -> r.split().from()));
            boolean isOpen = true;
            for (SplitResult r : bucket) {
                r.written().ifPresent((isOpen ? files : unusable)::add);
                if (isOpen && r.end() > r.split().from()) {
                    ends.put(r.split().bucket(), r.end());
                    if (r.maxTimestampMs() >= 0) {
                        timestamps.merge(r.split().bucket(), r.maxTimestampMs(), Math::max);
                    }
                }
                isOpen &= r.isComplete();
            }
            isCut |= !isOpen;
        }
        return new WrittenBuckets(
                Map.copyOf(ends),
                Map.copyOf(timestamps),
                List.copyOf(files),
                List.copyOf(unusable),
                isCut);
    }

    static List<LakeWriter.Result> files(List<SplitResult> results) {
        return results.stream().flatMap(r -> r.written().stream()).toList();
    }
}
