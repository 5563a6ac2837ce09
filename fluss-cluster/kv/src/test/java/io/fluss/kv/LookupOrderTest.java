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
package io.fluss.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers of a key never see time run backwards while a writer counts its rows up: not below what
 * was committed before the read, not above what is written, and not below what any reader has seen.
 * Memory is so small that rows go in and out of each place all the time.
 */
class LookupOrderTest {
    private static final int KEYS = 200;
    private static final int WRITES = 6_000;

    @Test
    void lookupsAreLinearizable(@TempDir Path directory) throws Exception {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("k", DataTypes.bigInt()),
                                Column.of("n", DataTypes.bigInt())),
                        List.of("k"));
        KvSettings tiny = new KvSettings(1 << 16, 1 << 16, 1, 2048, 2, 1, 1, 1024);
        AtomicLongArray sent = new AtomicLongArray(KEYS);
        AtomicLongArray committed = new AtomicLongArray(KEYS);
        AtomicLongArray seen = new AtomicLongArray(KEYS);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService readers = Executors.newFixedThreadPool(3);
        try (TestBucket bucket =
                new TestBucket(TableDescriptor.of(schema).withBuckets(1), directory, tiny)) {
            List<Future<Long>> reads = new ArrayList<>();
            for (int r = 0; r < 3; r++) {
                long seed = r;
                reads.add(
                        readers.submit(
                                () -> read(bucket, new Random(seed), sent, committed, seen, done)));
            }
            KvBatchWriter writer =
                    new KvBatchWriter(bucket.table.rowFormat().encoder(schema.rowType()));
            Random random = new Random(11);
            for (int w = 0; w < WRITES; w++) {
                int batch = 1 + random.nextInt(8);
                int first = random.nextInt(KEYS);
                for (int i = 0; i < batch; i++) {
                    int key = (first + i * 7) % KEYS;
                    long n = sent.incrementAndGet(key);
                    writer.upsert(
                            bucket.keys.encode(new ObjectRow((long) key)),
                            new ObjectRow((long) key, n));
                }
                bucket.write(writer.finish(1, -1, -1), List.of(), MergeMode.DEFAULT);
                bucket.rows.commit(bucket.endOffset);
                for (int i = 0; i < batch; i++) {
                    int key = (first + i * 7) % KEYS;
                    committed.set(key, sent.get(key));
                }
            }
            done.set(true);
            long lookups = 0;
            for (Future<Long> r : reads) {
                lookups += r.get();
            }
            assertThat(lookups).isGreaterThan(1000);
        } finally {
            done.set(true);
            readers.shutdownNow();
        }
    }

    private static long read(
            TestBucket bucket,
            Random random,
            AtomicLongArray sent,
            AtomicLongArray committed,
            AtomicLongArray seen,
            AtomicBoolean done) {
        long lookups = 0;
        while (!done.get()) {
            int key = random.nextInt(KEYS);
            long atLeast = Math.max(committed.get(key), seen.get(key));
            List<Object> row = bucket.lookup(bucket.keys.encode(new ObjectRow((long) key)));
            long n = row == null ? 0 : (Long) row.get(1);
            assertThat(n).isBetween(atLeast, sent.get(key));
            seen.accumulateAndGet(key, n, Math::max);
            lookups++;
            if (random.nextInt(200) == 0) {
                bucket.rows.prefixLookup(new byte[0], 1 << 20);
            }
        }
        return lookups;
    }
}
