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
package io.fluss.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.coordinator.Coordinator.TableChange;
import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.Endpoint;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.coordinator.lake.LakeRegistry;
import io.fluss.coordinator.lake.TieringSchedule.Assigned;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.LocalFileStore;
import io.fluss.formats.json.BucketOffsets;
import io.fluss.metastore.InMemoryNodeTree;
import io.fluss.metastore.Metastore;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoordinatorTest {
    private static final TablePath ORDERS = TablePath.of("fluss", "orders");
    private static final ServerNode SERVER =
            new ServerNode(0, Map.of("FLUSS", new Endpoint("localhost", 1)), Optional.empty());

    @TempDir Path remote;

    private final Metastore metastore = InMemoryNodeTree.metastore();
    private final ManualClock clock = new ManualClock(1000);
    private final List<TablePath> lakeTables = new ArrayList<>();
    private final List<String> lakeChanges = new ArrayList<>();
    private final LakeTables lakes = new NotedLakes();
    private Optional<ErrorReason> lakeFailure = Optional.empty();

    /** Columns of the only lake table; 0 for as many as are asked for. */
    private int lakeColumns;

    private ManualLoop loop;
    private FakeTabletServers tablets;
    private Coordinator coordinator;

    @BeforeEach
    void start() {
        CompletableFuture<Void> ready = starting();
        tablets.answerAll();
        loop.runAll();
        assertThat(ready).isCompleted();
    }

    /** As after the end of the process; servers have not answered yet. */
    private CompletableFuture<Void> starting() {
        loop = new ManualLoop(clock);
        tablets = new FakeTabletServers();
        CoordinatorPorts ports =
                new CoordinatorPorts(
                        loop,
                        Runnable::run,
                        clock,
                        new Random(1),
                        metastore,
                        new LocalFileStore(),
                        tablets,
                        lakes);
        Map<String, String> options =
                Map.of("remote.data.dir", remote.toString(), "datalake.format", "iceberg");
        coordinator = new Coordinator(CoordinatorSettings.from(Settings.of(options)), ports);
        CompletableFuture<Void> ready = coordinator.start(List.of(SERVER));
        loop.runAll();
        return ready;
    }

    /** Notes what is asked of the lake. */
    private final class NotedLakes implements LakeTables {
        @Override
        public void create(TablePath path, TableDescriptor d, boolean creating) {
            lakeFailure.ifPresent(
                    reason -> {
                        throw reason.exception("lake");
                    });
            if (lakeColumns > 0 && lakeColumns < d.schema().columns().size()) {
                throw ErrorReason.LAKE_TABLE_ALREADY_EXIST.exception("columns differ");
            }
            lakeTables.add(path);
        }

        @Override
        public void alterOptions(TablePath path, Map<String, Optional<String>> changes) {
            lakeFailure.ifPresent(
                    reason -> {
                        throw reason.exception("lake");
                    });
            lakeChanges.addAll(changes.keySet());
        }

        @Override
        public void addColumns(TablePath path, TableDescriptor current, TableDescriptor target) {
            if (lakeColumns > 0) {
                if (current.schema().columns().size() != lakeColumns) {
                    throw ErrorReason.INVALID_ALTER_TABLE.exception("neither nor");
                }
                lakeColumns = target.schema().columns().size();
            }
            lakeChanges.addAll(
                    target.schema()
                            .columnNames()
                            .subList(
                                    current.schema().columns().size(),
                                    target.schema().columns().size()));
        }
    }

    @Test
    void lakeIsSwitchedOnLaterForATableWithoutBucketKey() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        alter(Map.of("table.datalake.enabled", Optional.of("true")), List.of());
        assertThat(lakeTables).containsExactly(ORDERS);
        assertThat(lakeChanges).containsExactly("table.datalake.enabled");
        assertThat(coordinator.image().existing(ORDERS).info().options().lakeFormat()).isPresent();
    }

    @Test
    void lakeTableIsChangedFirstAlsoWhileTheLakeIsOff() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        alter(Map.of(), List.of(Column.of("more", DataTypes.string())));
        assertThat(lakeChanges).containsExactly("more");
        alter(Map.of("table.datalake.enabled", Optional.of("false")), List.of());
        lakeChanges.clear();
        alter(Map.of("owner", Optional.of("me")), List.of());
        assertThat(lakeChanges).containsExactly("owner");
        alter(Map.of(), List.of(Column.of("later", DataTypes.string())));
        assertThat(lakeChanges).as("columns are not passed on").containsExactly("owner");
        lakeFailure = Optional.of(ErrorReason.TABLE_NOT_EXIST);
        alter(Map.of("owner", Optional.of("you")), List.of());
        refusedChange(
                ErrorReason.TABLE_NOT_EXIST, Map.of("table.datalake.enabled", Optional.of("true")));
        assertThat(coordinator.image().existing(ORDERS).info().options().isLakeEnabled()).isFalse();
    }

    @Test
    void columnsAddedWhileTheLakeWasOffComeWithSwitchingItOn() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        lakeColumns = lakeDescriptor().schema().columns().size();
        alter(Map.of("table.datalake.enabled", Optional.of("false")), List.of());
        alter(Map.of(), List.of(Column.of("more", DataTypes.string())));
        alter(Map.of(), List.of(Column.of("later", DataTypes.string())));
        lakeChanges.clear();
        alter(Map.of("table.datalake.enabled", Optional.of("true")), List.of());
        assertThat(lakeChanges).containsExactly("more", "later", "table.datalake.enabled");
    }

    @Test
    void aLakeTableThatDiffersOtherwiseKeepsTheLakeOff() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        alter(Map.of("table.datalake.enabled", Optional.of("false")), List.of());
        alter(Map.of(), List.of(Column.of("more", DataTypes.string())));
        lakeFailure = Optional.of(ErrorReason.LAKE_TABLE_ALREADY_EXIST);
        lakeColumns = 99;
        refusedChange(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST,
                Map.of("table.datalake.enabled", Optional.of("true")));
        assertThat(coordinator.image().existing(ORDERS).info().options().isLakeEnabled()).isFalse();
    }

    @Test
    void firstStartMakesTheDefaultDatabaseThatCannotBeDropped() {
        assertThat(coordinator.image().databases()).containsOnlyKeys("fluss");
        refused(
                ErrorReason.UNKNOWN_SERVER_ERROR,
                () -> coordinator.dropDatabase("fluss", true, true));
    }

    @Test
    void databasesAreCreatedAndDropped() {
        run(() -> coordinator.createDatabase("a", DatabaseDescriptor.EMPTY, false));
        run(() -> coordinator.createDatabase("a", DatabaseDescriptor.EMPTY, true));
        refused(
                ErrorReason.DATABASE_ALREADY_EXIST,
                () -> coordinator.createDatabase("a", DatabaseDescriptor.EMPTY, false));
        refused(
                ErrorReason.INVALID_DATABASE,
                () -> coordinator.createDatabase("__a", DatabaseDescriptor.EMPTY, false));
        run(() -> coordinator.createTable(TablePath.of("a", "t"), descriptor(), false));
        refused(ErrorReason.DATABASE_NOT_EMPTY, () -> coordinator.dropDatabase("a", false, false));
        run(() -> coordinator.dropDatabase("a", false, true));
        assertThat(coordinator.image().tables()).isEmpty();
        refused(ErrorReason.DATABASE_NOT_EXIST, () -> coordinator.dropDatabase("a", false, false));
        run(() -> coordinator.dropDatabase("a", true, false));
    }

    @Test
    void leaderIsShownOnlyOnceItServes() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        assertThat(buckets()).hasSize(2).noneMatch(b -> b.servingLeader().isPresent());
        assertThat(tablets.assignments)
                .extracting(a -> a.state().leaderEpoch())
                .containsExactly(0, 0);
        tablets.answerAll();
        loop.runAll();
        assertThat(buckets()).allMatch(b -> b.servingLeader().orElse(-1) == 0);
    }

    @Test
    void aStartDoesNotWaitForRowsByKeyAndTheirBucketsServeOneByOne() {
        TablePath log = TablePath.of("fluss", "log");
        run(() -> coordinator.createTable(log, descriptor(), false));
        run(() -> coordinator.createTable(ORDERS, keyed(), false));
        CompletableFuture<Void> ready = starting();
        assertThat(ready).isNotDone();
        tablets.answerWhere(a -> !a.table().hasPrimaryKey());
        loop.runAll();
        assertThat(ready).isCompleted();
        assertThat(coordinator.image().existing(log).buckets().get(TableBucket.NO_PARTITION))
                .hasSize(2)
                .allMatch(Bucket::isServing);
        assertThat(buckets()).hasSize(2).noneMatch(Bucket::isServing);
        tablets.answerWhere(a -> a.bucket().bucket() == 1);
        loop.runAll();
        assertThat(buckets()).extracting(Bucket::isServing).containsExactly(false, true);
        tablets.answerAll();
        loop.runAll();
        assertThat(buckets()).allMatch(Bucket::isServing);
    }

    @Test
    void bucketsOfANewTableWithAPrimaryKeyAreShownTogether() {
        run(() -> coordinator.createTable(ORDERS, keyed(), false));
        tablets.answerWhere(a -> a.bucket().bucket() == 1);
        loop.runAll();
        assertThat(buckets()).noneMatch(Bucket::isServing);
        tablets.answerAll();
        loop.runAll();
        assertThat(buckets()).allMatch(Bucket::isServing);
    }

    @Test
    void aServerThatRefusesIsAskedAgainLater() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        tablets.answer = Optional.of(ErrorReason.STORAGE.exception("disk"));
        tablets.answerAll();
        loop.runAll();
        tablets.answer = Optional.empty();
        loop.advance(Duration.ofMinutes(1));
        loop.runAll();
        tablets.answerAll();
        loop.runAll();
        assertThat(buckets()).allMatch(Bucket::isServing);
    }

    @Test
    void createChecksInTheDocumentedOrder() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        run(() -> coordinator.createTable(ORDERS, descriptor(), true));
        refused(
                ErrorReason.TABLE_ALREADY_EXIST,
                () -> coordinator.createTable(ORDERS, descriptor(), false));
        refused(
                ErrorReason.INVALID_CONFIG,
                () ->
                        coordinator.createTable(
                                ORDERS, descriptor().withProperty("table.x", "y"), true));
        refused(
                ErrorReason.INVALID_REPLICATION_FACTOR,
                () ->
                        coordinator.createTable(
                                TablePath.of("nope", "t"),
                                descriptor().withProperty("table.replication.factor", "2"),
                                false));
        refused(
                ErrorReason.DATABASE_NOT_EXIST,
                () -> coordinator.createTable(TablePath.of("nope", "t"), descriptor(), false));
    }

    @Test
    void dropRemovesTheTableThenItsDataAndIdsAreNeverUsedAgain() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        long first = coordinator.image().existing(ORDERS).info().tableId();
        run(() -> coordinator.dropTable(ORDERS, false));
        assertThat(coordinator.image().table(ORDERS)).isEmpty();
        assertThat(tablets.deleted)
                .containsExactly(TableBucket.of(first, 0), TableBucket.of(first, 1));
        assertThat(metastore.dropped().all()).isEmpty();
        run(() -> coordinator.dropTable(ORDERS, true));
        refused(ErrorReason.TABLE_NOT_EXIST, () -> coordinator.dropTable(ORDERS, false));
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        assertThat(coordinator.image().existing(ORDERS).info().tableId()).isGreaterThan(first);
    }

    @Test
    void restartKeepsEverythingAndRaisesLeaderEpochs() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        TablePath days = TablePath.of("fluss", "days");
        run(() -> coordinator.createTable(days, descriptor().withPartitionKeys("day"), false));
        run(() -> coordinator.createPartition(days, Map.of("day", "2024"), false));
        var before = coordinator.image();
        start();
        assertThat(coordinator.image().tables().keySet()).isEqualTo(before.tables().keySet());
        assertThat(coordinator.image().existing(ORDERS).info())
                .isEqualTo(before.existing(ORDERS).info());
        assertThat(coordinator.image().existing(days).partitions())
                .isEqualTo(before.existing(days).partitions());
        assertThat(tablets.assignments)
                .hasSize(4)
                .allMatch(a -> a.state().leaderEpoch() == 1 && a.state().bucketEpoch() == 1);
        assertThat(buckets()).allMatch(Bucket::isServing);
    }

    @Test
    void partitionsFollowTheirRules() {
        refused(
                ErrorReason.TABLE_NOT_EXIST,
                () -> coordinator.createPartition(ORDERS, Map.of("day", "1"), false));
        run(() -> coordinator.createTable(ORDERS, descriptor().withPartitionKeys("day"), false));
        Map<String, String> day = Map.of("day", "2024");
        run(() -> coordinator.createPartition(ORDERS, day, false));
        run(() -> coordinator.createPartition(ORDERS, day, true));
        refused(
                ErrorReason.PARTITION_ALREADY_EXIST,
                () -> coordinator.createPartition(ORDERS, day, false));
        for (Map<String, String> bad :
                List.of(
                        Map.<String, String>of(),
                        Map.of("month", "1"),
                        Map.of("day", "a/b"),
                        Map.of("day", "__x"))) {
            refused(
                    ErrorReason.PARTITION_SPEC_INVALID,
                    () -> coordinator.createPartition(ORDERS, bad, false));
        }
        run(() -> coordinator.dropPartition(ORDERS, day, false));
        run(() -> coordinator.dropPartition(ORDERS, day, true));
        refused(
                ErrorReason.PARTITION_NOT_EXIST,
                () -> coordinator.dropPartition(ORDERS, day, false));
        assertThat(tablets.deleted).hasSize(2);
    }

    @Test
    void alterChangesOptionsOrColumns() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        alter(Map.of("table.log.ttl", Optional.of("1 d"), "owner", Optional.of("me")), List.of());
        var info = coordinator.image().existing(ORDERS).info();
        assertThat(info.descriptor().properties()).containsEntry("table.log.ttl", "1 d");
        assertThat(info.descriptor().customProperties()).containsEntry("owner", "me");
        alter(Map.of(), List.of(Column.of("more", DataTypes.string())));
        assertThat(coordinator.image().existing(ORDERS).schemas()).hasSize(2);
        assertThat(coordinator.image().existing(ORDERS).info().schemaId()).isEqualTo(2);
        assertThat(tablets.changed).hasSize(2);
        refusedChange(
                ErrorReason.INVALID_ALTER_TABLE, Map.of("table.log.format", Optional.of("x")));
        refusedChange(ErrorReason.INVALID_CONFIG, Map.of("table.log.ttl", Optional.of("x")));
        refused(
                ErrorReason.INVALID_ALTER_TABLE,
                () ->
                        coordinator.alterTable(
                                ORDERS,
                                new TableChange(
                                        Map.of(), List.of(Column.of("id", DataTypes.string()))),
                                false));
        refused(
                ErrorReason.INVALID_TABLE,
                () ->
                        coordinator.alterTable(
                                ORDERS,
                                new TableChange(
                                        Map.of(),
                                        List.of(Column.of("__bucket", DataTypes.string()))),
                                false));
    }

    @Test
    void lakeTableIsCreatedFirstAndItsFailureLeavesNothing() {
        lakeFailure = Optional.of(ErrorReason.LAKE_TABLE_ALREADY_EXIST);
        refused(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST,
                () -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        assertThat(coordinator.image().table(ORDERS)).isEmpty();
        lakeFailure = Optional.empty();
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        assertThat(lakeTables).containsExactly(ORDERS);
    }

    @Test
    void lakeTableIsTieredAfterItsFreshnessAndEpochsGrowWithRestarts() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        long id = coordinator.image().existing(ORDERS).info().tableId();
        assertThat(assign()).isEmpty();
        clock.advance(Duration.ofMinutes(3));
        assertThat(assign()).hasValue(new Assigned(id, 1));
        int before = epoch();
        start();
        assertThat(epoch()).isGreaterThan(before);
    }

    @Test
    void lakeSnapshotsAreRegisteredMergedAndNeverGoBack() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        var table = coordinator.image().existing(ORDERS).info();
        LakeRegistry lake = coordinator.lake();
        assertThatThrownBy(() -> lake.snapshot(table, LakeRegistry.Which.LATEST))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.LAKE_SNAPSHOT_NOT_EXIST));
        commit(11, Map.of(0, 10L, 1, 5L), OptionalLong.of(-1));
        commit(12, Map.of(0, 20L), OptionalLong.of(-1));
        assertThat(lake.snapshot(table, LakeRegistry.Which.LATEST_READABLE))
                .isEqualTo(
                        new LakeRegistry.Snapshot(
                                12, offsets(table.tableId(), Map.of(0, 20L, 1, 5L))));
        assertThat(lake.snapshot(table, 11).offsets())
                .isEqualTo(offsets(table.tableId(), Map.of(0, 10L, 1, 5L)));
        assertThat(tablets.lakeOffsets).containsEntry(TableBucket.of(table.tableId(), 0), 20L);
        refused(
                ErrorReason.LAKE_COMMIT_FENCED,
                () ->
                        coordinator.prepareLakeSnapshot(
                                offsets(table.tableId(), Map.of(0, 19L)), false));
        commit(13, Map.of(0, 30L), OptionalLong.empty());
        assertThatThrownBy(() -> lake.snapshot(table, 12)).isInstanceOf(FlussException.class);
        run(() -> coordinator.dropTable(ORDERS, false));
        refused(
                ErrorReason.TABLE_NOT_EXIST,
                () ->
                        coordinator.prepareLakeSnapshot(
                                offsets(table.tableId(), Map.of(0, 40L)), false));
        assertThat(new LocalFileStore().list(lake.directory(ORDERS, table.tableId()) + "/metadata"))
                .isEmpty();
    }

    @Test
    void aServiceThatKeepsAllSnapshotsDoesNotFillTheMetastore() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        var table = coordinator.image().existing(ORDERS).info();
        for (int i = 1; i <= 150; i++) {
            commit(i, Map.of(0, (long) i), OptionalLong.of(-1));
        }
        assertThat(metastore.lakeSnapshots().read(table.tableId()).entries()).hasSize(100);
        assertThat(
                        new LocalFileStore()
                                .list(
                                        coordinator.lake().directory(ORDERS, table.tableId())
                                                + "/metadata"))
                .hasSize(100);
        assertThat(
                        coordinator
                                .lake()
                                .snapshot(table, LakeRegistry.Which.LATEST_READABLE)
                                .snapshotId())
                .isEqualTo(150);
    }

    @Test
    void theSnapshotThatReadersUseIsNeverDroppedForTheBound() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        var table = coordinator.image().existing(ORDERS).info();
        commit(1, Map.of(0, 1L), OptionalLong.of(-1));
        for (int i = 2; i <= 150; i++) {
            long end = i;
            String uri =
                    run(
                            () ->
                                    coordinator.prepareLakeSnapshot(
                                            offsets(table.tableId(), Map.of(0, end)), false));
            run(
                    () ->
                            coordinator.commitLakeSnapshot(
                                    table.tableId(),
                                    new LakeRegistry.Commit(
                                            end, uri, Optional.empty(), OptionalLong.of(-1))));
        }
        assertThat(metastore.lakeSnapshots().read(table.tableId()).entries()).hasSize(100);
        assertThat(coordinator.lake().snapshot(table, LakeRegistry.Which.LATEST_READABLE))
                .isEqualTo(new LakeRegistry.Snapshot(1, offsets(table.tableId(), Map.of(0, 1L))));
    }

    @Test
    void theLogKeepsWhatReadersDoNotGetFromTheLake() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        var table = coordinator.image().existing(ORDERS).info();
        LakeRegistry lake = coordinator.lake();
        TableBucket bucket = TableBucket.of(table.tableId(), 0);
        register(1, prepared(10, false), Optional.empty());
        register(3, prepared(30, false), Optional.empty());
        assertThat(tablets.lakeOffsets).doesNotContainKey(bucket);
        assertThat(lake.latestShown(table.tableId()).offsets()).isEmpty();

        String ten = prepared(10, true);
        register(2, ten, Optional.of(prepared(10, true)));
        assertThat(tablets.lakeOffsets).containsEntry(bucket, 10L);
        assertSnapshots(table, 3, 30, 2, 10);

        String forty = prepared(40, false);
        register(4, forty, Optional.of(prepared(40, true)));
        assertThat(tablets.lakeOffsets).containsEntry(bucket, 40L);
        assertSnapshots(table, 4, 40, 4, 40);

        // Compacted after the commit that readers use: the commit is named again, as the latest.
        register(5, prepared(40, true), Optional.of(prepared(40, true)));
        register(4, forty, Optional.empty());
        assertSnapshots(table, 4, 40, 5, 40);

        String early = prepared(30, true);
        refused(
                ErrorReason.LAKE_COMMIT_FENCED,
                () ->
                        coordinator.commitLakeSnapshot(
                                table.tableId(),
                                new LakeRegistry.Commit(
                                        6, forty, Optional.of(early), OptionalLong.of(-1))));
        assertSnapshots(table, 4, 40, 5, 40);
    }

    private void assertSnapshots(
            TableInfo table, long latest, long tiered, long readable, long shown) {
        LakeRegistry lake = coordinator.lake();
        assertThat(lake.snapshot(table, LakeRegistry.Which.LATEST))
                .isEqualTo(
                        new LakeRegistry.Snapshot(
                                latest, offsets(table.tableId(), Map.of(0, tiered))));
        assertThat(lake.snapshot(table, LakeRegistry.Which.LATEST_READABLE))
                .isEqualTo(
                        new LakeRegistry.Snapshot(
                                readable, offsets(table.tableId(), Map.of(0, shown))));
    }

    private String prepared(long end, boolean isAlone) {
        long id = coordinator.image().existing(ORDERS).info().tableId();
        return run(() -> coordinator.prepareLakeSnapshot(offsets(id, Map.of(0, end)), isAlone));
    }

    private void register(long snapshotId, String tiered, Optional<String> readable) {
        long id = coordinator.image().existing(ORDERS).info().tableId();
        run(
                () ->
                        coordinator.commitLakeSnapshot(
                                id,
                                new LakeRegistry.Commit(
                                        snapshotId, tiered, readable, OptionalLong.of(-1))));
    }

    @Test
    void sameCommitAgainChangesNothingAndALateOneIsRefused() {
        run(() -> coordinator.createTable(ORDERS, lakeDescriptor(), false));
        long id = coordinator.image().existing(ORDERS).info().tableId();
        String early =
                run(() -> coordinator.prepareLakeSnapshot(offsets(id, Map.of(0, 5L)), false));
        String uri = run(() -> coordinator.prepareLakeSnapshot(offsets(id, Map.of(0, 10L)), false));
        LakeRegistry.Commit commit =
                new LakeRegistry.Commit(1, uri, Optional.of(uri), OptionalLong.empty());
        run(() -> coordinator.commitLakeSnapshot(id, commit));
        run(() -> coordinator.commitLakeSnapshot(id, commit));
        refused(
                ErrorReason.LAKE_COMMIT_FENCED,
                () ->
                        coordinator.commitLakeSnapshot(
                                id,
                                new LakeRegistry.Commit(
                                        2, early, Optional.of(early), OptionalLong.empty())));
        assertThat(metastore.lakeSnapshots().read(id).entries()).hasSize(1);
    }

    private Optional<Assigned> assign() {
        return run(() -> coordinator.onTiering((s, epoch, now) -> s.assign(now)));
    }

    private int epoch() {
        Integer epoch = run(() -> coordinator.onTiering((s, e, now) -> e));
        return epoch;
    }

    private void commit(long snapshotId, Map<Integer, Long> byBucket, OptionalLong keep) {
        long id = coordinator.image().existing(ORDERS).info().tableId();
        String uri = run(() -> coordinator.prepareLakeSnapshot(offsets(id, byBucket), false));
        run(
                () ->
                        coordinator.commitLakeSnapshot(
                                id,
                                new LakeRegistry.Commit(snapshotId, uri, Optional.of(uri), keep)));
    }

    private static BucketOffsets offsets(long tableId, Map<Integer, Long> byBucket) {
        Map<TableBucket, Long> out = new java.util.HashMap<>();
        byBucket.forEach((b, o) -> out.put(TableBucket.of(tableId, b), o));
        return new BucketOffsets(tableId, out);
    }

    private List<Bucket> buckets() {
        return coordinator.image().existing(ORDERS).buckets().get(TableBucket.NO_PARTITION);
    }

    private static TableDescriptor descriptor() {
        return TableDescriptor.of(
                        TableSchema.of(
                                Column.of("id", DataTypes.integer()),
                                Column.of("day", DataTypes.string())))
                .withBuckets(2);
    }

    private static TableDescriptor keyed() {
        return TableDescriptor.of(
                        TableSchema.of(
                                List.of(
                                        Column.of("id", DataTypes.integer()),
                                        Column.of("day", DataTypes.string())),
                                List.of("id")))
                .withBuckets(2);
    }

    private static TableDescriptor lakeDescriptor() {
        return descriptor().withProperty("table.datalake.enabled", "true");
    }

    private void alter(Map<String, Optional<String>> options, List<Column> columns) {
        run(() -> coordinator.alterTable(ORDERS, new TableChange(options, columns), false));
    }

    private void refusedChange(ErrorReason reason, Map<String, Optional<String>> options) {
        refused(
                reason,
                () -> coordinator.alterTable(ORDERS, new TableChange(options, List.of()), false));
    }

    private <T> T run(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = call.get();
        loop.runAll();
        assertThat(result).isDone();
        return result.join();
    }

    private void refused(ErrorReason reason, Supplier<? extends CompletableFuture<?>> call) {
        CompletableFuture<?> result = call.get();
        loop.runAll();
        assertThat(result).isCompletedExceptionally();
        Throwable failure = result.handle((ok, e) -> e).join();
        assertThat(FlussException.from(failure).reason()).isEqualTo(reason);
    }
}
