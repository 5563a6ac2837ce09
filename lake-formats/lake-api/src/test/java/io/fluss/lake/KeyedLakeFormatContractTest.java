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
package io.fluss.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.keys.BucketFunction;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import io.fluss.lake.LakeCommitter.Request;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every lake format must do for tables with a primary key. */
public abstract class KeyedLakeFormatContractTest {
    protected static final TablePath PATH = TablePath.of("sales", "accounts");
    private static final int BUCKETS = 2;

    @TempDir protected Path dir;

    protected LakeCatalog catalog;
    private BufferAllocator allocator;

    /** What the table should hold: name by {@code region/id}. */
    private final Map<String, String> oracle = new TreeMap<>();

    private final Map<TableBucket, Long> logEnds = new HashMap<>();
    private OptionalLong latest = OptionalLong.empty();
    private int rounds;

    /** The format and the properties of an empty catalog below {@link #dir}. */
    protected abstract LakeFormat format();

    protected abstract Map<String, String> catalogProperties();

    /** All rows of a snapshot, read by the lake's own means, each as {@code id:name:region}. */
    protected abstract List<String> rows(TablePath path, long snapshotId);

    /** Number of data files below {@link #dir}, committed or not. */
    protected abstract long dataFilesOnDisk();

    /** Whether the table is partitioned by region. */
    protected boolean isPartitioned() {
        return false;
    }

    /** The table with the options of this test. */
    protected TableDescriptor options(TableDescriptor table) {
        return table;
    }

    /** Number of rows in a batch. */
    protected int batchRows() {
        return 64;
    }

    /** One change of a key; a name of null is a deletion. */
    protected record Change(ChangeType type, String region, long id, @Nullable String name) {
        String key() {
            return region + "/" + id;
        }
    }

    @BeforeEach
    void open() {
        allocator = new RootAllocator();
        catalog = format().open(catalogProperties());
        catalog.createTable(PATH, descriptor(), true);
    }

    @AfterEach
    void close() {
        catalog.close();
        allocator.close();
    }

    @Test
    void acceptsTheSameTableAgainAndRefusesAnotherKey() {
        catalog.createTable(PATH, descriptor(), true);
        TableDescriptor log =
                TableDescriptor.of(
                        TableSchema.of(descriptor().schema().columns().toArray(Column[]::new)));
        TableDescriptor other =
                options(isPartitioned() ? log.withPartitionKeys("region") : log)
                        .withBuckets(BUCKETS, "id");
        assertFails(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST, () -> catalog.createTable(PATH, other, true));
    }

    @Test
    void insertsUpdatesAndDeletesOfEarlierRoundsAreSeen() {
        round(insert(1, "a"), insert(2, "b"), insert(3, "c"), insert(4, "d"));
        round(updated(1, "a", "a2"), delete(2, "b"), insert(5, "e"));
        round(updated(1, "a2", "a3"), updated(5, "e", "e2"), delete(3, "c"));
        round(delete(1, "a3"));
        assertThat(oracle).hasSize(2);
    }

    @Test
    void aKeyThatWasDeletedComesBack() {
        round(insert(1, "a"));
        round(delete(1, "a"), insert(1, "b"));
        round(delete(1, "b"));
        round(insert(1, "c"));
        assertThat(oracle).hasSize(1);
    }

    @Test
    void lastChangeOfARoundCounts() {
        List<Change> changes = new ArrayList<>();
        changes.add(insert(7, "n0").get(0));
        for (int i = 0; i < 500; i++) {
            changes.addAll(updated(7, "n" + i, "n" + (i + 1)));
        }
        round(changes);
        round(List.of(insert(8, "x").get(0), delete(8, "x").get(0)));
        round(insert(9, "x"), delete(9, "x"), insert(9, "y"), updated(9, "y", "z"));
        assertThat(oracle.values()).containsExactly("n500", "z");
    }

    @Test
    void changesWithoutTheRowBeforeAnUpdateReplaceIt() {
        round(after(1, "a"), after(2, "b"), after(1, "c"));
        round(after(1, "d"), after(3, "e"));
        round(after(3, "f"), delete(2, "b"));
        assertThat(oracle).hasSize(2);
    }

