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
package io.fluss.server;

import io.fluss.coordinator.Coordinator;
import io.fluss.coordinator.CoordinatorPorts;
import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.coordinator.image.Endpoint;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.filestore.FileStores;
import io.fluss.loop.ThreadLoop;
import io.fluss.loop.WorkerThreads;
import io.fluss.metastore.Metastore;
import io.fluss.metastore.zookeeper.EmbeddedZooKeeper;
import io.fluss.metastore.zookeeper.ZooKeeperNodeTree;
import io.fluss.remote.RemoteLogSettings;
import io.fluss.remote.RemoteLogs;
import io.fluss.remote.snapshot.SnapshotSettings;
import io.fluss.remote.snapshot.Snapshots;
import io.fluss.settings.Settings;
import io.fluss.table.TableBucket;
import io.fluss.table.TableSchema;
import io.fluss.tablet.ReplicaHost;
import io.fluss.tablet.TabletSettings;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import io.fluss.transport.ApiHandlers;
import io.fluss.transport.RpcServer;
import io.fluss.transport.ServerLimits;
import io.fluss.transport.ServerType;
import io.fluss.transport.TransportSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole cluster in this process and one directory: metadata store, coordinator, one tablet
 * server. What it acknowledged is there again when it is started on the same directory, also after
 * the process was killed. Thread-safe.
 */
