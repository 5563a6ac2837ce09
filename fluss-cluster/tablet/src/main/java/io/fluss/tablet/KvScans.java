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

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.kv.BucketRows;
import io.fluss.kv.RowsScan;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.PbScanReqForBucket;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.protocol.messages.ScanKvResponse;
import io.fluss.table.TableBucket;
import io.fluss.time.Clock;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Scans of all rows of a bucket that go over several requests (wire protocol document, section
 * 4.6). Thread-safe; rows are read by the threads for reads of the store.
 */
final class KvScans {
    /** Ended scans are told from unknown ones, but not without limit. */
    private static final int EXPIRED_MAX = 10_000;

    private final ReplicaHost host;
    private final ScanSettings settings;
    private final Clock clock;
    private final long firstId;

    // Guarded by this.
    private final Map<ByteString, Session> sessions = new HashMap<>();
    private final LinkedHashMap<ByteString, Long> expiredAtMs = new LinkedHashMap<>();
    private final Map<TableBucket, Integer> perBucket = new HashMap<>();
    private long opened;

    /** One scan; its fields are guarded by the monitor of {@link KvScans}, its rows by isBusy. */
    private static final class Session {
        final ByteString id;
        final TableBucket bucket;
        final RowsScan rows;
        long left;
        int nextCall;
        boolean isBusy;
        long usedAtMs;

        Session(ByteString id, TableBucket bucket, RowsScan rows, long left) {
            this.id = id;
            this.bucket = bucket;
            this.rows = rows;
            this.left = left;
        }
    }

    KvScans(ReplicaHost host, ScanSettings settings, Clock clock) {
        this.host = host;
        this.settings = settings;
        this.clock = clock;
        this.firstId = clock.nowMs();
    }

    void handle(ScanKvRequest request, RequestContext context, Reply reply) {
        try {
            host.storeReads().execute(() -> reply.success(answer(request)));
        } catch (RejectedExecutionException e) {
            reply.success(
                    failed(
                            ErrorReason.KV_STORAGE.exception(
                                    "too many reads of rows wait; try again", e)));
        }
    }

    private ScanKvResponse answer(ScanKvRequest request) {
        try {
            if (request.hasScannerId() == request.hasBucketScanReq()) {
                throw invalid("either scanner_id or bucket_scan_req must be set");
            }
            if (request.getCloseScanner()) {
                if (request.hasBucketScanReq()) {
                    throw invalid("close_scanner does not go with bucket_scan_req");
                }
                end(request.getScannerId());
                return ScanKvResponse.newBuilder()
                        .setScannerId(request.getScannerId())
                        .setHasMoreResults(false)
                        .build();
            }
            return request.hasBucketScanReq() ? open(request) : goOn(request);
        } catch (RuntimeException e) {
            return failed(FlussException.from(e));
        }
    }

    private static ScanKvResponse failed(FlussException e) {
        return ScanKvResponse.newBuilder()
                .setErrorCode(ErrorCodes.code(e.reason()))
                .setErrorMessage(String.valueOf(e.getMessage()))
                .build();
    }

    private static FlussException invalid(String problem) {
        return ErrorReason.INVALID_SCAN_REQUEST.exception("scan of rows: " + problem);
    }

    private static void checkSize(ScanKvRequest request) {
        if (!request.hasBatchSizeBytes() || request.getBatchSizeBytes() <= 0) {
            throw invalid(
                    "batch_size_bytes is " + request.getBatchSizeBytes() + ", but must be > 0");
        }
        if (!request.hasCallSeqId()) {
            throw invalid("call_seq_id is missing");
        }
    }

    // ---- one request

    private ScanKvResponse open(ScanKvRequest request) {
        checkSize(request);
        if (request.getCallSeqId() != 0) {
            throw invalid("call_seq_id is " + request.getCallSeqId() + ", but 0 opens a scan");
        }
        PbScanReqForBucket q = request.getBucketScanReq();
        TableBucket bucket =
                TableBucket.of(
                        q.getTableId(),
                        q.hasPartitionId()
                                ? OptionalLong.of(q.getPartitionId())
                                : OptionalLong.empty(),
                        q.getBucketId());
        BucketRows rows = host.serving(bucket).rowsByKey();
        reserve(bucket);
        Session s = null;
        try {
            RowsScan scan = rows.scan();
            s =
                    new Session(
                            newId(),
                            bucket,
                            scan,
                            q.getLimit() > 0 ? q.getLimit() : Long.MAX_VALUE);
            s.isBusy = true;
            add(s);
        } finally {
            if (s == null) {
                release(bucket);
            }
        }
        ScanKvResponse.Builder out = ScanKvResponse.newBuilder().setLogOffset(s.rows.logOffset());
        next(s, request, out);
        if (!out.hasRecords()) {
            out.clearScannerId();
        }
        return out.build();
    }