    @Test
    void rowsOfASnapshotComeFirstAndChangesOnTop() {
        List<Change> all = new ArrayList<>();
        for (long id = 0; id < 300; id++) {
            all.addAll(insert(id, "s" + id));
        }
        commitRound(write(all, true));
        assertMatchesOracle();
        round(updated(17, "s17", "changed"), delete(18, "s18"), insert(1000, "new"));
    }

    @Test
    void snapshotsOfThePastStayAsTheyWere() {
        long first = round(insert(1, "a"), insert(2, "b"));
        List<String> then = sorted(rows(PATH, first));
        round(updated(1, "a", "x"), delete(2, "b"));
        round(insert(2, "y"));
        assertThat(sorted(rows(PATH, first))).isEqualTo(then);
    }

    @Test
    void refusedRoundLeavesNothingAndItsReplayIsRight() {
        round(insert(1, "a"), insert(2, "b"));
        OptionalLong planned = latest;
        List<Change> changes = join(updated(1, "a", "a2"), delete(2, "b"), insert(3, "c"));
        List<LakeWriter.Result> zombie = write(changes, false);
        long files = dataFilesOnDisk();
        // Another service does the same round first.
        commitRound(write(changes, false));
        assertThat(dataFilesOnDisk()).isGreaterThan(files);
        assertFails(
                ErrorReason.LAKE_COMMIT_FENCED,
                () ->
                        catalog.table(PATH)
                                .committer()
                                .commit(new Request(zombie, "late", planned, Map.of())));
        catalog.table(PATH).committer().abort(zombie);
        assertMatchesOracle();
        round(updated(1, "a2", "a3"), updated(3, "c", "c2"));
    }

    @Test
    void abortDeletesAllFiles() {
        round(insert(1, "a"), insert(2, "b"));
        long files = dataFilesOnDisk();
        Map<String, String> before = new TreeMap<>(oracle);
        List<LakeWriter.Result> results =
                write(join(updated(1, "a", "b"), delete(2, "b"), insert(3, "c")), false);
        catalog.table(PATH).committer().abort(results);
        assertThat(dataFilesOnDisk()).isEqualTo(files);
        oracle.clear();
        oracle.putAll(before);
        assertMatchesOracle();
    }

    @Test
    void closingAWriterThatIsNotCompleteDeletesItsFiles() {
        round(insert(1, "a"));
        long files = dataFilesOnDisk();
        LakeWriterFactory factory = catalog.table(PATH).writerFactory(info());
        try (LakeWriter writer = factory.open(task(bucket("eu", 1), "eu"));
                VectorSchemaRoot batch = batch(insert(1, "b"))) {
            writer.write(LakeRows.snapshot(batch, 5));
        }
        assertThat(dataFilesOnDisk()).isEqualTo(files);
    }

    @Test
    void roundWithManyFoldsIsLikeOneWithOne() {
        List<Change> changes = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(42);
        Map<String, String> now = new HashMap<>();
        for (int i = 0; i < 6_000; i++) {
            changes.addAll(change(random, now, 500));
        }
        round(changes);
        changes.clear();
        for (int i = 0; i < 6_000; i++) {
            changes.addAll(change(random, now, 500));
        }
        round(changes);
        assertThat(oracle).isEqualTo(now);
    }

    @Test
    void randomRoundsMatchTheModel() {
        SplittableRandom random = new SplittableRandom(7);
        Map<String, String> now = new HashMap<>();
        for (int r = 0; r < modelRounds(); r++) {
            List<Change> changes = new ArrayList<>();
            int count = random.nextInt(1, 40);
            for (int i = 0; i < count; i++) {
                changes.addAll(change(random, now, 60));
            }
            round(changes);
            if (r % 3 == 2) {
                compact().ifPresent(this::assertMatchesOracle);
            }
        }
        assertThat(oracle).isEqualTo(now);
    }

