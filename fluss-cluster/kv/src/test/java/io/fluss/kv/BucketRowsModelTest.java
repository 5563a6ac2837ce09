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
import io.fluss.table.TableOptions.ChangelogImage;
import io.fluss.table.TableOptions.DeleteBehavior;
import io.fluss.table.TableOptions.MergeEngine;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random upserts, deletes and partial updates against {@link ModelTable}, with commits that lag
 * behind, flushes, checkpoints and restarts between. {@code -Dfluss.kv.model.operations=1000000}
 * runs more of them.
 */
class BucketRowsModelTest {
    private static final int OPERATIONS = Integer.getInteger("fluss.kv.model.operations", 40_000);

    /** Small enough for evictions, waits for the store and hash collisions of all kinds. */
    private static final KvSettings SMALL =
            new KvSettings(1 << 20, 1 << 20, 64 * 4096, 4096, 1, 1, 1, 4096);

    record Variant(
            long seed,
            Optional<MergeEngine> engine,
            DeleteBehavior deletes,
            ChangelogImage image,
            String kvFormat,
            String logFormat) {}

    static Stream<Variant> variants() {
        List<Variant> all = new ArrayList<>();
        long seed = 1;
        for (ChangelogImage image : ChangelogImage.values()) {
            for (String kv : List.of("COMPACTED", "INDEXED")) {
                for (String log : List.of("ARROW", kv)) {
                    all.add(
                            new Variant(
                                    seed++,
                                    Optional.empty(),
                                    DeleteBehavior.ALLOW,
                                    image,
                                    kv,
                                    log));
                    for (MergeEngine e : MergeEngine.values()) {
                        if (e == MergeEngine.AGGREGATION && image == ChangelogImage.WAL) {
                            continue;
                        }
                        DeleteBehavior d =
                                e == MergeEngine.AGGREGATION
                                        ? DeleteBehavior.ALLOW
                                        : DeleteBehavior.IGNORE;
                        all.add(new Variant(seed++, Optional.of(e), d, image, kv, log));
                    }
                }
            }
        }
        return all.stream();
    }

