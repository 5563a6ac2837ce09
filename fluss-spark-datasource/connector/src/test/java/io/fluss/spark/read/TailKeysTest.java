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
package io.fluss.spark.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.spark.mask.KeyColumns;
import io.fluss.spark.mask.KeyTable;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

class TailKeysTest {
    private static final KeyColumns KEY = KeyColumns.of(List.of(0), List.of(DataTypes.IntegerType));
    private static final int BUCKETS = 20;
    private static final List<LogRangePartition> RANGES =
            IntStream.range(0, BUCKETS)
                    .mapToObj(b -> new LogRangePartition(TableBucket.of(1, b), 0, 1))
                    .toList();

    @Test
    void tasksReadEachBucketOnceTogether() throws Exception {
        Set<LogRangePartition> read = ConcurrentHashMap.newKeySet();
        TailKeys keys =
                new TailKeys(
                        RANGES,
                        KeyTable.of(KEY),
                        (range, to) -> {
                            assertThat(read.add(range))
                                    .as("bucket read for the first time")
                                    .isTrue();
                            put(range, to);
                        });
        ExecutorService tasks = Executors.newFixedThreadPool(4);
        try {
            List<CompletableFuture<KeyTable>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(CompletableFuture.supplyAsync(keys::read, tasks));
            }
            for (CompletableFuture<KeyTable> task : all) {
                KeyTable.Probe found = task.get(30, TimeUnit.SECONDS).probe(KEY);
                for (int b = 0; b < BUCKETS; b++) {
                    assertThat(found.contains(row(b))).isTrue();
                }
                assertThat(found.contains(row(BUCKETS))).isFalse();
            }
        } finally {
            tasks.shutdownNow();
        }
    }

    @Test
    void anotherTaskReadsWhatOneCouldNot() {
        Set<LogRangePartition> failed = ConcurrentHashMap.newKeySet();
        TailKeys keys =
                new TailKeys(
                        RANGES,
                        KeyTable.of(KEY),
                        (range, to) -> {
                            if (failed.isEmpty()) {
                                failed.add(range);
                                throw new IllegalStateException("the task dies");
                            }
                            put(range, to);
                        });

        assertThatThrownBy(keys::read).hasMessage("the task dies");
        assertThat(keys.read().count()).isEqualTo(BUCKETS);
    }

    private static void put(LogRangePartition range, KeyTable to) {
        synchronized (to) {
            to.put(KEY, row(range.bucket().bucket()), 0);
        }
    }

    private static GenericInternalRow row(int key) {
        return new GenericInternalRow(new Object[] {key});
    }
}
