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
package io.fluss.client;

import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.KvUpsertWriter;
import io.fluss.client.append.LogAppendWriter;
import io.fluss.client.append.UpsertOptions;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.cluster.Backoff;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.current.BucketRows;
import io.fluss.client.current.CurrentReads;
import io.fluss.client.lake.CoordinatorTieringAdmin;
import io.fluss.client.lake.TieringAdmin;
import io.fluss.client.lookup.KvLookuper;
import io.fluss.client.lookup.KvPrefixLookuper;
import io.fluss.client.lookup.LookupOptions;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.lookup.PrefixLookuper;
import io.fluss.client.row.Row;
import io.fluss.client.scan.BucketRangeReader;
import io.fluss.client.scan.FetchingScanner;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.RemoteFiles;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.filestore.FileStores;
import io.fluss.loop.ThreadLoop;
import io.fluss.loop.WorkerThreads;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.SystemClock;
import io.fluss.transport.RpcClient;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires transport, loop and cluster view together. Owns one loop thread, on which all writers send
 * and back-off is timed, and the transport's threads.
 */
final class ClusterConnection implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterConnection.class);
    private static final int LOOP_QUEUE_MAX = 1 << 20;
    private static final int OPEN_ATTEMPTS_MAX = 4;
    private static final int REMOTE_READS_MAX = 10_000;
    private static final int REMOTE_READS_AT_ONCE = 3;
    private static final int REMOTE_PIECE_BYTES = 4 << 20;
    private static final String SOFTWARE_NAME = "fluss-on-spark";
    private static final String SOFTWARE_VERSION = "0.1.0";

    private final ClientSettings settings;
    private final RpcClient transport;
    private final ThreadLoop loop;
    private final Cluster cluster;
    private final Admin admin;
    private final TieringAdmin tieringAdmin;
    private final FileStore files;
    private final ExecutorService remoteReads;
    private final RemoteFiles remoteFiles;
    private final CurrentReads currentReads;

    private ClusterConnection(ClientSettings settings) {
        this.settings = settings;
        this.transport = new RpcClient(settings.transport(), SOFTWARE_NAME, SOFTWARE_VERSION);
        this.loop =
                new ThreadLoop(
                        "fluss-client-loop",
                        LOOP_QUEUE_MAX,
                        failure -> LOG.error("a task of the client failed", failure));
        this.cluster =
                new Cluster(
                        address ->
                                transport.connect(
                                        address.host(),
                                        address.port(),
                                        address.type(),
                                        settings.connectTimeout()),
                        settings.bootstrap(),
                        loop,
                        SystemClock.INSTANCE,
                        new Random(),
                        settings.requestTimeout());
        this.admin = new ClusterAdmin(cluster);
        this.tieringAdmin = new CoordinatorTieringAdmin(cluster);
        this.files = FileStores.open(() -> RemoteStorageOptions.ask(cluster));
        this.remoteReads =
                WorkerThreads.of("fluss-client-remote", REMOTE_READS_AT_ONCE, REMOTE_READS_MAX);
        this.remoteFiles = new RemoteFiles(files, remoteReads, REMOTE_PIECE_BYTES);
        this.currentReads =
                new CurrentReads(
                        cluster,
                        admin,
                        files,
                        settings.current(),
                        (table, bucket, from, to, allocator) ->
                                logRange(table, bucket, from, to, Optional.empty(), allocator));
    }

    static Connection open(ClientSettings settings) {
        ClusterConnection connection = new ClusterConnection(settings);
        try {
            connection.bootstrap();
            return connection;
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** A cluster that is just starting gets a few chances. */
    private void bootstrap() {
        for (int attempt = 1; ; attempt++) {
            try {
                Blocking.await(
                        cluster.refresh(MetadataRequest.getDefaultInstance()),
                        "the bootstrap servers");
                return;
            } catch (FlussException e) {
                if (attempt == OPEN_ATTEMPTS_MAX || !Cluster.isRetriable(e)) {
                    throw e;
                }
                CompletableFuture<Void> pause = new CompletableFuture<>();
                loop.schedule(Backoff.after(attempt), () -> pause.complete(null));
                Blocking.await(pause, "the next attempt to connect");
            }
        }
    }

    @Override
    public Admin admin() {
        return admin;
    }

    @Override
    public TieringAdmin tieringAdmin() {
        return tieringAdmin;
    }

    @Override
    public AppendWriter appendWriter(TableInfo table) {
        return LogAppendWriter.open(table, settings.writer(), cluster, admin, loop);
    }

    @Override
    public UpsertWriter upsertWriter(TableInfo table, UpsertOptions options) {
        return KvUpsertWriter.open(table, options, settings.writer(), cluster, admin, loop);
    }

    @Override
    public Lookuper lookuper(TableInfo table, LookupOptions options) {
        return KvLookuper.open(table, options, settings.lookup(), cluster, admin, loop);
    }

    @Override
    public PrefixLookuper prefixLookuper(TableInfo table, Optional<List<String>> columns) {
        return KvPrefixLookuper.open(table, columns, settings.lookup(), cluster, admin, loop);
    }

    @Override
    public LogScanner logScanner(
            TableInfo table, Optional<List<Integer>> columns, BufferAllocator allocator) {
        return FetchingScanner.open(
                table, columns, allocator, settings.scanner(), cluster, admin, remoteFiles);
    }

    @Override
    public LogRangeReader logRange(
            TableInfo table,
            TableBucket bucket,
            long from,
            long to,
            Optional<List<Integer>> columns,
            BufferAllocator allocator) {
        long start = from == LogScanner.EARLIEST && to > 0 ? earliest(table, bucket) : from;
        return BucketRangeReader.open(logScanner(table, columns, allocator), bucket, start, to);
    }

    @Override
    public BucketRows snapshot(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator) {
        return currentReads.snapshot(table, bucket, columns, allocator);
    }

    @Override
    public BucketRows currentRows(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator) {
        return currentReads.currentRows(table, bucket, columns, allocator);
    }

    @Override
    public List<Row> firstRows(
            TableInfo table, TableBucket bucket, List<String> columns, int limit) {
        return currentReads.firstRows(table, bucket, columns, limit);
    }

    private long earliest(TableInfo table, TableBucket bucket) {
        OptionalLong partition = bucket.partition();
        return Blocking.await(
                        admin.listOffsets(
                                table,
                                partition,
                                List.of(bucket.bucket()),
                                new OffsetSpec.Earliest()),
                        "the earliest offset of bucket " + bucket)
                .getOrDefault(bucket, LogScanner.EARLIEST);
    }

    @Override
    public void close() {
        cluster.close();
        loop.close();
        remoteReads.shutdownNow();
        files.close();
        transport.close();
    }
}
