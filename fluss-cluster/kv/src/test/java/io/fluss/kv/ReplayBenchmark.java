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

import com.sun.management.OperatingSystemMXBean;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowValues;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * How fast rows are written and rebuilt from the log; run by hand, figures are in
 * docs/performance.md. Arguments: rows, updates.
 */
final class ReplayBenchmark {
    private static final int BATCH_ROWS = 1000;
    private static final int ROUNDS = 4;

    private ReplayBenchmark() {}

    private static TableDescriptor table() {
        return TableDescriptor.of(
                        TableSchema.of(
                                List.of(
                                        Column.of("id", DataTypes.bigInt()),
                                        Column.of("c1", DataTypes.bigInt()),
                                        Column.of("c2", DataTypes.integer()),
                                        Column.of("c3", DataTypes.integer()),
                                        Column.of("c4", DataTypes.doubling()),
                                        Column.of("c5", DataTypes.doubling()),
                                        Column.of("c6", DataTypes.string()),
                                        Column.of("c7", DataTypes.string()),
                                        Column.of("c8", DataTypes.timestamp(3)),
                                        Column.of("c9", DataTypes.bool())),
                                List.of("id")))
                .withBuckets(1)
                .withProperties(Map.of());
    }

    public static void main(String[] args) throws IOException {
        int keys = Integer.parseInt(args[0]);
        int updates = Integer.parseInt(args[1]);
        TableDescriptor descriptor = table();
        KvTable table = new KvTable("db.t", 1, descriptor);
        KvSettings settings = KvSettings.of(Settings.of(Map.of()));
        ExecutorService drainers = Executors.newFixedThreadPool(2);
        ExecutorService folders = Executors.newFixedThreadPool(2);
        Path directory = Files.createTempDirectory("replay");
        try (KvStorage storage = new KvStorage(settings, drainers);
                BufferAllocator allocator = new RootAllocator()) {
            List<ByteBuffer> requests = requests(descriptor, keys, updates);
            List<ByteBuffer> log = List.of();
            for (int round = 0; round < ROUNDS; round++) {
                log = write(storage, directory.resolve("w" + round), table, allocator, requests);
            }
            for (int round = 0; round < ROUNDS; round++) {
                replay(storage, directory.resolve("r" + round), table, allocator, folders, log);
            }
        } finally {
            drainers.shutdownNow();
            folders.shutdownNow();
        }
    }

    private static List<ByteBuffer> requests(TableDescriptor table, int keys, int updates) {
        RowFormat format = RowFormat.COMPACTED;
        KeyEncoder encoder = KeyEncoder.forPrimaryKey(table);
        Random random = new Random(7);
        List<ByteBuffer> requests = new ArrayList<>();
        for (int at = 0; at < keys + updates; at += BATCH_ROWS) {
            KvBatchWriter batch = new KvBatchWriter(format.encoder(table.schema().rowType()));
            for (int i = at; i < Math.min(keys + updates, at + BATCH_ROWS); i++) {
                long id = i < keys ? i : random.nextInt(keys);
                RowValues row = row(random, id);
                batch.upsert(encoder.encode(row), row);
            }
            requests.add(batch.finish(1, -1, -1));
        }
        return requests;
    }

    private static RowValues row(Random random, long id) {
        byte[] text = Integer.toHexString(random.nextInt()).getBytes(StandardCharsets.UTF_8);
        byte[] name = ("name of " + random.nextInt(1000)).getBytes(StandardCharsets.UTF_8);
        return new ObjectRow(
                id,
                random.nextLong(),
                (long) random.nextInt(),
                (long) random.nextInt(100),
                random.nextDouble(),
                random.nextDouble(),
                text,
                name,
                1_700_000_000_000L + random.nextInt(),
                random.nextBoolean());
    }

    private static List<ByteBuffer> write(
            KvStorage storage,
            Path directory,
            KvTable table,
            BufferAllocator allocator,
            List<ByteBuffer> requests) {
        List<ByteBuffer> log = new ArrayList<>();
        long end = 0;
        int records = 0;
        try (BucketRows rows = open(storage, directory, table, allocator)) {
            Meter meter = new Meter();
            for (ByteBuffer request : requests) {
                ByteBuffer changelog = rows.prepare(request.array(), List.of(), MergeMode.DEFAULT);
                LogBatch batch = LogBatch.at(changelog, 0);
                changelog.put(0, batch.stampedPrefix(end, 1), 0, 21);
                end = LogBatch.at(changelog, 0).nextOffset();
                rows.appended(end);
                rows.commit(end);
                log.add(changelog);
                records += BATCH_ROWS;
            }
            meter.report("upsert", records);
        }
        return log;
    }

    private static void replay(
            KvStorage storage,
            Path directory,
            KvTable table,
            BufferAllocator allocator,
            ExecutorService folders,
            List<ByteBuffer> log) {
        try (BucketRows rows = open(storage, directory, table, allocator)) {
            Meter meter = new Meter();
            try (LogReplay replay = rows.replay(folders)) {
                log.forEach(b -> replay.add(LogBatch.at(b, 0)));
                replay.finish();
            }
            meter.report("replay", rows.committedOffset());
        }
    }

    private static BucketRows open(
            KvStorage storage, Path directory, KvTable table, BufferAllocator allocator) {
        return BucketRows.open(
                storage,
                directory,
                table,
                id -> table.descriptor().schema(),
                BucketRows.RowsAt.NOTHING,
                allocator);
    }

    /** Wall time, CPU time of this thread and of the process since it was made. */
    private static final class Meter {
        private final OperatingSystemMXBean process =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        private final long wall = System.nanoTime();
        private final long thread = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        private final long all = process.getProcessCpuTime();

        void report(String what, long records) {
            System.out.printf(
                    "%s: %d records, us each: %.3f wall, %.3f thread, %.3f process%n",
                    what,
                    records,
                    (System.nanoTime() - wall) / 1e3 / records,
                    (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - thread)
                            / 1e3
                            / records,
                    (process.getProcessCpuTime() - all) / 1e3 / records);
        }
    }
}
