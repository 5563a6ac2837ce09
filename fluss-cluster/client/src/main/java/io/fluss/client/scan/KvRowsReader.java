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
package io.fluss.client.scan;

import com.google.protobuf.ByteString;
import io.fluss.client.Admin;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.row.ValueRows;
import io.fluss.client.row.ValueSchemas;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.PbScanReqForBucket;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.protocol.messages.ScanKvResponse;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.transport.RpcConnection;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * A scan of the server's rows by key (wire protocol document, section 4.6): opened at the leader,
 * which keeps a snapshot, and continued on the same connection. Owned by the calling thread.
 */
public final class KvRowsReader implements RowsReader {
    /** Bytes of an answer; the server has a limit of its own. */
    private static final int BATCH_BYTES = 2 << 20;

    private final TableInfo table;
    private final TableBucket bucket;
    private final ValueRows decoding;
    private final Cluster cluster;
    private final BufferAllocator allocator;
    private @Nullable Opened opened;
    private @Nullable CompletableFuture<ScanKvResponse> ahead;
    private int calls;
    private boolean isClosed;

    /** Where a scan goes on. */
    private record Opened(RpcConnection connection, ScanKvResponse first) {}

    private KvRowsReader(
            TableInfo table,
            TableBucket bucket,
            ValueRows decoding,
            Cluster cluster,
            BufferAllocator allocator) {
        this.table = table;
        this.bucket = bucket;
        this.decoding = decoding;
        this.cluster = cluster;
        this.allocator = allocator;
    }

    /**
     * A reader that asks for nothing yet.
     *
     * @param columns positions of the wanted columns in the wanted order; empty for all
     * @throws FlussException with NON_PRIMARY_KEY_TABLE if the table has no primary key, with
     *     INVALID_COLUMN_PROJECTION for positions that do not exist or are named twice
     */
    public static KvRowsReader open(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            Cluster cluster,
            Admin admin,
            BufferAllocator allocator) {
        if (!table.hasPrimaryKey()) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.path()
                            + " has no primary key: its log is read, there are no rows by key");
        }
        Optional<List<String>> names =
                columns.map(positions -> positions.stream().map(p -> name(table, p)).toList());
        return new KvRowsReader(
                table,
                bucket,
                ValueRows.of(new ValueSchemas(table, admin), names),
                cluster,
                allocator);
    }

    private static String name(TableInfo table, int position) {
        List<String> names = table.schema().columnNames();
        if (position < 0 || position >= names.size()) {
            throw ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                    table.path()
                            + ": column position "
                            + position
                            + " is not in 0 to "
                            + (names.size() - 1));
        }
        return names.get(position);
    }

    @Override
    public long logOffset() {
        ScanKvResponse first = opened().first();
        if (!first.hasLogOffset()) {
            throw ErrorReason.INVALID_SCAN_REQUEST.exception(
                    what() + ": the server does not say at which offset the rows are");
        }
        return first.getLogOffset();
    }

    @Override
    public Optional<VectorSchemaRoot> next() {
        Opened o = opened();
        while (ahead != null) {
            ScanKvResponse answer = checked(Blocking.await(ahead, what()));
            ahead = answer.getHasMoreResults() ? goOn(o.connection(), answer.getScannerId()) : null;
            if (answer.hasRecords()) {
                List<ByteBuffer> values =
                        ValueBatch.values(answer.getRecords().asReadOnlyByteBuffer());
                if (!values.isEmpty()) {
                    Blocking.await(
                            decoding.schemas().know(values.stream()), "schemas of " + table.path());
                    return Optional.of(decoding.vectors(values, allocator));
                }
            }
        }
        return Optional.empty();
    }

    private Opened opened() {
        Opened o = opened;
        if (o == null) {
            o =
                    Blocking.await(
                            cluster.retrying(
                                    this::openAtLeader,
                                    e ->
                                            Cluster.isRetriable(e)
                                                    || e.reason() == ErrorReason.TOO_MANY_SCANNERS),
                            what());
            opened = o;
            calls = 1;
            ahead = CompletableFuture.completedFuture(o.first());
        }
        return o;
    }

    private CompletableFuture<Opened> openAtLeader() {
        OptionalInt leader = cluster.leader(bucket);
        if (leader.isEmpty()) {
            return cluster.refresh(table.path(), partitions())
                    .thenCompose(
                            unused ->
                                    CompletableFuture.failedFuture(
                                            ErrorReason.LEADER_NOT_AVAILABLE.exception(
                                                    what() + ": the bucket has no leader")));
        }
        PbScanReqForBucket.Builder q =
                PbScanReqForBucket.newBuilder()
                        .setTableId(table.tableId())
                        .setBucketId(bucket.bucket());
        bucket.partition().ifPresent(q::setPartitionId);
        ScanKvRequest request =
                ScanKvRequest.newBuilder()
                        .setBucketScanReq(q)
                        .setCallSeqId(0)
                        .setBatchSizeBytes(BATCH_BYTES)
                        .build();
        return cluster.tabletServer(leader.getAsInt())
                .thenCompose(
                        c ->
                                c.<ScanKvResponse>send(
                                                ApiKey.SCAN_KV, request, cluster.requestTimeout())
                                        .thenApply(answer -> new Opened(c, checked(answer))))
                .whenComplete(
                        (o, error) -> {
                            if (error != null) {
                                cluster.forgetLeader(bucket);
                            }
                        });
    }

    private List<Long> partitions() {
        return bucket.partition().stream().boxed().toList();
    }

    private CompletableFuture<ScanKvResponse> goOn(RpcConnection connection, ByteString scanner) {
        return connection.send(
                ApiKey.SCAN_KV,
                ScanKvRequest.newBuilder()
                        .setScannerId(scanner)
                        .setCallSeqId(calls++)
                        .setBatchSizeBytes(BATCH_BYTES)
                        .build(),
                cluster.requestTimeout());
    }

    private ScanKvResponse checked(ScanKvResponse answer) {
        if (answer.getErrorCode() != 0) {
            throw ErrorCodes.reason(answer.getErrorCode())
                    .exception(what() + ": " + answer.getErrorMessage());
        }
        return answer;
    }

    private String what() {
        return "scan of the rows of " + table.path() + " bucket " + bucket;
    }

    @Override
    public void close() {
        Opened o = opened;
        if (isClosed || o == null || ahead == null || !o.first().getHasMoreResults()) {
            isClosed = true;
            return;
        }
        isClosed = true;
        ByteString scanner = o.first().getScannerId();
        // Behind the call that is under way, since the server takes one at a time.
        var unused =
                ahead.handle((answer, error) -> error)
                        .thenCompose(
                                error ->
                                        o.connection()
                                                .<ScanKvResponse>send(
                                                        ApiKey.SCAN_KV,
                                                        ScanKvRequest.newBuilder()
                                                                .setScannerId(scanner)
                                                                .setCloseScanner(true)
                                                                .build(),
                                                        cluster.requestTimeout()));
    }
}
