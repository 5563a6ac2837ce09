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
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BacklogTest {
    @Test
    void namesTheBucketsThatAreBehind() {
        Map<TableBucket, Long> latest =
                Map.of(
                        new TableBucket(1, 4, 0), 10L,
                        new TableBucket(1, 4, 1), 10L,
                        new TableBucket(1, 5, 0), 3L);

        assertThat(
                        Backlog.metrics(
                                Map.of(
                                        new TableBucket(1, 4, 0), 10L,
                                        new TableBucket(1, 4, 1), 2L),
                                latest))
                .containsOnly(
                        Map.entry("backlogRecords", "11"),
                        Map.entry("maxBucketBacklogRecords", "8"),
                        Map.entry("backlog.p4/1", "8"),
                        Map.entry("backlog.p5/0", "3"));
        assertThat(Backlog.metrics(latest, latest))
                .containsOnly(
                        Map.entry("backlogRecords", "0"),
                        Map.entry("maxBucketBacklogRecords", "0"));
    }

    @Test
    void hasABoundedNumberOfMetrics() {
        Map<TableBucket, Long> latest = new HashMap<>();
        for (int b = 0; b < 1_000; b++) {
            latest.put(TableBucket.of(1, b), 1L + b);
        }

        Map<String, String> metrics = Backlog.metrics(Map.of(), latest);

        assertThat(metrics)
                .hasSize(Backlog.BUCKETS_MAX + 2)
                .containsEntry("backlogRecords", "500500")
                .containsEntry("backlog.999", "1000");
    }
}
