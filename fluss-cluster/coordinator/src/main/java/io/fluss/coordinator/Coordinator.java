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

import io.fluss.coordinator.cluster.ClusterOptions;
import io.fluss.coordinator.cluster.Producers;
import io.fluss.coordinator.cluster.ServerTags;
import io.fluss.coordinator.cluster.SnapshotHolders;
import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.coordinator.lake.LakeRegistry;
import io.fluss.coordinator.lake.TieringSchedule;
import io.fluss.coordinator.rules.Assignment;
import io.fluss.coordinator.rules.AutoPartition;
import io.fluss.coordinator.rules.DescriptorRules;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.json.BucketOffsets;
import io.fluss.metastore.BucketState;
import io.fluss.metastore.Counters.Counter;
import io.fluss.metastore.Dropped;
import io.fluss.metastore.StoredTable;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.DatabaseInfo;
import io.fluss.table.Names;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active coordinator. All state is owned by its loop; every public method may be called from
 * any thread and answers through a future, except {@link #image()}, which is a snapshot. A change
 * is checked, persisted, applied to the image, and then answered.
 */
public final class Coordinator {
    private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
    private static final String DEFAULT_DATABASE = "fluss";

    private final ClusterOptions options;
    private final CoordinatorPorts ports;
    private final ImageHolder images;
    private final Leadership leadership;
    private final DescriptorRules rules;
    private final LakeRegistry lake;
    private final RemoteLogRegistry remoteLogs;
    private final KvSnapshotRegistry kvSnapshots;
    private final SnapshotHolders snapshotHolders;
    private final TieringSchedule tiering;
    private final AutoPartitions autoPartitions;
    private final ServerTags tags;
    private final Producers producers;
    private int epoch = -1;

    /** Whether the metastore may hold something else than the image. */
    private boolean isImageInDoubt;

    public Coordinator(CoordinatorSettings settings, CoordinatorPorts ports) {
        LeaderFence leaders = new LeaderFence(this::image);
        this.remoteLogs =
                new RemoteLogRegistry(
                        ports.metastore().remoteManifests(),
                        ports.files(),
                        settings.remoteDataDir(),
                        leaders);
        this.snapshotHolders = new SnapshotHolders(ports.metastore().snapshotLeases());
        this.kvSnapshots =
                new KvSnapshotRegistry(
                        ports.metastore().kvSnapshots(),
                        new Held(),
                        ports.files(),
                        settings.remoteDataDir(),
                        leaders);
        this.ports = ports;
        this.options =
                new ClusterOptions(
                        ports.metastore().clusterMaps(),
                        settings,
                        ports.tabletServers()::optionsChanged);
        this.images = new ImageHolder(ports.loop());
        this.leadership = new Leadership(ports, settings.leaderRetryDelay(), images);
        this.rules = new DescriptorRules(options::current);
        this.lake =
                new LakeRegistry(
                        ports.metastore().lakeSnapshots(),
                        ports.files(),
                        settings.remoteDataDir(),
                        ports.clock(),
                        settings.lakeOffsetsOrphanAge());
        this.autoPartitions = new AutoPartitions(ports, images, new PartitionChanges());
        this.tags = new ServerTags(ports.metastore().clusterMaps(), this::image);
        this.producers =
                new Producers(
                        ports.metastore().producerOffsets(),
                        settings.timers().producerOffsetsTtl());
        this.tiering = new TieringSchedule(settings.tieringSilenceMax().toMillis());
    }

    /** Registry of remote logs; its calls are made through {@link #onCatalogue}. */
    public RemoteLogRegistry remoteLogs() {
        return remoteLogs;
    }

    /** Registry of snapshots; what leaders call of it is made through {@link #onCatalogue}. */
    public KvSnapshotRegistry kvSnapshots() {
        return kvSnapshots;
    }

    /** What keeps snapshots, on the loop. */
    private final class Held implements KvSnapshotRegistry.Leases {
        @Override
        public boolean isHeld(TableBucket bucket, long snapshotId) {
            return snapshotHolders.isHeld(bucket, snapshotId, ports.clock().nowMs());
        }

        @Override
        public int newestKept() {
            return settings().snapshots().retained();
        }
    }

    /** A step on leases. */
    @FunctionalInterface
    public interface LeaseDecision<T> {
        T decide(SnapshotHolders leases, long nowMs);
    }

    /** Runs a step on leases of snapshots on the loop. */
    public <T> CompletableFuture<T> onLeases(LeaseDecision<T> decision) {
        return change(() -> decision.decide(snapshotHolders, ports.clock().nowMs()));
    }

    /** The options in force, those changed at run time included; any thread. */
    public CoordinatorSettings settings() {
        return options.current();
    }

    /** Options that were changed at run time; any thread. */
    public Map<String, String> changedOptions() {
        return options.changed();
    }

    /** The cluster now; any thread. */
    public ClusterImage image() {
        return images.image();
    }

    /** Registry of lake snapshots; its calls block. */
    public LakeRegistry lake() {
        return lake;
    }

    /**
     * Reads all metadata, elects a leader for every bucket among the given live servers and tells
     * them.
     *
     * @return completes when the leaders of all log tables have answered. Those of tables with a
     *     primary key follow: bringing rows back may take minutes, and nobody else waits for it
     */
    public CompletableFuture<Void> start(List<ServerNode> liveServers) {
        return CompletableFuture.runAsync(() -> load(liveServers), ports.loop())
                .thenComposeAsync(loaded -> announceAll(), ports.loop())
                .thenRunAsync(this::resume, ports.loop());
    }

    private void load(List<ServerNode> liveServers) {
        epoch = Math.toIntExact(ports.metastore().counters().take(Counter.COORDINATOR_EPOCH, 1));
        options.load();
        snapshotHolders.load();
        liveServers.forEach(s -> images.change(i -> i.with(s)));
        loadDatabases();
        for (StoredTable stored : ports.metastore().tables().all()) {
            images.change(i -> i.with(loaded(stored)));
            registerForTiering(stored.info());
        }
    }

    private CompletableFuture<Void> announceAll() {
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (TableEntry table : image().tables().values()) {
            for (long group : table.buckets().keySet()) {
                if (table.info().hasPrimaryKey()) {
                    // Failures are logged and retried where the answer arrives.
                    var unused = leadership.announceOneByOne(table.info().tableId(), group);
                } else {
                    answers.add(leadership.announce(table.info().tableId(), group));
                }
            }
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    }

    /** Tells what the lake holds, and goes on with deletions that a crash has interrupted. */
    private void resume() {
        image().tables().values().forEach(t -> tellLakeOffsets(t.info()));
        deleteData(ports.metastore().dropped().all());
        runAutoPartitions();
        expireProducers();
        expireLeases();
    }

    private void expireLeases() {
        inBackground(
                onLeases(
                        (leases, now) -> {
                            leases.expire(now);
                            return true;
                        }),
                "expiry of leases");
        // The handle is not kept: closing the loop drops the task.
        var unused = ports.loop().schedule(settings().snapshots().leaseCheck(), this::expireLeases);
    }

    private void expireProducers() {
        inBackground(
                onCluster(
                        (c, now) -> {
                            c.producers().expire(now);
                            return true;
                        }),
                "expiry of producer offsets");
        // The handle is not kept: closing the loop drops the task.
        var unused =
                ports.loop()
                        .schedule(
                                settings().timers().producerOffsetsCheck(), this::expireProducers);
    }

    private void runAutoPartitions() {
        inBackground(
                change(
                        () -> {
                            autoPartitions.run();
                            return null;
                        }),
                "automatic partitions");
        // The handle is not kept: closing the loop drops the task.
        var unused =
                ports.loop()
                        .schedule(
                                settings().timers().autoPartitionCheck(), this::runAutoPartitions);
    }

    /** After a table was created or changed. */
    private void runAutoPartitions(TableInfo table) {
        if (table.isPartitioned()) {
            inBackground(
                    change(
                            () -> {
                                autoPartitions.run(table.tableId(), true);
                                return null;
                            }),
                    "automatic partitions of " + table.path());
        }
    }

    /** Nobody waits for this work: a failure is only logged. */
    private static void inBackground(CompletableFuture<?> work, String what) {
        var unused =
                work.whenComplete(
                        (ok, failure) -> {
                            if (failure != null) {
                                LOG.warn("{} failed", what, failure);
                            }
                        });
    }

    private void loadDatabases() {
        List<DatabaseInfo> databases = ports.metastore().databases().all();
        if (databases.isEmpty()) {
            long now = ports.clock().nowMs();
            DatabaseInfo first =
                    new DatabaseInfo(DEFAULT_DATABASE, DatabaseDescriptor.EMPTY, now, now);
            ports.metastore().databases().create(first);
            databases = List.of(first);
        }
        databases.forEach(d -> images.change(i -> i.with(d)));
    }

    private TableEntry loaded(StoredTable stored) {
        long id = stored.info().tableId();
        Map<String, PartitionInfo> partitions = partitions(stored.info());
        Map<Long, List<Bucket>> buckets = new HashMap<>();
        for (long group : groups(stored.info(), partitions)) {
            List<BucketState> elected =
                    Leadership.elect(ports.metastore().bucketStates().read(id, group), image());
            ports.metastore().bucketStates().write(id, group, elected);
            buckets.put(group, Leadership.notServing(elected));
        }
        return new TableEntry(stored.info(), stored.schemas(), partitions, buckets);
    }

    private Map<String, PartitionInfo> partitions(TableInfo table) {
        Map<String, PartitionInfo> out = new HashMap<>();
        if (table.isPartitioned()) {
            ports.metastore().partitions().all(table.tableId()).forEach(p -> out.put(p.name(), p));
        }
        return out;
    }

    private static List<Long> groups(TableInfo table, Map<String, PartitionInfo> partitions) {
        return table.isPartitioned()
                ? partitions.values().stream().map(PartitionInfo::partitionId).toList()
                : List.of(TableBucket.NO_PARTITION);
    }

    // -------- databases

    public CompletableFuture<Void> createDatabase(
            String name, DatabaseDescriptor descriptor, boolean isIgnoredIfExists) {
        return change(
                () -> {
                    Names.checkDatabase(name);
                    if (image().databases().containsKey(name)) {
                        if (isIgnoredIfExists) {
                            return null;
                        }
                        throw ErrorReason.DATABASE_ALREADY_EXIST.exception(
                                "database '" + name + "' exists already");
                    }
                    long now = ports.clock().nowMs();
                    DatabaseInfo database = new DatabaseInfo(name, descriptor, now, now);
                    ports.metastore().databases().create(database);
                    images.change(i -> i.with(database));
                    return null;
                });
    }

    /** What an ALTER DATABASE asks for; an empty comment removes the comment. */
    public record DatabaseChange(
            Map<String, Optional<String>> properties, Optional<String> comment) {
        public DatabaseChange {
            properties = Map.copyOf(properties);
        }
    }

    public CompletableFuture<Void> alterDatabase(
            String name, DatabaseChange change, boolean isIgnoredIfMissing) {
        return change(
                () -> {
                    if (!image().databases().containsKey(name) && isIgnoredIfMissing) {
                        return null;
                    }
                    DatabaseInfo before = image().existingDatabase(name);
                    DatabaseDescriptor next =
                            Alterations.withProperties(before.descriptor(), change);
                    if (!next.equals(before.descriptor())) {
                        DatabaseInfo after =
                                new DatabaseInfo(
                                        name, next, before.createdTimeMs(), ports.clock().nowMs());
                        ports.metastore().databases().alter(after);
                        images.change(i -> i.with(after));
                    }
                    return null;
                });
    }

    public CompletableFuture<Void> dropDatabase(
            String name, boolean isIgnoredIfMissing, boolean isCascading) {
        return change(
                () -> {
                    if (name.equals(DEFAULT_DATABASE)) {
                        throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                                "the default database '" + name + "' cannot be dropped");
                    }
                    if (!image().databases().containsKey(name) && isIgnoredIfMissing) {
                        return null;
                    }
                    image().existingDatabase(name);
                    List<TableEntry> tables = List.copyOf(image().tablesOf(name).values());
                    if (!tables.isEmpty() && !isCascading) {
                        throw ErrorReason.DATABASE_NOT_EMPTY.exception(
                                "database '"
                                        + name
                                        + "' has "
                                        + tables.size()
                                        + " table(s); drop them first or drop with cascade");
                    }
                    tables.forEach(this::drop);
                    ports.metastore().databases().drop(name);
                    images.change(i -> i.withoutDatabase(name));
                    return null;
                });
    }

    // -------- tables

    /** Completes when the table is durable; its leaders come afterwards. */
    public CompletableFuture<Void> createTable(
            TablePath path, TableDescriptor declared, boolean isIgnoredIfExists) {
        return change(() -> checkedForCreate(path, declared, isIgnoredIfExists))
                .thenCompose(
                        checked ->
                                checked.isEmpty()
                                        ? CompletableFuture.completedFuture(null)
                                        : create(path, checked.get(), isIgnoredIfExists));
    }

    /** The complete descriptor, or empty if the table is there and that is to be ignored. */
    private Optional<TableDescriptor> checkedForCreate(
            TablePath path, TableDescriptor declared, boolean isIgnoredIfExists) {
        Names.checkTable(path);
        declared.schema().columns().forEach(c -> DescriptorRules.checkColumnName(c.name()));
        TableDescriptor descriptor = rules.completed(declared);
        if (!descriptor.isPartitioned()) {
            assigned(descriptor);
        }
        if (image().table(path).isPresent()) {
            if (isIgnoredIfExists) {
                return Optional.empty();
            }
            throw alreadyExists(path);
        }
        image().existingDatabase(path.database());
        return Optional.of(descriptor);
    }

    private static FlussException alreadyExists(TablePath path) {
        return ErrorReason.TABLE_ALREADY_EXIST.exception("table '" + path + "' exists already");
    }

    private List<BucketState> assigned(TableDescriptor d) {
        return Assignment.of(
                d.bucketCount().orElseThrow(),
                d.options().replicationFactor(),
                List.copyOf(image().servers().keySet()),
                ports.random());
    }

    private CompletableFuture<Void> create(
            TablePath path, TableDescriptor descriptor, boolean isIgnoredIfExists) {
        CompletableFuture<Void> lakeDone =
                descriptor.options().isLakeEnabled()
                        ? CompletableFuture.runAsync(
                                () -> ports.lakeTables().create(path, descriptor, true), ports.io())
                        : CompletableFuture.completedFuture(null);
        return lakeDone.thenCompose(
                created ->
                        change(
                                () -> {
                                    // The lake took its time: somebody else may have created the
                                    // table meanwhile.
                                    if (image().table(path).isEmpty()) {
                                        image().existingDatabase(path.database());
                                        register(path, descriptor);
                                    } else if (!isIgnoredIfExists) {
                                        throw alreadyExists(path);
                                    }
                                    return null;
                                }));
    }

    private void register(TablePath path, TableDescriptor descriptor) {
        long id = ports.metastore().counters().take(Counter.TABLE_ID, 1);
        long now = ports.clock().nowMs();
        TableInfo info = new TableInfo(path, id, 1, descriptor, now, now);
        List<BucketState> states = descriptor.isPartitioned() ? List.of() : assigned(descriptor);
        ports.metastore().tables().create(info, states);
        TableEntry entry =
                new TableEntry(
                        info,
                        List.of(descriptor.schema()),
                        Map.of(),
                        descriptor.isPartitioned()
                                ? Map.of()
                                : Map.of(TableBucket.NO_PARTITION, Leadership.notServing(states)));
        images.change(i -> i.with(entry));
        registerForTiering(info);
        announceInBackground(id, TableBucket.NO_PARTITION);
        runAutoPartitions(info);
    }

    private void announceInBackground(long tableId, long partitionId) {
        inBackground(
                leadership.announce(tableId, partitionId), "telling leaders of table " + tableId);
    }

    /** Completes when the table is gone from the catalogue; its data is deleted afterwards. */
    public CompletableFuture<Void> dropTable(TablePath path, boolean isIgnoredIfMissing) {
        return change(
                () -> {
                    if (image().table(path).isPresent() || !isIgnoredIfMissing) {
                        drop(image().existing(path));
                    }
                    return null;
                });
    }

    private void drop(TableEntry table) {
        TableInfo info = table.info();
        List<Dropped.Group> data = new ArrayList<>();
        int frame = info.isPartitioned() ? 0 : info.bucketCount();
        data.add(
                new Dropped.Group(
                        info.path(), info.tableId(), TableBucket.NO_PARTITION, frame, true));
        table.partitions().values().forEach(p -> data.add(group(info, p)));
        ports.metastore().tables().drop(info, data);
        images.change(i -> i.withoutTable(info.path()));
        tiering.unregister(info.tableId());
        deleteData(data);
    }

    private static Dropped.Group group(TableInfo info, PartitionInfo p) {
        return new Dropped.Group(
                info.path(), info.tableId(), p.partitionId(), info.bucketCount(), false);
    }

    /**
     * Deletes local data and files of groups, then forgets them; resumed at the next start. What
     * lies around partitions goes after them.
     */
    private void deleteData(List<Dropped.Group> groups) {
        inBackground(
                deleted(groups.stream().filter(g -> !g.isWholeTable()))
                        .thenCompose(
                                partitionsDone ->
                                        deleted(groups.stream().filter(g -> g.isWholeTable()))),
                "deleting dropped data");
    }

    private CompletableFuture<Void> deleted(Stream<Dropped.Group> groups) {
        return CompletableFuture.allOf(groups.map(this::deleted).toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> deleted(Dropped.Group g) {
        return ports.tabletServers()
                .delete(g)
                .thenRunAsync(
                        () -> {
                            if (g.isWholeTable()) {
                                ports.files().delete(lake.directory(g.path(), g.tableId()));
                            }
                            remoteLogs.delete(g);
                            kvSnapshots.delete(g);
                            ports.metastore().dropped().finish(g);
                        },
                        ports.io());
    }

    /** What an ALTER TABLE asks for: options or columns, never both. */
    public record TableChange(
            Map<String, Optional<String>> options, List<io.fluss.table.Column> addedColumns) {
        public TableChange {
            options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
            addedColumns = List.copyOf(addedColumns);
        }
    }

    /**
     * Completes when the change is durable. The lake table is changed first: a crash in between is
     * made good by the same change once more.
     */
    public CompletableFuture<Void> alterTable(
            TablePath path, TableChange change, boolean isIgnoredIfMissing) {
        return change(
                        () ->
                                image().table(path).isPresent() || !isIgnoredIfMissing
                                        ? altered(image().existing(path), change)
                                        : Optional.<Altered>empty())
                .thenCompose(
                        a ->
                                a.isEmpty()
                                        ? CompletableFuture.completedFuture(null)
                                        : alter(a.get(), change));
    }

    /** A checked change of a table. */
    private record Altered(TableInfo before, TableDescriptor next) {
        boolean switchesLakeOn() {
            return next.options().isLakeEnabled() && !before.options().isLakeEnabled();
        }

        /** A lake table follows the options also while the lake is off. */
        boolean concernsLake() {
            return next.properties().containsKey(TableOptions.DATALAKE_ENABLED)
                    || before.descriptor().properties().containsKey(TableOptions.DATALAKE_ENABLED);
        }
    }

    private Optional<Altered> altered(TableEntry table, TableChange change) {
        if (!change.options().isEmpty() && !change.addedColumns().isEmpty()) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "change options and columns of '"
                            + table.info().path()
                            + "' in separate requests");
        }
        TableInfo before = table.info();
        TableDescriptor next =
                change.addedColumns().isEmpty()
                        ? Alterations.withOptions(before, change.options(), settings())
                        : Alterations.withColumns(before, change.addedColumns());
        if (next.equals(before.descriptor())) {
            return Optional.empty();
        }
        rules.check(next);
        return Optional.of(new Altered(before, next));
    }

    private CompletableFuture<Void> alter(Altered altered, TableChange change) {
        CompletableFuture<Void> lakeDone =
                altered.concernsLake() && settings().isLakeEnabled()
                        ? CompletableFuture.runAsync(() -> alterLake(altered, change), ports.io())
                        : CompletableFuture.completedFuture(null);
        return lakeDone.thenCompose(
                done ->
                        change(
                                () -> {
                                    apply(altered);
                                    return null;
                                }));
    }

    private void alterLake(Altered altered, TableChange change) {
        TablePath path = altered.before().path();
        boolean isOn = altered.next().options().isLakeEnabled();
        if (altered.switchesLakeOn()) {
            new LaterLake(ports.lakeTables(), path, altered.next()).create();
        }
        try {
            if (!change.options().isEmpty()) {
                ports.lakeTables().alterOptions(path, change.options());
            } else if (isOn) {
                ports.lakeTables().addColumns(path, altered.before().descriptor(), altered.next());
            }
        } catch (FlussException e) {
            if (isOn || e.reason() != ErrorReason.TABLE_NOT_EXIST) {
                throw e;
            }
        }
    }

    private void apply(Altered altered) {
        TableInfo before = altered.before();
        TableDescriptor next = altered.next();
        TableEntry table = image().existing(before.path());
        if (!table.info().equals(before)) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "'"
                            + before.path()
                            + "' was changed by somebody else at the same time; look at it and try"
                            + " again");
        }
        boolean isNewSchema = !next.schema().equals(before.schema());
        TableInfo info =
                new TableInfo(
                        before.path(),
                        before.tableId(),
                        before.schemaId() + (isNewSchema ? 1 : 0),
                        next,
                        before.createdTimeMs(),
                        ports.clock().nowMs());
        ports.metastore().tables().alter(info);
        List<TableSchema> schemas = new ArrayList<>(table.schemas());
        if (isNewSchema) {
            schemas.add(next.schema());
        }
        images.change(i -> i.change(info.tableId(), t -> t.withInfo(info, schemas)));
        ports.tabletServers().tableChanged(info);
        registerForTiering(info);
        if (altered.switchesLakeOn()) {
            tellLakeOffsets(info);
        }
        runAutoPartitions(info);
    }

    // -------- partitions

    public CompletableFuture<Void> createPartition(
            TablePath path, Map<String, String> spec, boolean isIgnoredIfExists) {
        return change(
                () -> {
                    TableEntry table = image().existing(path);
                    PartitionInfo asked = partition(table.info(), spec, true);
                    if (table.partitions().containsKey(asked.name())) {
                        if (isIgnoredIfExists) {
                            return null;
                        }
                        throw ErrorReason.PARTITION_ALREADY_EXIST.exception(
                                "partition '" + asked.name() + "' of '" + path + "' exists");
                    }
                    checkTime(table.info(), asked, isIgnoredIfExists);
                    create(table.info(), asked);
                    return null;
                });
    }

    /**
     * Whoever ignores partitions that exist is a writer that needs one for its rows: it must learn
     * that they would be dropped at once. A partition that is asked for by name is made.
     */
    private void checkTime(TableInfo table, PartitionInfo asked, boolean isForRows) {
        Optional<AutoPartition> auto = AutoPartition.of(table.descriptor());
        Optional<String> problem =
                auto.flatMap(
                        a ->
                                a.problem(asked.spec())
                                        .or(() -> expired(a, asked).filter(e -> isForRows)));
        problem.ifPresent(
                p -> {
                    throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                            "partition '"
                                    + asked.name()
                                    + "' of '"
                                    + table.path()
                                    + "' cannot be created: "
                                    + p);
                });
    }

    private Optional<String> expired(AutoPartition auto, PartitionInfo asked) {
        return auto.isExpired(asked.spec(), ports.clock().nowMs())
                ? Optional.of(
                        "it is older than 'table.auto-partition.num-retention' and would be"
                                + " dropped at once")
                : Optional.empty();
    }

    private void create(TableInfo table, PartitionInfo asked) {
        int max = settings().limits().partitionCountMax();
        if (image().existing(table.path()).partitions().size() >= max) {
            throw ErrorReason.PARTITION_MAX_NUM.exception(
                    "table '"
                            + table.path()
                            + "' has "
                            + max
                            + " partitions, the most it may have (max.partition.num)");
        }
        List<BucketState> states = assigned(table.descriptor());
        PartitionInfo partition =
                new PartitionInfo(
                        ports.metastore().counters().take(Counter.PARTITION_ID, 1), asked.spec());
        ports.metastore().partitions().create(table.tableId(), partition, states);
        List<Bucket> buckets = Leadership.notServing(states);
        images.change(i -> i.change(table.tableId(), t -> t.withPartition(partition, buckets)));
        announceInBackground(table.tableId(), partition.partitionId());
    }

    public CompletableFuture<Void> dropPartition(
            TablePath path, Map<String, String> spec, boolean isIgnoredIfMissing) {
        return change(
                () -> {
                    TableEntry table = image().existing(path);
                    String name = partition(table.info(), spec, false).name();
                    PartitionInfo partition = table.partitions().get(name);
                    if (partition == null) {
                        if (isIgnoredIfMissing) {
                            return null;
                        }
                        throw ErrorReason.PARTITION_NOT_EXIST.exception(
                                "partition '" + name + "' of '" + path + "' does not exist");
                    }
                    drop(table.info(), partition);
                    return null;
                });
    }

    private void drop(TableInfo table, PartitionInfo partition) {
        Dropped.Group data = group(table, partition);
        ports.metastore().partitions().drop(table.tableId(), partition, data);
        images.change(i -> i.change(table.tableId(), t -> t.withoutPartition(partition)));
        deleteData(List.of(data));
    }

    /** What automatic partitions ask for. */
    private final class PartitionChanges implements AutoPartitions.Catalogue {
        @Override
        public void create(TableInfo table, Map<String, String> spec) {
            Coordinator.this.create(table, partition(table, spec, true));
        }

        @Override
        public void drop(TableInfo table, PartitionInfo partition) {
            Coordinator.this.drop(table, partition);
        }

        @Override
        public boolean isWaitingForLake(TableInfo table) {
            return table.options().isLakeEnabled() && settings().timers().isExpiryWaitingForLake();
        }

        @Override
        public void dropOnceTiered(TableInfo table, List<PartitionInfo> expired) {
            List<TableBucket> all =
                    expired.stream().flatMap(p -> group(table, p).buckets().stream()).toList();
            inBackground(
                    onIo(() -> lake.latestShown(table.tableId()).offsets())
                            .thenCompose(
                                    held ->
                                            ports.tabletServers()
                                                    .endOffsets(all)
                                                    .thenApply(
                                                            ends ->
                                                                    AutoPartitions.tiered(
                                                                            expired,
                                                                            p -> bucketsOf(all, p),
                                                                            ends,
                                                                            held)))
                            .thenCompose(done -> change(() -> dropPresent(table, done))),
                    "expiry of partitions of " + table.path());
        }

        private static List<TableBucket> bucketsOf(List<TableBucket> all, long partitionId) {
            return all.stream().filter(b -> b.partitionId() == partitionId).toList();
        }

        /** Others may have dropped some meanwhile. */
        private Boolean dropPresent(TableInfo table, List<PartitionInfo> partitions) {
            for (PartitionInfo p : partitions) {
                if (image().table(table.tableId())
                        .flatMap(t -> t.partition(p.partitionId()))
                        .isPresent()) {
                    LOG.info("partition {} of {} has expired", p.name(), table.path());
                    drop(table, p);
                }
            }
            return true;
        }
    }

    /** The named partition in the order of the partition keys; the id is not set. */
    private static PartitionInfo partition(
            TableInfo table, Map<String, String> spec, boolean isCreate) {
        if (!table.isPartitioned()) {
            throw ErrorReason.TABLE_NOT_PARTITIONED.exception(
                    "table '" + table.path() + "' is not partitioned");
        }
        List<String> keys = table.descriptor().partitionKeys();
        if (spec.size() != keys.size() || !spec.keySet().containsAll(keys)) {
            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                    "partition "
                            + spec
                            + " of '"
                            + table.path()
                            + "' must give a value for exactly "
                            + keys);
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        for (String key : keys) {
            String value = spec.getOrDefault(key, "");
            Names.problem(value, isCreate)
                    .ifPresent(
                            p -> {
                                throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                                        "partition value '" + value + "' of '" + key + "' " + p);
                            });
            ordered.put(key, value);
        }
        return new PartitionInfo(TableBucket.NO_PARTITION, ordered);
    }

    // -------- lake

    private void registerForTiering(TableInfo table) {
        long id = table.tableId();
        long freshnessMs = table.options().lakeFreshness().toMillis();
        if (!table.options().isLakeEnabled()) {
            tiering.unregister(id);
        } else if (tiering.isRegistered(id)) {
            tiering.setFreshness(id, freshnessMs);
        } else {
            tiering.register(id, freshnessMs, ports.clock().nowMs());
        }
    }

    private void tellLakeOffsets(TableInfo table) {
        if (table.options().isLakeEnabled()) {
            CompletableFuture<Void> work =
                    CompletableFuture.runAsync(
                            () ->
                                    ports.tabletServers()
                                            .lakeOffsets(
                                                    lake.latestShown(table.tableId()).offsets()),
                            ports.io());
            inBackground(work, "reading lake offsets of " + table.path());
        }
    }

    /** Runs a decision about tiering on the loop: schedule, coordinator epoch and time. */
    public <T> CompletableFuture<T> onTiering(TieringDecision<T> decision) {
        return onLoop(
                () -> {
                    long now = ports.clock().nowMs();
                    tiering.tick(now);
                    return decision.decide(tiering, epoch, now);
                });
    }

    /** A step on the tiering schedule. */
    @FunctionalInterface
    public interface TieringDecision<T> {
        T decide(TieringSchedule schedule, int coordinatorEpoch, long nowMs);
    }

    /** Registers a lake snapshot and tells the leaders what readers get from the lake now. */
    public CompletableFuture<Void> commitLakeSnapshot(long tableId, LakeRegistry.Commit commit) {
        return onIo(
                () -> {
                    TableInfo table = existing(tableId).info();
                    BucketOffsets shown = lake.commit(table, commit);
                    ports.tabletServers().lakeOffsets(shown.offsets());
                    return null;
                });
    }

    /** Writes the offsets of a lake snapshot to come; gives the URI of the file. */
    public CompletableFuture<String> prepareLakeSnapshot(BucketOffsets offsets, boolean isAlone) {
        return onIo(() -> lake.prepare(existing(offsets.tableId()).info(), offsets, isAlone));
    }

    // -------- the cluster

    /** All changes or none; completes when they are durable and in force. */
    public CompletableFuture<Void> alterOptions(Map<String, Optional<String>> changes) {
        return onLoop(
                () -> {
                    options.alter(changes);
                    return null;
                });
    }

    /** What a step on the cluster's own state works with. */
    public record ClusterStep(ServerTags tags, Producers producers, String newId) {}

    /** A step on the cluster's own state. */
    @FunctionalInterface
    public interface ClusterDecision<T> {
        T decide(ClusterStep cluster, long nowMs);
    }

    /** Runs a step on tags, rebalances or producer offsets on the loop. */
    public <T> CompletableFuture<T> onCluster(ClusterDecision<T> decision) {
        return onLoop(
                () ->
                        decision.decide(
                                new ClusterStep(
                                        tags,
                                        producers,
                                        new UUID(
                                                        ports.random().nextLong(),
                                                        ports.random().nextLong())
                                                .toString()),
                                ports.clock().nowMs()));
    }

    private TableEntry existing(long tableId) {
        return image().table(tableId)
                .orElseThrow(
                        () ->
                                ErrorReason.TABLE_NOT_EXIST.exception(
                                        "table " + tableId + " does not exist"));
    }

    /** Runs something that blocks on the I/O executor. */
    public <T> CompletableFuture<T> onIo(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, ports.io());
    }

    private <T> CompletableFuture<T> onLoop(Supplier<T> task) {
        return ports.loop().submit(task);
    }

    // -------- changes and the metastore

    /**
     * Runs a change of the catalogue on the loop. If the metastore fails on the way, the outcome is
     * unknown: then the image is read again before anything else is changed.
     */
    private <T> CompletableFuture<T> change(Supplier<T> change) {
        return onLoop(
                () -> {
                    if (isImageInDoubt) {
                        reload();
                    }
                    try {
                        return change.get();
                    } catch (RuntimeException e) {
                        if (!(e instanceof FlussException f) || f.reason() == ErrorReason.STORAGE) {
                            isImageInDoubt = true;
                            reloadLater();
                        }
                        throw e;
                    }
                });
    }

    /** Runs a step on the loop that reads or changes metadata as it is now. */
    public <T> CompletableFuture<T> onCatalogue(Supplier<T> step) {
        return change(step);
    }

    /** Readers shall not have to wait for the next change. */
    private void reloadLater() {
        // The handle is not kept: closing the loop drops the task.
        var unused =
                ports.loop()
                        .schedule(
                                settings().leaderRetryDelay(),
                                () -> {
                                    if (isImageInDoubt) {
                                        tryReload();
                                    }
                                });
    }

    private void tryReload() {
        try {
            reload();
        } catch (FlussException e) {
            LOG.warn("the metadata could not be read again; the next try follows", e);
            reloadLater();
        }
    }

    /** Makes the image what the metastore holds, and does what follows from the difference. */
    private void reload() {
        ClusterImage before = image();
        ClusterImage now = before.withoutCatalogue();
        for (DatabaseInfo d : ports.metastore().databases().all()) {
            now = now.with(d);
        }
        for (StoredTable t : ports.metastore().tables().all()) {
            now = now.with(reloaded(t, before));
        }
        List<Dropped.Group> dropped = ports.metastore().dropped().all();
        ClusterImage after = now;
        images.change(i -> after);
        snapshotHolders.load();
        isImageInDoubt = false;
        LOG.info("read the metadata again: {} tables", after.tables().size());
        follow(before, after);
        deleteData(dropped);
    }

    /** What the metastore holds of a table; a leader that serves goes on serving. */
    private TableEntry reloaded(StoredTable stored, ClusterImage before) {
        long id = stored.info().tableId();
        Map<Long, List<Bucket>> known = before.table(id).map(TableEntry::buckets).orElse(Map.of());
        Map<String, PartitionInfo> partitions = partitions(stored.info());
        Map<Long, List<Bucket>> buckets = new HashMap<>();
        for (long group : groups(stored.info(), partitions)) {
            List<Bucket> serving = known.getOrDefault(group, List.of());
            buckets.put(
                    group,
                    ports.metastore().bucketStates().read(id, group).stream()
                            .map(s -> new Bucket(s, serving.contains(new Bucket(s, true))))
                            .toList());
        }
        return new TableEntry(stored.info(), stored.schemas(), partitions, buckets);
    }

    private void follow(ClusterImage before, ClusterImage after) {
        for (TableEntry t : before.tables().values()) {
            if (after.table(t.info().tableId()).isEmpty()) {
                tiering.unregister(t.info().tableId());
            }
        }
        for (TableEntry t : after.tables().values()) {
            TableInfo info = t.info();
            if (before.table(info.tableId()).filter(old -> !old.info().equals(info)).isPresent()) {
                ports.tabletServers().tableChanged(info);
            }
            registerForTiering(info);
            t.buckets().keySet().forEach(group -> announceInBackground(info.tableId(), group));
        }
    }
}
