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
package io.fluss.client.current;

import com.google.protobuf.ByteString;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.cluster.LeaderCalls;
import io.fluss.client.row.ValueRows;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.PbScanReqForBucket;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.protocol.messages.ScanKvResponse;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * A scan that the leader of a bucket keeps open. The next page is asked for before the last one is
 * handed out, so that at most two are in memory.
 */
final class KvScan implements BucketRows {
    private final TablePath table;
    private final TableBucket bucket;
    private final int pageBytes;
    private final ValueRows decoding;
    private final BufferAllocator allocator;
    private final LeaderCalls<ScanKvResponse> calls;
    private final int server;
    private final long logOffset;
    private int sequence;
    private @Nullable ScanKvResponse ready;
    private @Nullable CompletableFuture<LeaderCalls.Answered<ScanKvResponse>> underway;
    private @Nullable ByteString session;

    private KvScan(
            TablePath table,
            TableBucket bucket,
            int pageBytes,
            ValueRows decoding,
            BufferAllocator allocator,
            LeaderCalls<ScanKvResponse> calls,
            LeaderCalls.Answered<ScanKvResponse> opened) {
        this.table = table;
        this.bucket = bucket;
        this.pageBytes = pageBytes;
        this.decoding = decoding;
        this.allocator = allocator;
        this.calls = calls;
        this.server = opened.server();
        this.logOffset = opened.answer().getLogOffset();
        take(opened.answer());
    }

    /**
     * Opens a scan. Waits for the first page, and for room if the server has too many scans.
     *
     * @throws FlussException with UNSUPPORTED_VERSION if the server has no such scan
     */
    static KvScan open(
            TablePath table,
            TableBucket bucket,
            int pageBytes,
            ValueRows decoding,
            BufferAllocator allocator,
            Cluster cluster) {
        LeaderCalls<ScanKvResponse> calls =
                new LeaderCalls<>(
                        cluster,
                        table,
                        bucket,
                        ApiKey.SCAN_KV,
                        answer -> errorIn(answer, table, bucket));
        PbScanReqForBucket.Builder what =
                PbScanReqForBucket.newBuilder()
                        .setTableId(bucket.tableId())
                        .setBucketId(bucket.bucket());
        bucket.partition().ifPresent(what::setPartitionId);
        ScanKvRequest request =
                ScanKvRequest.newBuilder()
                        .setBucketScanReq(what)
                        .setCallSeqId(0)
                        .setBatchSizeBytes(pageBytes)
                        .build();
        LeaderCalls.Answered<ScanKvResponse> opened =
                Blocking.await(
                        calls.ask(request, e -> e.reason() == ErrorReason.TOO_MANY_SCANNERS),
                        "the rows of " + table + " bucket " + bucket);
        if (!opened.answer().hasLogOffset()) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    table
                            + ": the server does not say as of which offset the rows of bucket "
                            + bucket
                            + " are");
        }
        return new KvScan(table, bucket, pageBytes, decoding, allocator, calls, opened);
    }

    private static Optional<FlussException> errorIn(
            ScanKvResponse answer, TablePath table, TableBucket bucket) {
        return answer.hasErrorCode() && answer.getErrorCode() != 0
                ? Optional.of(
                        ErrorCodes.toException(
                                answer.getErrorCode(),
                                answer.getErrorMessage(),
                                "scan of " + table + " bucket " + bucket))
                : Optional.empty();
    }

    /** Keeps a page and asks for the next. */
    private void take(ScanKvResponse page) {
        ready = page;
        underway = null;
        if (!page.getHasMoreResults()) {
            session = null;
            return;
        }
        session = page.getScannerId();
        underway =
                calls.at(
                        server,
                        ScanKvRequest.newBuilder()
                                .setScannerId(page.getScannerId())
                                .setCallSeqId(++sequence)
                                .setBatchSizeBytes(pageBytes)
                                .build());
    }

    @Override
    public long logOffset() {
        return logOffset;
    }

    @Override
    public Optional<VectorSchemaRoot> next() {
        while (true) {
            ScanKvResponse page = nextPage();
            if (page == null) {
                return Optional.empty();
            }
            if (page.hasRecords() && !page.getRecords().isEmpty()) {
                List<ByteBuffer> values =
                        ValueBatch.values(page.getRecords().asReadOnlyByteBuffer());
                Blocking.await(decoding.schemas().know(values.stream()), "the schemas of " + table);
                return Optional.of(decoding.vectors(values, allocator));
            }
        }
    }

    private @Nullable ScanKvResponse nextPage() {
        if (ready == null && underway != null) {
            take(awaitPage(underway));
        }
        ScanKvResponse page = ready;
        ready = null;
        return page;
    }

    private ScanKvResponse awaitPage(CompletableFuture<LeaderCalls.Answered<ScanKvResponse>> page) {
        try {
            return Blocking.await(page, "the rows of " + table + " bucket " + bucket).answer();
        } catch (FlussException e) {
            underway = null;
            session = null;
            throw e.reason()
                    .exception(
                            table
                                    + ": the scan of bucket "
                                    + bucket
                                    + " broke off and must be started again: "
                                    + e.getMessage(),
                            e);
        }
    }

    /** Tells the server, without waiting for it: what is not closed it forgets after a while. */
    @Override
    public void close() {
        ByteString open = session;
        CompletableFuture<LeaderCalls.Answered<ScanKvResponse>> last = underway;
        session = null;
        underway = null;
        ready = null;
        if (open != null && last != null) {
            // One call at a time for each scan.
            var unused =
                    last.handle((page, failure) -> page)
                            .thenCompose(
                                    page ->
                                            calls.at(
                                                    server,
                                                    ScanKvRequest.newBuilder()
                                                            .setScannerId(open)
                                                            .setCloseScanner(true)
                                                            .build()));
        }
    }
}
