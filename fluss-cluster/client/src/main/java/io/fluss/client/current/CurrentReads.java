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

import io.fluss.client.Admin;
import io.fluss.client.OffsetSpec;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.cluster.LeaderCalls;
import io.fluss.client.row.Row;
import io.fluss.client.row.ValueRows;
import io.fluss.client.row.ValueSchemas;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LimitScanRequest;
import io.fluss.protocol.messages.LimitScanResponse;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/** Opens the rows of buckets in the way that the cluster offers. Thread-safe. */
public final class CurrentReads {
    private final Cluster cluster;
    private final Admin admin;
    private final Snapshots snapshots;
    private final CurrentSettings settings;
    private final Ranges ranges;

    /** Reads a range of the changelog of a bucket. */
    public interface Ranges {
        LogRangeReader read(
                TableInfo table, TableBucket bucket, long from, long to, BufferAllocator allocator);
    }

    public CurrentReads(
            Cluster cluster,
            Admin admin,
            FileStore store,
            CurrentSettings settings,
            Ranges ranges) {
        this.cluster = cluster;
        this.admin = admin;
        this.snapshots = new Snapshots(cluster, admin, store, settings);
        this.settings = settings;
        this.ranges = ranges;
    }

    /** See {@link io.fluss.client.Connection#snapshot}. */
    public BucketRows snapshot(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator) {
        return open(table, bucket, columns, allocator, false);
    }

    /** See {@link io.fluss.client.Connection#currentRows}. */
    public BucketRows currentRows(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator) {
        return open(table, bucket, columns, allocator, true);
    }

    private BucketRows open(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator,
            boolean isCurrent) {
        checkKind(table);
        ValueRows decoding = ValueRows.ofPositions(new ValueSchemas(table, admin), columns);
        try {
            return KvScan.open(
                    table.path(), bucket, settings.pageBytes(), decoding, allocator, cluster);
        } catch (FlussException e) {
            if (e.reason() != ErrorReason.UNSUPPORTED_VERSION) {
                throw e;
            }
        }
        return fromSnapshot(table, bucket, decoding, allocator, isCurrent);
    }

    private BucketRows fromSnapshot(
            TableInfo table,
            TableBucket bucket,
            ValueRows decoding,
            BufferAllocator allocator,
            boolean isCurrent) {
        Optional<Snapshots.Held> held = snapshots.latest(table, bucket);
        boolean isOpen = false;
        try {
            long from =
                    held.isPresent() ? held.get().logOffset() : startOfCompleteLog(table, bucket);
            long to = isCurrent ? offset(table, bucket, new OffsetSpec.Latest()) : from;
            ChangedRows changes =
                    to > from ? changes(table, bucket, from, to, allocator) : ChangedRows.none();
            SnapshotRows rows =
                    new SnapshotRows(
                            table.path().toString(),
                            held,
                            changes,
                            Math.max(from, to),
                            settings.pageBytes(),
                            decoding,
                            allocator);
            isOpen = true;
            return rows;
        } finally {
            if (!isOpen) {
                held.ifPresent(Snapshots.Held::close);
            }
        }
    }

    private ChangedRows changes(
            TableInfo table, TableBucket bucket, long from, long to, BufferAllocator allocator) {
        try (LogRangeReader range = ranges.read(table, bucket, from, to, allocator)) {
            return ChangedRows.read(table, range, settings.changesBytesMax());
        }
    }

    /** Without a snapshot all changes are needed, from the first one on. */
    private long startOfCompleteLog(TableInfo table, TableBucket bucket) {
        long earliest = offset(table, bucket, new OffsetSpec.Earliest());
        if (earliest > 0) {
            throw ErrorReason.KV_SNAPSHOT_NOT_EXIST.exception(
                    table.path()
                            + ": bucket "
                            + bucket
                            + " has no snapshot yet, and the changes before offset "
                            + earliest
                            + " are gone: its rows can be looked up only");
        }
        return 0;
    }

    private long offset(TableInfo table, TableBucket bucket, OffsetSpec spec) {
        return Blocking.await(
                        admin.listOffsets(
                                table, bucket.partition(), List.of(bucket.bucket()), spec),
                        "offsets of " + table.path())
                .getOrDefault(bucket, 0L);
    }

    /** See {@link io.fluss.client.Connection#firstRows}. */
    public List<Row> firstRows(
            TableInfo table, TableBucket bucket, List<String> columns, int limit) {
        checkKind(table);
        if (limit < 1) {
            throw ErrorReason.INVALID_SCAN_REQUEST.exception(
                    table.path() + ": the limit is " + limit + ", but must be at least 1");
        }
        ValueRows decoding = ValueRows.of(new ValueSchemas(table, admin), Optional.of(columns));
        LeaderCalls<LimitScanResponse> calls =
                new LeaderCalls<>(
                        cluster,
                        table.path(),
                        bucket,
                        ApiKey.LIMIT_SCAN,
                        answer -> errorIn(answer, table, bucket));
        LimitScanRequest.Builder request =
                LimitScanRequest.newBuilder()
                        .setTableId(bucket.tableId())
                        .setBucketId(bucket.bucket())
                        .setLimit(limit);
        bucket.partition().ifPresent(request::setPartitionId);
        LimitScanResponse answer =
                Blocking.await(calls.ask(request.build(), e -> false), "rows of " + table.path())
                        .answer();
        if (!answer.hasRecords() || answer.getRecords().isEmpty()) {
            return List.of();
        }
        List<ByteBuffer> values = ValueBatch.values(answer.getRecords().asReadOnlyByteBuffer());
        Blocking.await(decoding.schemas().know(values.stream()), "the schemas of " + table.path());
        return decoding.rows(values);
    }

    private static Optional<FlussException> errorIn(
            LimitScanResponse answer, TableInfo table, TableBucket bucket) {
        return answer.hasErrorCode() && answer.getErrorCode() != 0
                ? Optional.of(
                        ErrorCodes.toException(
                                answer.getErrorCode(),
                                answer.getErrorMessage(),
                                "scan of " + table.path() + " bucket " + bucket))
                : Optional.empty();
    }

    private static void checkKind(TableInfo table) {
        if (!table.hasPrimaryKey()) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.path() + " has no primary key: its log is all it has");
        }
    }
}