public final class LocalCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
    private static final String HOST = "127.0.0.1";
    private static final String LISTENER = "FLUSS";
    private static final int COORDINATOR_ID = -1;
    private static final int TABLET_SERVER_ID = 0;
    private static final int PORT_MAX = 65_535;
    private static final int LOOP_QUEUE_MAX = 100_000;
    private static final int IO_QUEUE_MAX = 10_000;
    private static final Duration METASTORE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration START_MAX = Duration.ofMinutes(5);

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Gate gate = new Gate();
    private volatile Optional<ServerNode> coordinatorNode = Optional.empty();
    private int coordinatorPort;
    private boolean isClosed;

    private LocalCluster() {}

    /**
     * Starts, and returns when clients can connect and every log table is served. Buckets with a
     * primary key follow, each once its rows are back.
     *
     * @param directory made if it is missing; used by one process at a time
     * @param port of the coordinator, the tablet server takes the next one; 0: two free ports
     * @param options server options; those without effect here are named in a warning
     */
    public static LocalCluster start(Path directory, int port, Map<String, String> options) {
        LocalCluster cluster = new LocalCluster();
        boolean isReady = false;
        try {
            cluster.open(directory, port, LocalOptions.complete(directory, options));
            isReady = true;
            return cluster;
        } finally {
            if (!isReady) {
                cluster.close();
            }
        }
    }

    /** {@code host:port} for clients. */
    public String bootstrap() {
        return HOST + ":" + coordinatorPort;
    }

    private void open(Path directory, int port, Settings settings) {
        checkPort(port);
        CoordinatorSettings control = CoordinatorSettings.from(settings);
        TabletSettings tabletSettings = TabletSettings.from(settings);
        TransportSettings transport = TransportSettings.from(settings);
        own(DirectoryLock.take(directory));
        Metastore metastore = openMetastore(directory, settings);
        ExecutorService io = own(ioThreads(settings), LocalCluster::stop);
        Clock clock = SystemClock.INSTANCE;
        CoordinatorLink link = new CoordinatorLink();
        RemoteLogSettings remoteSettings = RemoteLogSettings.from(settings);
        FileStore files = own(FileStores.open(settings));
        ExecutorService remoteThreads = threads("remote-log", remoteSettings.threads());
        SnapshotSettings snapshotSettings = SnapshotSettings.from(settings);
        ExecutorService snapshotThreads = threads("kv-snapshot", snapshotSettings.threads());
        ReplicaHost host =
                own(
                        ReplicaHost.open(
                                tabletSettings,
                                Path.of(settings.required("data.dir")),
                                TABLET_SERVER_ID,
                                clock,
                                new WriterIdBlocks(metastore.counters(), io),
                                Optional.of(
                                        RemoteLogs.of(
                                                remoteSettings,
                                                control.remoteDataDir(),
                                                files,
                                                new CoordinatorManifests(link),
                                                remoteThreads))));
        CatalogLakeTables lakeTables = own(new CatalogLakeTables(control));
        CoordinatorPorts ports =
                new CoordinatorPorts(
                        own(new ThreadLoop("coordinator", LOOP_QUEUE_MAX, LocalCluster::fault)),
                        io,
                        clock,
                        RandomGenerator.getDefault(),
                        metastore,
                        files,
                        new HostedTablets(host, lakeTables),
                        lakeTables);
        Coordinator coordinator = new Coordinator(control, ports);
        link.bind(coordinator);
        host.snapshots(
                new Snapshots(
                        snapshotSettings,
                        control.remoteDataDir(),
                        files,
                        new CoordinatorSnapshots(link),
                        snapshotThreads));
        // Rounds end before what they commit to: they wait for its answers.
        own(remoteThreads, LocalCluster::stop);
        own(snapshotThreads, LocalCluster::stop);
        own(host, ReplicaHost::endRemoteRounds);
        host.knownBuckets(b -> isKnown(coordinator, b));
        host.increments(
                (tableId, count) ->
                        CompletableFuture.supplyAsync(
                                () -> metastore.counters().takeIncrements(tableId, count), io));
        host.schemas((tableId, schemaId) -> schema(coordinator, tableId, schemaId));
        ServerNode tablet = listen(coordinator, host, port, transport, ServerLimits.from(settings));
        metastore
                .servers()
                .register(TABLET_SERVER_ID, tablet.endpoints().toString(), clock.nowMs());
        await(coordinator, tablet);
        gate.open();
    }

    private static void checkPort(int port) {
        if (port < 0 || port >= PORT_MAX) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "port is "
                            + port
                            + ", but must be between 1 and "
                            + (PORT_MAX - 1)
                            + ", because the tablet server takes the next one, or 0 for two free"
                            + " ports");
        }
    }

    private Metastore openMetastore(Path directory, Settings settings) {
        EmbeddedZooKeeper zooKeeper = own(EmbeddedZooKeeper.start(directory.resolve("zookeeper")));
        return own(
                Metastore.over(
                        ZooKeeperNodeTree.connect(
                                zooKeeper.address(),
                                settings.text("zookeeper.path.root", "/fluss"),
                                METASTORE_TIMEOUT,
                                METASTORE_TIMEOUT)));
    }

    private ServerNode listen(
            Coordinator coordinator,
            ReplicaHost host,
            int port,
            TransportSettings transport,
            ServerLimits limits) {
        ControlHandlers control =
                new ControlHandlers(gate, coordinator, () -> coordinatorNode.orElseThrow());
        ApiHandlers tabletApis =
                ApiHandlers.builder().addAll(host.handlers()).addAll(control.readOnly()).build();
        RpcServer coordinatorServer =
                own(
                        RpcServer.start(
                                LISTENER,
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                                ServerType.COORDINATOR,
                                control.all(),
                                transport,
                                limits));
        RpcServer tabletServer =
                own(
                        RpcServer.start(
                                LISTENER,
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), port == 0 ? 0 : port + 1),
                                ServerType.TABLET_SERVER,
                                tabletApis,
                                transport,
                                limits));
        coordinatorPort = coordinatorServer.port();
        coordinatorNode = Optional.of(node(COORDINATOR_ID, coordinatorServer.port()));
        return node(TABLET_SERVER_ID, tabletServer.port());
    }

    private static ServerNode node(int id, int port) {
        return new ServerNode(id, Map.of(LISTENER, new Endpoint(HOST, port)), Optional.empty());
    }

    private static void await(Coordinator coordinator, ServerNode tablet) {
        try {
            coordinator.start(List.of(tablet)).get(START_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw FlussException.from(e);
        } catch (TimeoutException e) {
            throw ErrorReason.REQUEST_TIME_OUT.exception(
                    "the cluster did not become ready within " + START_MAX, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception("interrupted while starting", e);
        }
    }

    private static TableSchema schema(Coordinator coordinator, long tableId, int schemaId) {
        return coordinator
                .image()
                .table(tableId)
                .map(TableEntry::schemas)
                .filter(all -> schemaId >= 1 && schemaId <= all.size())
                .map(all -> all.get(schemaId - 1))
                .orElseThrow(
                        () ->
                                ErrorReason.SCHEMA_NOT_EXIST.exception(
                                        "table " + tableId + " has no schema " + schemaId));
    }

    private static boolean isKnown(Coordinator coordinator, TableBucket b) {
        return coordinator
                .image()
                .table(b.tableId())
                .map(t -> t.buckets().getOrDefault(b.partitionId(), List.of()).size())
                .filter(count -> b.bucket() >= 0 && b.bucket() < count)
                .isPresent();
    }

    private static ExecutorService ioThreads(Settings settings) {
        return threads("server-io", settings.integer("server.io-pool.size", 10));
    }

    private static ExecutorService threads(String name, int threads) {
        return WorkerThreads.of(name, threads, IO_QUEUE_MAX);
    }

    private static void stop(ExecutorService pool) {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(10, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private static void fault(Throwable t) {
        LOG.error("a task of the coordinator failed", t);
    }

    private <T extends AutoCloseable> T own(T part) {
        owned.push(part);
        return part;
    }

    private <T> T own(T part, java.util.function.Consumer<T> close) {
        owned.push(() -> close.accept(part));
        return part;
    }

    /** Stops in the reverse order of the start; nothing acknowledged is lost. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                LOG.warn("a part of the cluster did not close cleanly", e);
            }
        }
    }
}
