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
package io.fluss.tablet;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.kv.BucketRows;
import io.fluss.log.BucketLog;
import io.fluss.log.MappedWindows;
import io.fluss.loop.Loop;
import io.fluss.loop.ThreadLoop;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.GetTableStatsRequest;
import io.fluss.protocol.messages.InitWriterRequest;
import io.fluss.protocol.messages.LimitScanRequest;
import io.fluss.protocol.messages.ListOffsetsRequest;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.PrefixLookupRequest;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.remote.RemoteBatches;
import io.fluss.remote.RemoteLog;
import io.fluss.remote.RemoteLogs;
import io.fluss.remote.snapshot.BucketSnapshots;
import io.fluss.remote.snapshot.Snapshots;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.time.Clock;
import io.fluss.transport.ApiHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas of one tablet server, and the handlers of the requests for them. Thread-safe: what
 * concerns a bucket runs on the loop that the bucket sticks to. Local layout: {@code
 * {data.dir}/{database}/{table}-{id}[/{partition}-p{id}]/log-{bucket}}.
 */
public final class ReplicaHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaHost.class);

    private final TabletSettings settings;
    private final Path dataDir;
    private final int serverId;
    private final Clock clock;
    private final WriterIds writerIds;
    private final Optional<RemoteLogs> remotes;
    private final List<? extends Loop> loops;
    private final Executor background;
    private final Runnable closeLoops;
    private final TabletCounters counters = new TabletCounters();
    private final WaitingFetches waitingFetches;
    private final DirectBuffers buffers = new DirectBuffers();
    private final MappedWindows windows = new MappedWindows();
    private final ProjectionLayouts layouts = new ProjectionLayouts();

    /** Changed for a bucket on its loop only; read by any thread. */
    private final Map<TableBucket, Replica> replicas = new ConcurrentHashMap<>();

    /** Buckets whose rows are being brought back; changed on its loop only. */
    private final Map<TableBucket, RowsOpening> openings = new ConcurrentHashMap<>();

    /** Why a bucket that this server should lead is not served; changed on its loop only. */
    private final Map<TableBucket, FlussException> offline = new ConcurrentHashMap<>();

    private final DiskSync disk;
    private final DiskGuard guard;
    private final KeyedBuckets keyed;
    private final Map<Long, HostedTable> tables = new ConcurrentHashMap<>();
    private final Map<TableBucket, Long> lakeEndOffsets = new ConcurrentHashMap<>();
    private final KvScans scans;
    private volatile IncrementSource increments =
            (table, count) ->
                    CompletableFuture.failedFuture(
                            ErrorReason.KV_STORAGE.exception(
                                    "no source of auto-increment numbers yet; try again"));
    private volatile int minInSyncReplicas;
    private volatile Predicate<TableBucket> knownElsewhere = b -> false;
    private volatile BiFunction<Long, Integer, TableSchema> schemas = this::latestSchema;
    private volatile Optional<Snapshots> snapshots = Optional.empty();

    private ReplicaHost(
            TabletSettings settings,
            Path dataDir,
            int serverId,
            Clock clock,
            WriterIds writerIds,
            Optional<RemoteLogs> remotes,
            List<? extends Loop> loops,
            Executor background,
            Loop syncThread,
            KeyedBuckets keyed,
            Runnable closeLoops) {
        this.settings = settings;
        this.minInSyncReplicas = settings.minInSyncReplicas();
        this.dataDir = dataDir;
        this.serverId = serverId;
        this.clock = clock;
        this.writerIds = writerIds;
        this.remotes = remotes;
        this.loops = List.copyOf(loops);
        this.background = background;
        this.keyed = keyed;
        this.scans = new KvScans(this, settings.scans(), clock);
        this.closeLoops = closeLoops;
        this.disk = new DiskSync(syncThread);
        this.guard = new DiskGuard(dataDir, settings.storage(), DiskGuard.Disk.of(dataDir));
        this.waitingFetches = new WaitingFetches(settings.waitingFetchesMax());
    }

    /** Starts the loops; buckets come with {@link #becomeLeaders}. */
    public static ReplicaHost open(
            TabletSettings settings, Path dataDir, int serverId, Clock clock, WriterIds writerIds) {
        return open(settings, dataDir, serverId, clock, writerIds, Optional.empty());
    }

    /** As above, with remote storage for the logs; its executor belongs to the caller. */
    public static ReplicaHost open(
            TabletSettings settings,
            Path dataDir,
            int serverId,
            Clock clock,
            WriterIds writerIds,
            Optional<RemoteLogs> remotes) {
        List<ThreadLoop> loops = new ArrayList<>();
        for (int i = 0; i < settings.bucketLoops(); i++) {
            loops.add(new ThreadLoop("bucket-" + i, settings.loopQueueMax(), ReplicaHost::fault));
        }
        ThreadLoop flush = new ThreadLoop("log-flush", settings.loopQueueMax(), ReplicaHost::fault);
        ThreadLoop sync = new ThreadLoop("log-sync", settings.loopQueueMax(), ReplicaHost::fault);
        ReplicaHost host =
                new ReplicaHost(
                        settings,
                        dataDir,
                        serverId,
                        clock,
                        writerIds,
                        remotes,
                        loops,
                        flush,
                        sync,
                        KeyedBuckets.of(settings.kv()),
                        () -> {
                            loops.forEach(ThreadLoop::close);
                            sync.close();
                            flush.close();
                        });
        host.startTimers(sync);
        return host;
    }

    /** On loops of the caller, for tests. */
    static ReplicaHost on(
            TabletSettings settings,
            Path dataDir,
            int serverId,
            Clock clock,
            WriterIds writerIds,
            List<? extends Loop> loops) {
        return on(settings, dataDir, serverId, clock, writerIds, loops, loops.get(0));
    }

    /** With a thread of the disk of its own. */
    static ReplicaHost on(
            TabletSettings settings,
            Path dataDir,
            int serverId,
            Clock clock,
            WriterIds writerIds,
            List<? extends Loop> loops,
            Loop diskThread) {
        return on(
                settings, dataDir, serverId, clock, writerIds, Optional.empty(), loops, diskThread);
    }

    /** With remote storage. */
    static ReplicaHost on(
            TabletSettings settings,
            Path dataDir,
            int serverId,
            Clock clock,
            WriterIds writerIds,
            Optional<RemoteLogs> remotes,
            List<? extends Loop> loops,
            Loop diskThread) {
        return on(
                settings,
                dataDir,
                serverId,
                clock,
                writerIds,
                remotes,
                loops,
                diskThread,
                Runnable::run);
    }

    /** With an executor that brings rows by key back. */
    static ReplicaHost on(
            TabletSettings settings,
            Path dataDir,
            int serverId,
            Clock clock,
            WriterIds writerIds,
            Optional<RemoteLogs> remotes,
            List<? extends Loop> loops,
            Loop diskThread,
            Executor recoveries) {
        return new ReplicaHost(
                settings,
                dataDir,
                serverId,
                clock,
                writerIds,
                remotes,
                loops,
                Runnable::run,
                diskThread,
                KeyedBuckets.on(settings.kv(), recoveries),
                () -> {});
    }

    private static void fault(Throwable t) {
        LOG.error("a task of a bucket loop failed", t);
    }

    /** Starts what runs from time to time; {@link #open} does. */
    void startTimers(Loop diskThread) {
        StorageSettings storage = settings.storage();
        for (Loop loop : loops) {
            every(loop, settings.writerExpiryCheck(), r -> r.expireWriters(clock.nowMs()));
            every(loop, storage.checkpointInterval(), Replica::checkpoint);
            every(loop, storage.retentionCheckInterval(), this::expireSegments);
        }
        guard.sample();
        sampleDiskLater(diskThread);
        expireScansLater(diskThread);
    }

    private void expireScansLater(Loop loop) {
        var unused =
                loop.schedule(
                        settings.scans().ttl().dividedBy(4).plusMillis(1),
                        () -> {
                            scans.expire();
                            expireScansLater(loop);
                        });
    }

    private void every(Loop loop, Duration interval, Consumer<Replica> task) {
        // The handle is not kept: closing the loop drops the task.
        var unused =
                loop.schedule(
                        interval,
                        () -> {
                            replicas.values().stream()
                                    .filter(r -> r.loop() == loop)
                                    .forEach(r -> guarded(r, task));
                            every(loop, interval, task);
                        });
    }

    /** One bucket that fails does not keep the others from their turn. */
    private static void guarded(Replica r, Consumer<Replica> task) {
        try {
            task.accept(r);
        } catch (FlussException e) {
            LOG.warn("bucket {}: {}", r.bucket(), e.getMessage());
        }
    }

    private void expireSegments(Replica r) {
        // While segments are copied away, the copies are the log that expires, and what goes here
        // is decided after each round of copying.
        boolean isCopied = remotes.map(x -> x.settings().isOn()).orElse(false);
        r.expireSegments(clock.nowMs(), s -> !isCopied && isInLake(r, s.endOffset()));
    }

    /** What the lake is to get and does not have yet stays in the log, whatever its age. */
    private boolean isInLake(Replica r, long endOffset) {
        return !r.isLakeEnabled() || lakeOffset(r.bucket()).orElse(0L) >= endOffset;
    }

    private void sampleDiskLater(Loop loop) {
        var unused =
                loop.schedule(
                        settings.storage().diskCheckInterval(),
                        () -> {
                            guard.sample();
                            sampleDiskLater(loop);
                        });
    }

    /**
     * Makes this server leader of buckets: opens or creates their logs, recovering them.
     *
     * @return per bucket why it failed, or empty when it serves
     */
    public CompletableFuture<Map<TableBucket, Optional<FlussException>>> becomeLeaders(
            List<LeaderAssignment> assignments) {
        Map<TableBucket, Optional<FlussException>> results = new ConcurrentHashMap<>();
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (LeaderAssignment a : assignments) {
            tableChanged(a.table());
            CompletableFuture<Void> readable = new CompletableFuture<>();
            all.add(
                    onLoopOf(a.bucket(), () -> lead(a, readable))
                            .thenCompose(led -> readable)
                            .handle(
                                    (ok, e) ->
                                            results.put(
                                                    a.bucket(),
                                                    e == null
                                                            ? Optional.empty()
                                                            : Optional.of(
                                                                    FlussException.from(e)))));
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(v -> Map.copyOf(results));
    }

    private TableBucket lead(LeaderAssignment a, CompletableFuture<Void> readable) {
        var unused =
                lead(a).whenComplete(
                                (ok, e) -> {
                                    if (e == null) {
                                        readable.complete(null);
                                    } else {
                                        readable.completeExceptionally(e);
                                    }
                                });
        return a.bucket();
    }

    /** Completes when readers can be answered. */
    private CompletableFuture<Void> lead(LeaderAssignment a) {
        RowsOpening opening = openings.get(a.bucket());
        if (opening != null) {
            // Its rows come back for an earlier term, or it is being stopped.
            return opening.done()
                    .exceptionally(e -> null)
                    .thenComposeAsync(ok -> lead(a), loopOf(a.bucket()));
        }
        Replica r = replicas.get(a.bucket());
        boolean isNew = r == null;
        if (r == null) {
            try {
                r = openReplica(a);
                r.minInSyncReplicas(minInSyncReplicas);
            } catch (FlussException e) {
                // Other buckets go on; whoever asks for this one is told why.
                offline.put(a.bucket(), e);
                throw e;
            }
        }
        if (a.table().hasPrimaryKey() && !r.hasRows()) {
            return openRows(r, a);
        }
        if (isNew) {
            begin(r, a, Optional.empty());
        } else {
            r.becomeLeader(a);
            Optional<BucketSnapshots> next = snapshots(a);
            r.snapshots()
                    .flatMap(s -> s.known().base())
                    .ifPresent(id -> next.ifPresent(n -> n.keptBase(id)));
            keepSnapshots(r, a, next);
        }
        return keepRemote(r, a);
    }

    /** The replica serves from now on, or the bucket is offline. */
    private void begin(Replica r, LeaderAssignment a, Optional<BucketSnapshots> known) {
        try {
            r.becomeLeader(a);
            keepSnapshots(r, a, known);
        } catch (RuntimeException e) {
            takeOffline(r, e);
            throw e;
        }
        replicas.put(a.bucket(), r);
        offline.remove(a.bucket());
    }

    private void takeOffline(Replica r, Throwable why) {
        replicas.remove(r.bucket());
        var unused = r.stop(false);
        offline.put(r.bucket(), FlussException.from(why));
    }

    private CompletableFuture<Void> keepRemote(Replica r, LeaderAssignment a) {
        return remotes.map(
                        all ->
                                r.keepRemote(
                                        all, a, () -> lakeEndOffsets.getOrDefault(a.bucket(), -1L)))
                .orElse(CompletableFuture.completedFuture(null));
    }

    /** The snapshots of a bucket for the term that begins. */
    private Optional<BucketSnapshots> snapshots(LeaderAssignment a) {
        return a.table().hasPrimaryKey()
                ? snapshots.map(
                        s ->
                                s.open(
                                        a.table().path(),
                                        a.partitionName(),
                                        a.bucket(),
                                        a.leaderEpoch()))
                : Optional.empty();
    }

    private void keepSnapshots(Replica r, LeaderAssignment a, Optional<BucketSnapshots> known) {
        known.ifPresent(
                k ->
                        r.keepSnapshots(
                                snapshots.orElseThrow(),
                                k,
                                KeyedBuckets.scratch(KeyedBuckets.directory(directory(a)))));
    }

    /** Brings the rows back beside the loop; until then the bucket is not led. */
    private CompletableFuture<Void> openRows(Replica r, LeaderAssignment a) {
        Path directory = KeyedBuckets.directory(directory(a));
        RowsOpening opening = new RowsOpening(directory, snapshots(a));
        KeyedBuckets.Sources sources =
                new KeyedBuckets.Sources(
                        a.table().path()
                                + a.partitionName().map(p -> " partition " + p).orElse("")
                                + " bucket "
                                + a.bucket().bucket(),
                        directory,
                        r.logView(),
                        opening.snapshots(),
                        () -> remoteBatches(a),
                        opening::isStopped);
        openings.put(a.bucket(), opening);
        replicas.put(a.bucket(), r);
        offline.remove(a.bucket());
        long tableId = a.table().tableId();
        var unused =
                keyed.open(sources, a.table(), id -> schemas.apply(tableId, id))
                        .whenComplete((rows, e) -> opened(r, a, opening, rows, e));
        return opening.done();
    }

    /** On any thread. */
    private void opened(
            Replica r,
            LeaderAssignment a,
            RowsOpening opening,
            @Nullable BucketRows rows,
            @Nullable Throwable failure) {
        try {
            r.loop().execute(() -> openedOnLoop(r, a, opening, rows, failure));
        } catch (RejectedExecutionException e) {
            // The server closes, or has too much to do and is told again to lead the bucket.
            if (rows != null) {
                rows.close();
            }
            openings.remove(a.bucket());
            opening.done().completeExceptionally(e);
        }
    }

    private void openedOnLoop(
            Replica r,
            LeaderAssignment a,
            RowsOpening opening,
            @Nullable BucketRows rows,
            @Nullable Throwable failure) {
        openings.remove(a.bucket());
        if (rows != null && opening.isStopped()) {
            rows.close();
        }
        if (opening.isStopped()) {
            opening.done().completeExceptionally(r.notLeader());
            return;
        }
        try {
            if (rows == null) {
                throw FlussException.from(failure == null ? r.notLeader() : failure);
            }
            r.openRows(
                    rows,
                    (last, delete) ->
                            keyed.close(
                                    last,
                                    opening.directory(),
                                    r.snapshots().flatMap(s -> s.known().base()),
                                    delete));
            r.openInserts(a.partitionName(), (id, count) -> increments.take(id, count));
        } catch (RuntimeException e) {
            takeOffline(r, e);
            opening.done().completeExceptionally(e);
            return;
        }
        try {
            begin(r, a, opening.snapshots());
        } catch (RuntimeException e) {
            opening.done().completeExceptionally(e);
            return;
        }
        var unused = keepRemote(r, a).thenRun(() -> opening.done().complete(null));
    }

    /** The remote log as it is now; blocks. */
    private Optional<RemoteBatches> remoteBatches(LeaderAssignment a) {
        return remotes.flatMap(
                all -> {
                    RemoteLog log =
                            all.open(
                                    a.table().path(),
                                    a.partitionName(),
                                    a.bucket(),
                                    a.leaderEpoch());
                    log.load();
                    return log.view().map(v -> new RemoteBatches(all.files(), v));
                });
    }

    private TableSchema latestSchema(long tableId, int schemaId) {
        HostedTable table = tables.get(tableId);
        if (table == null || table.info().schemaId() != schemaId) {
            throw ErrorReason.SCHEMA_NOT_EXIST.exception(
                    "table " + tableId + " has no schema " + schemaId + " that is known here");
        }
        return table.info().schema();
    }

    /** Where numbers of auto-increment columns come from. For any thread. */
    public void increments(IncrementSource source) {
        increments = source;
    }

    /** Runs reads of rows that are not in memory, or are many. */
    Executor storeReads() {
        return keyed.reads();
    }

    /** Where all schemas of a table are found, by table id and schema id. For any thread. */
    public void schemas(BiFunction<Long, Integer, TableSchema> source) {
        schemas = source;
    }

    private Replica openReplica(LeaderAssignment a) {
        Loop loop = loopOf(a.bucket());
        BucketLog log =
                BucketLog.open(
                        a.table().path()
                                + a.partitionName().map(p -> " partition " + p).orElse("")
                                + " bucket "
                                + a.bucket().bucket(),
                        directory(a),
                        settings.log(),
                        loop,
                        background,
                        clock.nowMs());
        return new Replica(
                a.bucket(),
                serverId,
                tables.getOrDefault(a.table().tableId(), HostedTable.of(a.table())),
                log,
                loop,
                clock,
                settings,
                counters,
                disk,
                guard);
    }

    private Path directory(LeaderAssignment a) {
        Path table = tableDirectory(a.table().path(), a.table().tableId());
        Path parent =
                a.partitionName()
                        .map(p -> table.resolve(p + "-p" + a.bucket().partitionId()))
                        .orElse(table);
        return parent.resolve("log-" + a.bucket().bucket());
    }

    private Path tableDirectory(TablePath path, long tableId) {
        return dataDir.resolve(path.database()).resolve(path.table() + "-" + tableId);
    }

    /**
     * Takes replicas off this server. Waiting requests for them end with NOT_LEADER_OR_FOLLOWER.
     *
     * @param deleteData removes their files too; buckets that are not hosted are passed over
     */
    public CompletableFuture<Void> stopReplicas(
            Collection<TableBucket> buckets, boolean deleteData) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (TableBucket b : buckets) {
            CompletableFuture<Void> stopped = new CompletableFuture<>();
            all.add(onLoopOf(b, () -> stop(b, deleteData, stopped)).thenCompose(done -> stopped));
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
    }

    /** Completes the future when nothing of it is written any more, here or remotely. */
    private TableBucket stop(
            TableBucket bucket, boolean deleteData, CompletableFuture<Void> stopped) {
        RowsOpening opening = openings.get(bucket);
        if (opening != null) {
            opening.stop();
            var unused =
                    opening.done()
                            .whenComplete(
                                    (ok, e) -> stopOpened(opening, bucket, deleteData, stopped));
            return bucket;
        }
        Replica r = replicas.remove(bucket);
        offline.remove(bucket);
        lakeEndOffsets.remove(bucket);
        if (r == null) {
            stopped.complete(null);
        } else {
            var unused = r.stop(deleteData).thenRun(() -> stopped.complete(null));
        }
        return bucket;
    }

    private void stopOpened(
            RowsOpening opening,
            TableBucket bucket,
            boolean deleteData,
            CompletableFuture<Void> stopped) {
        if (deleteData) {
            DirectoryTree.delete(opening.directory());
        }
        var unused = stop(bucket, deleteData, stopped);
    }

    /** A table has new options or a new schema; also makes the table known before its buckets. */
    public void tableChanged(TableInfo info) {
        HostedTable table =
                tables.compute(
                        info.tableId(), (id, t) -> t == null ? HostedTable.of(info) : t.with(info));
        replicas.forEach(
                (b, r) -> {
                    if (b.tableId() == info.tableId()) {
                        r.loop().execute(() -> r.tableChanged(table));
                    }
                });
    }

    /**
     * A table was dropped and its replicas are stopped: it is forgotten, and what is left of it on
     * disk is deleted, also what this process never opened.
     */
    public CompletableFuture<Void> tableDropped(TablePath path, long tableId) {
        tables.remove(tableId);
        return CompletableFuture.runAsync(
                () -> DirectoryTree.delete(tableDirectory(path, tableId)), background);
    }

    /** As {@link #tableDropped} for one partition. */
    public CompletableFuture<Void> partitionDropped(
            TablePath path, long tableId, long partitionId) {
        return CompletableFuture.runAsync(
                () ->
                        DirectoryTree.children(tableDirectory(path, tableId)).stream()
                                .filter(
                                        d ->
                                                d.getFileName()
                                                        .toString()
                                                        .endsWith("-p" + partitionId))
                                .forEach(DirectoryTree::delete),
                background);
    }

    /** How far the lake holds the buckets; kept in memory for retention. */
    public void lakeOffsets(Map<TableBucket, Long> endOffsets) {
        endOffsets.forEach((b, o) -> lakeEndOffsets.merge(b, o, Math::max));
    }

    /** Lake end offset of a bucket, if it was told. */
    public Optional<Long> lakeOffset(TableBucket bucket) {
        return Optional.ofNullable(lakeEndOffsets.get(bucket));
    }

    /**
     * Tells which buckets exist in the cluster's metadata, so that a bucket of another server is
     * answered with NOT_LEADER_OR_FOLLOWER and not as unknown. Called on any thread; must not
     * block.
     */
    public void knownBuckets(Predicate<TableBucket> known) {
        knownElsewhere = known;
    }

    /** Changes the minimum of in-sync replicas of all buckets. */
    public void minInSyncReplicas(int min) {
        minInSyncReplicas = min;
        replicas.values().forEach(r -> r.loop().execute(() -> r.minInSyncReplicas(min)));
    }

    /** Log end offsets of those of the buckets that this server leads now. */
    public Map<TableBucket, Long> endOffsets(Collection<TableBucket> buckets) {
        Map<TableBucket, Long> out = new HashMap<>();
        for (TableBucket b : buckets) {
            Optional.ofNullable(replicas.get(b))
                    .flatMap(Replica::serving)
                    .ifPresent(s -> out.put(b, s.log().endOffset()));
        }
        return out;
    }

    /** Makes snapshots of buckets with a primary key; before the first of them comes. */
    public void snapshots(Snapshots shared) {
        snapshots = Optional.of(shared);
    }

    /** Lets rounds of the remote log and snapshots stop at their next step, before the close. */
    public void endRemoteRounds() {
        replicas.values().forEach(r -> r.snapshots().ifPresent(ReplicaSnapshots::end));
        replicas.values().forEach(r -> r.remote().ifPresent(ReplicaRemote::end));
    }

    /** Buckets that this server leads now. */
    public List<TableBucket> ledBuckets() {
        return replicas.values().stream()
                .filter(r -> r.serving().isPresent())
                .map(Replica::bucket)
                .sorted()
                .toList();
    }

    public TabletCounters counters() {
        return counters;
    }

    /** Handlers of the requests for hosted buckets. */
    public ApiHandlers handlers() {
        ProduceHandler produce = new ProduceHandler(this);
        FetchHandler fetch = new FetchHandler(this);
        OffsetHandlers offsets = new OffsetHandlers(this);
        PutHandler put = new PutHandler(this);
        LookupHandlers lookups = new LookupHandlers(this);
        return ApiHandlers.builder()
                .<ProduceLogRequest>on(ApiKey.PRODUCE_LOG, produce::handle)
                .<PutKvRequest>on(ApiKey.PUT_KV, put::handle)
                .<LookupRequest>on(ApiKey.LOOKUP, lookups::lookup)
                .<PrefixLookupRequest>on(ApiKey.PREFIX_LOOKUP, lookups::prefixLookup)
                .<ScanKvRequest>on(ApiKey.SCAN_KV, scans::handle)
                .<FetchLogRequest>on(ApiKey.FETCH_LOG, fetch::handle)
                .<ListOffsetsRequest>on(ApiKey.LIST_OFFSETS, offsets::listOffsets)
                .<LimitScanRequest>on(ApiKey.LIMIT_SCAN, offsets::limitScan)
                .<GetTableStatsRequest>on(ApiKey.GET_TABLE_STATS, offsets::tableStats)
                .<InitWriterRequest>on(ApiKey.INIT_WRITER, offsets::initWriter)
                .build();
    }

    /** Whether logs have remote copies. */
    boolean hasRemoteLogs() {
        return remotes.isPresent();
    }

    /** Runs what reads from remote storage. */
    Executor remoteReads() {
        return remotes.map(RemoteLogs::executor).orElse(Runnable::run);
    }

    /** The replica of a bucket, if it is hosted here. */
    Optional<Replica> led(TableBucket bucket) {
        return Optional.ofNullable(replicas.get(bucket));
    }

    Clock clock() {
        return clock;
    }

    WriterIds writerIds() {
        return writerIds;
    }

    WaitingFetches waitingFetches() {
        return waitingFetches;
    }

    /** For one answer. */
    AnswerMemory answerMemory() {
        return new AnswerMemory(windows, buffers);
    }

    ProjectionLayouts layouts() {
        return layouts;
    }

    MappedWindows windows() {
        return windows;
    }

    DirectBuffers buffers() {
        return buffers;
    }

    /**
     * The replica of a bucket.
     *
     * @throws FlussException with NOT_LEADER_OR_FOLLOWER if another server has it,
     *     UNKNOWN_TABLE_OR_BUCKET, or why its log could not be opened
     */
    Replica replica(TableBucket bucket) {
        Replica r = replicas.get(bucket);
        if (r != null) {
            return r;
        }
        FlussException why = offline.get(bucket);
        if (why != null) {
            throw why.reason().exception(String.valueOf(why.getMessage()), why);
        }
        if (knownElsewhere.test(bucket)) {
            throw ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                    "bucket " + bucket + " is not hosted by server " + serverId);
        }
        throw ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                "bucket " + bucket + " is not known to server " + serverId);
    }

    /** What the leader of a bucket serves; the same errors as {@link #replica}. */
    Replica.Serving serving(TableBucket bucket) {
        Replica r = replica(bucket);
        return r.serving().orElseThrow(r::notLeader);
    }

    private Loop loopOf(TableBucket bucket) {
        return loops.get(Math.floorMod((bucket.hashCode() * 0x9E3779B9) >>> 16, loops.size()));
    }

    private <T> CompletableFuture<T> onLoopOf(TableBucket bucket, Supplier<T> task) {
        try {
            return loopOf(bucket).submit(task);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    ErrorReason.LOG_STORAGE.exception(
                            "bucket " + bucket + ": the server is closing or overloaded", e));
        }
    }

    /** Closes all logs in order, so that the next start scans nothing, and ends the loops. */
    @Override
    public void close() {
        openings.values().forEach(RowsOpening::stop);
        keyed.endRecoveries();
        CompletableFuture<Void> stopped = stopReplicas(List.copyOf(replicas.keySet()), false);
        closeLoops.run();
        try {
            stopped.getNow(null);
        } catch (java.util.concurrent.CompletionException e) {
            LOG.warn("not all logs in {} were closed cleanly", dataDir, e);
        }
        keyed.close();
    }
}