    private static TableDescriptor descriptor(Variant v) {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("k", DataTypes.bigInt()),
                                aggregated("n", DataTypes.integer(), "sum", Map.of()),
                                aggregated("m", DataTypes.string(), "max", Map.of()),
                                aggregated("v", DataTypes.bigInt(), "last_value", Map.of()),
                                aggregated(
                                        "t",
                                        DataTypes.string(),
                                        "listagg",
                                        Map.of("delimiter", "|")),
                                aggregated("f", DataTypes.integer(), "first_value", Map.of())),
                        List.of("k"));
        Map<String, String> p = new HashMap<>();
        v.engine()
                .ifPresent(
                        e ->
                                p.put(
                                        "table.merge-engine",
                                        e.name().toLowerCase(java.util.Locale.ROOT)));
        p.put("table.merge-engine.versioned.ver-column", "v");
        p.put("table.delete.behavior", v.deletes().name());
        p.put("table.changelog.image", v.image().name());
        p.put("table.kv.format", v.kvFormat());
        p.put("table.log.format", v.logFormat());
        return TableDescriptor.of(schema).withBuckets(1).withProperties(p);
    }

    private static Column aggregated(
            String name, io.fluss.types.DataType type, String function, Map<String, String> p) {
        return new Column(
                name,
                type,
                Optional.empty(),
                -1,
                Optional.of(new Column.AggregateFunction(function, p)));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void behavesLikeTheModel(Variant v, @TempDir Path directory) {
        Random random = new Random(v.seed());
        TableDescriptor descriptor = descriptor(v);
        ModelTable model = new ModelTable(v.engine(), v.deletes(), v.image());
        int keys = 1 + random.nextInt(400);
        int operations = Math.max(1000, OPERATIONS / (int) variants().count());
        try (TestBucket bucket = new TestBucket(descriptor, directory, SMALL)) {
            KvBatchWriter writer =
                    new KvBatchWriter(
                            bucket.table.rowFormat().encoder(descriptor.schema().rowType()));
            for (int done = 0; done < operations; ) {
                boolean overwrite = random.nextInt(10) == 0;
                Set<Integer> targets = targets(v, random, overwrite);
                int batch = random.nextInt(30);
                for (int i = 0; i < batch; i++, done++) {
                    long key = random.nextInt(keys);
                    Object[] row = random.nextInt(5) == 0 ? null : row(random, key);
                    byte[] encoded = bucket.keys.encode(new ObjectRow(key));
                    if (row == null) {
                        writer.delete(encoded);
                    } else {
                        writer.upsert(encoded, new ObjectRow(row));
                    }
                    model.apply(key, row, targets, overwrite);
                }
                ByteBuffer bytes = writer.finish(1, 7, 0);
                bucket.write(
                        bytes,
                        List.copyOf(targets),
                        overwrite ? MergeMode.OVERWRITE : MergeMode.DEFAULT);
                step(bucket, random, done, operations);
                if (random.nextInt(40) == 0) {
                    bucket.rows.commit(bucket.endOffset);
                    checkRows(bucket, model, keys);
                }
            }
            bucket.rows.commit(bucket.endOffset);
            check(bucket, model, keys, v);
            bucket.restartFromCheckpoint();
            check(bucket, model, keys, v);
            bucket.restartFromLog();
            check(bucket, model, keys, v);
        }
    }

    /** What else happens between two writes. */
    private static void step(TestBucket bucket, Random random, int done, int operations) {
        switch (random.nextInt(40)) {
            case 0 -> bucket.rows.flush();
            case 1 -> bucket.rows.prefixLookup(new byte[0], 1 << 30);
            case 2 -> {
                if (random.nextInt(8) == 0) {
                    bucket.rows.commit(bucket.endOffset);
                    bucket.restartFromCheckpoint();
                }
            }
            case 3 -> {
                if (random.nextInt(16) == 0) {
                    bucket.restartFromLog();
                }
            }
            default -> {
                if (random.nextInt(3) == 0) {
                    bucket.rows.commit(bucket.endOffset);
                }
            }
        }
    }

    private static Set<Integer> targets(Variant v, Random random, boolean overwrite) {
        boolean wholeRowsOnly =
                !overwrite && v.engine().filter(e -> e != MergeEngine.AGGREGATION).isPresent();
        if (wholeRowsOnly || random.nextInt(3) > 0) {
            return Set.of();
        }
        Set<Integer> targets = new TreeSet<>(Set.of(0));
        for (int i = 1; i < ModelTable.COLUMNS; i++) {
            if (random.nextBoolean()) {
                targets.add(i);
            }
        }
        return targets;
    }

    private static Object[] row(Random random, long key) {
        return new Object[] {
            key,
            random.nextInt(4) == 0 ? null : (Object) (long) random.nextInt(),
            random.nextInt(4) == 0 ? null : "m" + random.nextInt(1000),
            random.nextInt(4) == 0 ? null : (Object) (long) random.nextInt(50),
            random.nextInt(4) == 0 ? null : "t".repeat(random.nextInt(4)),
            random.nextInt(4) == 0 ? null : (Object) (long) random.nextInt(100)
        };
    }

    private static void check(TestBucket bucket, ModelTable model, int keys, Variant v) {
        assertThat(bucket.changelog()).isEqualTo(model.changelog);
        checkRows(bucket, model, keys);
        if (v.image() == ChangelogImage.FULL) {
            assertThat(bucket.rows.rowCount()).hasValue(model.rows.size());
        } else {
            assertThat(bucket.rows.rowCount()).isEmpty();
        }
    }

    /** The rows are those that the changelog comes to so far. */
    private static void checkRows(TestBucket bucket, ModelTable model, int keys) {
        List<byte[]> all = new ArrayList<>();
        for (long key = 0; key < keys; key++) {
            all.add(bucket.keys.encode(new ObjectRow(key)));
        }
        List<byte[]> values = bucket.rows.lookup(all);
        for (int key = 0; key < keys; key++) {
            byte[] value = values.get(key);
            assertThat(value == null ? null : bucket.decode(value))
                    .isEqualTo(model.rows.get((long) key));
        }
        assertThat(bucket.rows.prefixLookup(new byte[0], 1 << 30)).hasSize(model.rows.size());
    }
}
