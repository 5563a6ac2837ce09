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

import io.fluss.table.TableBucket;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How far a query is behind, as metrics of its progress. Pure functions. */
final class Backlog {
    /** More buckets than this are in the sum only, those with most to read are named. */
    static final int BUCKETS_MAX = 100;

    private Backlog() {}

    /**
     * {@code backlogRecords}, {@code maxBucketBacklogRecords} and {@code backlog.BUCKET} for each
     * bucket with something to read.
     */
    static Map<String, String> metrics(
            Map<TableBucket, Long> consumed, Map<TableBucket, Long> latest) {
        List<Map.Entry<TableBucket, Long>> behind =
                latest.entrySet().stream()
                        .map(
                                e ->
                                        Map.entry(
                                                e.getKey(),
                                                e.getValue()
                                                        - consumed.getOrDefault(e.getKey(), 0L)))
                        .filter(e -> e.getValue() > 0)
                        .sorted(
                                Comparator.comparingLong(
                                                (Map.Entry<TableBucket, Long> e) -> -e.getValue())
                                        .thenComparing(Map.Entry::getKey))
                        .toList();
        Map<String, String> out = new LinkedHashMap<>();
        long sum = behind.stream().mapToLong(Map.Entry::getValue).sum();
        out.put("backlogRecords", Long.toString(sum));
        out.put(
                "maxBucketBacklogRecords",
                Long.toString(behind.isEmpty() ? 0 : behind.get(0).getValue()));
        behind.stream()
                .limit(BUCKETS_MAX)
                .forEach(e -> out.put("backlog." + name(e.getKey()), e.getValue().toString()));
        return out;
    }

    /** The bucket without the table, which a query names anyway. */
    private static String name(TableBucket bucket) {
        return (bucket.isPartitioned() ? "p" + bucket.partitionId() + "/" : "") + bucket.bucket();
    }
}