    private ScanKvResponse goOn(ScanKvRequest request) {
        Session s = take(request.getScannerId());
        ScanKvResponse.Builder out = ScanKvResponse.newBuilder();
        try {
            checkSize(request);
            if (request.getCallSeqId() != s.nextCall) {
                throw invalid(
                        "call_seq_id is " + request.getCallSeqId() + ", expected " + s.nextCall);
            }
        } catch (RuntimeException e) {
            end(s);
            throw e;
        }
        next(s, request, out);
        return out.build();
    }

    /** The session is busy with this call; any error ends it. */
    private void next(Session s, ScanKvRequest request, ScanKvResponse.Builder out) {
        boolean goesOn = false;
        try {
            ValueBatch.Writer batch = new ValueBatch.Writer();
            boolean hasMore =
                    s.rows.next(
                            batch,
                            Math.min(request.getBatchSizeBytes(), settings.batchBytesMax()),
                            s.left);
            s.left -= batch.count();
            s.nextCall++;
            goesOn = hasMore && s.left > 0;
            out.setScannerId(s.id).setHasMoreResults(goesOn);
            if (batch.count() > 0) {
                out.setRecords(UnsafeByteOperations.unsafeWrap(batch.finish()));
            }
        } finally {
            if (goesOn) {
                free(s);
            } else {
                end(s);
            }
        }
    }

    // ---- sessions

    private synchronized void reserve(TableBucket bucket) {
        int here = perBucket.getOrDefault(bucket, 0);
        int all = perBucket.values().stream().mapToInt(Integer::intValue).sum();
        if (here >= settings.perBucketMax() || all >= settings.perServerMax()) {
            throw ErrorReason.TOO_MANY_SCANNERS.exception(
                    "scan of rows: "
                            + here
                            + " scans of bucket "
                            + bucket
                            + " and "
                            + all
                            + " of this server are open, limits are "
                            + settings.perBucketMax()
                            + " (kv.scanner.max-per-bucket) and "
                            + settings.perServerMax()
                            + " (kv.scanner.max-per-server)");
        }
        perBucket.merge(bucket, 1, Integer::sum);
    }

    private synchronized void release(TableBucket bucket) {
        perBucket.computeIfPresent(bucket, (b, n) -> n == 1 ? null : n - 1);
    }

    private synchronized ByteString newId() {
        ByteBuffer id = ByteBuffer.allocate(2 * Long.BYTES).putLong(firstId).putLong(opened++);
        return ByteString.copyFrom(id.flip());
    }

    private synchronized void add(Session s) {
        s.usedAtMs = clock.nowMs();
        sessions.put(s.id, s);
    }

    private synchronized Session take(ByteString id) {
        Session s = sessions.get(id);
        if (s == null) {
            if (expiredAtMs.containsKey(id)) {
                throw ErrorReason.SCANNER_EXPIRED.exception(
                        "scan of rows: it was not used for longer than kv.scanner.ttl");
            }
            throw ErrorReason.UNKNOWN_SCANNER_ID.exception("scan of rows: unknown scanner id");
        }
        if (s.isBusy) {
            throw invalid("the call before is not answered yet");
        }
        s.isBusy = true;
        return s;
    }

    private synchronized void free(Session s) {
        s.isBusy = false;
        s.usedAtMs = clock.nowMs();
    }

    private void end(ByteString id) {
        Session s;
        synchronized (this) {
            s = sessions.get(id);
            if (s == null) {
                return;
            }
            if (s.isBusy) {
                throw invalid("the call before is not answered yet");
            }
            s.isBusy = true;
        }
        end(s);
    }

    private void end(Session s) {
        s.rows.close();
        forget(s);
    }

    private synchronized void forget(Session s) {
        if (sessions.remove(s.id) != null) {
            release(s.bucket);
        }
    }

    /** Ends scans that nobody goes on with. */
    void expire() {
        long nowMs = clock.nowMs();
        long ttlMs = settings.ttl().toMillis();
        for (@Nullable Session s = idle(nowMs - ttlMs); s != null; s = idle(nowMs - ttlMs)) {
            end(s);
        }
        synchronized (this) {
            expiredAtMs.values().removeIf(at -> at < nowMs - 2 * ttlMs);
        }
    }

    private synchronized @Nullable Session idle(long usedBeforeMs) {
        for (Session s : sessions.values()) {
            if (!s.isBusy && s.usedAtMs < usedBeforeMs) {
                s.isBusy = true;
                expiredAtMs.put(s.id, clock.nowMs());
                if (expiredAtMs.size() > EXPIRED_MAX) {
                    expiredAtMs.remove(expiredAtMs.keySet().iterator().next());
                }
                return s;
            }
        }
        return null;
    }
}