    @Test
    void compactionKeepsTheRowsAndFewFiles() {
        SplittableRandom random = new SplittableRandom(11);
        Map<String, String> now = new HashMap<>();
        long compacted = 0;
        for (int r = 0; r < 24; r++) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                changes.addAll(change(random, now, 100));
            }
            commitRound(write(changes, false));
            OptionalLong id = compact();
            if (id.isPresent()) {
                assertMatchesOracle(id.getAsLong());
                compacted++;
            }
        }
        assertMatchesOracle();
        if (!compactsOnRequest()) {
            return;
        }
        int buckets = isPartitioned() ? 2 * BUCKETS : BUCKETS;
        assertThat(catalog.table(PATH).snapshotSize(latest.orElseThrow()).files())
                .as("files, with %s compactions", compacted)
                .isLessThanOrEqualTo(buckets * 6L);
    }

    /** Whether {@link LakeMaintenance#compact} does something in this format. */
    protected boolean compactsOnRequest() {
        return false;
    }

    /** Number of rounds of the random test. */
    protected int modelRounds() {
        return 15;
    }

    /** A random change of one of {@code keys} keys of each region; kept in {@code now}. */
    protected final List<Change> change(
            SplittableRandom random, Map<String, String> now, int keys) {
        String region = isPartitioned() && random.nextBoolean() ? "us" : "eu";
        long id = random.nextInt(keys);
        String key = region + "/" + id;
        String old = now.get(key);
        String name = "v" + random.nextInt(1_000_000);
        boolean isWal = random.nextInt(4) == 0;
        if (old == null) {
            now.put(key, name);
            return List.of(
                    new Change(
                            isWal ? ChangeType.UPDATE_AFTER : ChangeType.INSERT, region, id, name));
        }
        if (random.nextInt(4) == 0) {
            now.remove(key);
            return List.of(new Change(ChangeType.DELETE, region, id, old));
        }
        now.put(key, name);
        Change after = new Change(ChangeType.UPDATE_AFTER, region, id, name);
        return isWal
                ? List.of(after)
                : List.of(new Change(ChangeType.UPDATE_BEFORE, region, id, old), after);
    }

    protected final TableDescriptor descriptor() {
        TableDescriptor table =
                TableDescriptor.of(
                        TableSchema.of(
                                List.of(
                                        Column.of("id", DataTypes.bigInt()),
                                        Column.of("name", DataTypes.string()),
                                        Column.of("region", DataTypes.string())),
                                isPartitioned() ? List.of("region", "id") : List.of("id")));
        return options(isPartitioned() ? table.withPartitionKeys("region") : table)
                .withBuckets(BUCKETS, "id")
                .withProperty("table.datalake.enabled", "true")
                .withProperty("table.datalake.format", format().identifier());
    }

    protected final TableInfo info() {
        return new TableInfo(PATH, 7, 1, descriptor(), 0, 0);
    }

    protected static List<Change> insert(long id, String name) {
        return List.of(new Change(ChangeType.INSERT, "eu", id, name));
    }

    protected static List<Change> updated(long id, String before, String after) {
        return List.of(
                new Change(ChangeType.UPDATE_BEFORE, "eu", id, before),
                new Change(ChangeType.UPDATE_AFTER, "eu", id, after));
    }

    protected static List<Change> after(long id, String name) {
        return List.of(new Change(ChangeType.UPDATE_AFTER, "eu", id, name));
    }

    protected static List<Change> delete(long id, String before) {
        return List.of(new Change(ChangeType.DELETE, "eu", id, before));
    }

    @SafeVarargs
    private static List<Change> join(List<Change>... changes) {
        List<Change> all = new ArrayList<>();
        for (List<Change> c : changes) {
            all.addAll(c);
        }
        return all;
    }

    @SafeVarargs
    protected final long round(List<Change>... changes) {
        return round(join(changes));
    }

    /** Writes and commits changes in this order, and compares the table with the model. */
    protected final long round(List<Change> changes) {
        long id = commitRound(write(changes, false));
        assertMatchesOracle();
        return id;
    }

    protected final long commitRound(List<LakeWriter.Result> results) {
        String offsets = "offsets-" + rounds++;
        LakeCommitter committer = catalog.table(PATH).committer();
        long id = committer.commit(new Request(results, offsets, latest, Map.of()));
        assertThat(committer.latestTieringCommit()).contains(new TieringCommit(id, offsets));
        latest = OptionalLong.of(id);
        return id;
    }

    /** With settings that find something to do soon. */
    protected final OptionalLong compact() {
        return catalog.table(PATH)
                .maintenance()
                .compact(compaction(), UUID.randomUUID().toString());
    }

    protected final LakeMaintenance.Compaction compaction() {
        return new LakeMaintenance.Compaction(info(), 4, 0.3, 1 << 30);
    }

    protected final void assertMatchesOracle() {
        assertMatchesOracle(latest.orElseThrow());
    }

    protected final void assertMatchesOracle(long snapshotId) {
        List<String> expected = new ArrayList<>();
        oracle.forEach(
                (key, name) -> {
                    int slash = key.indexOf('/');
                    expected.add(
                            key.substring(slash + 1) + ":" + name + ":" + key.substring(0, slash));
                });
        assertThat(sorted(rows(PATH, snapshotId))).isEqualTo(sorted(expected));
    }

    /** The tiering commit that the next round goes on from. */
    protected final void continueFrom(long snapshotId) {
        latest = OptionalLong.of(snapshotId);
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    /** Writes changes bucket by bucket through serialization, as in a job. */
    protected final List<LakeWriter.Result> write(List<Change> changes, boolean isSnapshot) {
        Map<TableBucket, List<Change>> buckets = new LinkedHashMap<>();
        for (Change c : changes) {
            buckets.computeIfAbsent(bucket(c.region(), c.id()), b -> new ArrayList<>()).add(c);
            boolean isGone = c.type() == ChangeType.DELETE || c.type() == ChangeType.UPDATE_BEFORE;
            if (isGone) {
                oracle.remove(c.key());
            } else {
                oracle.put(c.key(), c.name());
            }
        }
        LakeWriterFactory factory = travelled(catalog.table(PATH).writerFactory(info()));
        List<LakeWriter.Result> results = new ArrayList<>();
        buckets.forEach(
                (bucket, some) -> results.add(writeBucket(factory, bucket, some, isSnapshot)));
        return results;
    }

    private LakeWriter.Result writeBucket(
            LakeWriterFactory factory,
            TableBucket bucket,
            List<Change> changes,
            boolean isSnapshot) {
        try (LakeWriter writer = factory.open(travelled(task(bucket, changes.get(0).region())))) {
            for (int from = 0; from < changes.size(); from += batchRows()) {
                List<Change> some =
                        changes.subList(from, Math.min(from + batchRows(), changes.size()));
                long offset = logEnds.getOrDefault(bucket, 0L);
                try (VectorSchemaRoot batch = batch(some)) {
                    writer.write(
                            isSnapshot
                                    ? LakeRows.snapshot(batch, 5)
                                    : new LakeRows(batch, Optional.of(types(some)), offset, 5));
                }
                if (!isSnapshot) {
                    logEnds.put(bucket, offset + some.size());
                }
            }
            return travelled(writer.complete());
        }
    }

    private static ByteBuffer types(List<Change> changes) {
        ByteBuffer types = ByteBuffer.allocate(changes.size() + 3).position(3);
        changes.forEach(c -> types.put(c.type().code()));
        return types.position(3);
    }

    private WriteTask task(TableBucket bucket, String region) {
        return new WriteTask(
                bucket,
                isPartitioned() ? Optional.of(region) : Optional.empty(),
                UUID.randomUUID().toString(),
                bucket.bucket(),
                3);
    }

    private TableBucket bucket(String region, long id) {
        try (VectorSchemaRoot one = batch(List.of(new Change(ChangeType.INSERT, region, id, "")))) {
            byte[] key = KeyEncoder.forBucketKey(descriptor()).orElseThrow().encode(one, 0);
            int bucket =
                    BucketFunction.of(descriptor().options().lakeFormat()).bucket(key, BUCKETS);
            return isPartitioned()
                    ? new TableBucket(7, region.equals("eu") ? 1 : 2, bucket)
                    : TableBucket.of(7, bucket);
        }
    }

    private VectorSchemaRoot batch(List<Change> changes) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(descriptor().schema().rowType()), allocator);
        root.allocateNew();
        for (int i = 0; i < changes.size(); i++) {
            Change c = changes.get(i);
            ((BigIntVector) root.getVector(0)).setSafe(i, c.id());
            String name = c.name();
            if (name != null) {
                ((VarCharVector) root.getVector(1))
                        .setSafe(i, name.getBytes(StandardCharsets.UTF_8));
            }
            ((VarCharVector) root.getVector(2))
                    .setSafe(i, c.region().getBytes(StandardCharsets.UTF_8));
        }
        root.setRowCount(changes.size());
        return root;
    }

    protected static void assertFails(
            ErrorReason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @SuppressWarnings("unchecked")
    private static <T> T travelled(T value) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(value);
            }
            try (ObjectInputStream in =
                    new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (T) in.readObject();
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
