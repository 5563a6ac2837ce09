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
package io.fluss.client.lake;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.lake.TieringStatus.BucketLag;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Reads how it stands with the tiering of tables: the schedule and the last rounds from the
 * coordinator, the lag from offsets and, for its age, from the first record of a bucket that the
 * lake lacks. Against published clusters the lag is all there is. Calls wait for answers. Not
 * thread-safe.
 */
public final class TieringStatuses {
    /**
     * Buckets whose first missing record is read, those that lag most; of others no age is told.
     */
    private static final int AGES_MAX = 256;

    private final Connection connection;
    private final Clock clock;
    private int ages;

    public TieringStatuses(Connection connection, Clock clock) {
        this.connection = connection;
        this.clock = clock;
    }

    /**
     * The status of tables.
     *
     * @param tables empty for all that have a lake
     * @throws FlussException with TABLE_NOT_EXIST if one of the named tables does not exist
     */
    public List<TieringStatus> read(List<TablePath> tables) {
        ages = 0;
        Optional<List<TieringState>> states = states(tables);
        List<TablePath> paths =
                states.isPresent()
                        ? states.get().stream().map(TieringState::path).toList()
                        : tables.isEmpty() ? lakeTables() : tables;
        Map<TablePath, TieringState> byPath = new HashMap<>();
        states.ifPresent(all -> all.forEach(s -> byPath.put(s.path(), s)));
        List<TieringStatus> out = new ArrayList<>();
        for (TablePath path : paths) {
            TableInfo table = Blocking.await(admin().tableInfo(path), path.toString());
            out.add(status(table, Optional.ofNullable(byPath.get(path))));
        }
        return out;
    }

    /** Empty if the cluster does not tell. */
    private Optional<List<TieringState>> states(List<TablePath> tables) {
        try {
            return Optional.of(
                    Blocking.await(connection.tieringAdmin().status(tables), "the tiering status"));
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.UNSUPPORTED_VERSION) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private List<TablePath> lakeTables() {
        List<TablePath> out = new ArrayList<>();
        for (String database : Blocking.await(admin().listDatabases(), "the databases")) {
            for (String name : Blocking.await(admin().listTables(database), database)) {
                TablePath path = TablePath.of(database, name);
                if (Blocking.await(admin().tableInfo(path), path.toString())
                        .options()
                        .isLakeEnabled()) {
                    out.add(path);
                }
            }
        }
        return out;
    }

    private TieringStatus status(TableInfo table, Optional<TieringState> state) {
        OptionalLong snapshot = OptionalLong.empty();
        List<BucketLag> lag = List.of();
        Optional<String> problem = Optional.empty();
        try {
            Optional<LakeSnapshot> held =
                    Blocking.await(
                            admin().latestLakeSnapshot(table.path()), table.path().toString());
            if (held.isPresent()) {
                snapshot = OptionalLong.of(held.get().snapshotId());
            }
            lag = withAges(table, lag(table, held));
        } catch (FlussException e) {
            // A bucket without leader, for example, must not hide the other tables.
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        return new TieringStatus(
                table.path(), table.tableId(), state, snapshot, lag, problem, clock.nowMs());
    }

    private List<BucketLag> lag(TableInfo table, Optional<LakeSnapshot> held) {
        if (!table.isPartitioned()) {
            return lag(table, OptionalLong.empty(), "", held);
        }
        List<BucketLag> out = new ArrayList<>();
        Blocking.await(admin().listPartitions(table.path()), table.path().toString()).stream()
                .sorted(Comparator.comparing(PartitionInfo::name))
                .forEach(
                        p ->
                                out.addAll(
                                        lag(
                                                table,
                                                OptionalLong.of(p.partitionId()),
                                                p.name(),
                                                held)));
        return out;
    }

    private List<BucketLag> lag(
            TableInfo table, OptionalLong partition, String name, Optional<LakeSnapshot> held) {
        Map<TableBucket, Long> ends = offsets(table, partition, new OffsetSpec.Latest());
        Map<TableBucket, Long> starts = offsets(table, partition, new OffsetSpec.Earliest());
        List<BucketLag> out = new ArrayList<>();
        for (int b = 0; b < table.bucketCount(); b++) {
            TableBucket bucket = TableBucket.of(table.tableId(), partition, b);
            long end = ends.getOrDefault(bucket, 0L);
            long tieredTo = held.map(s -> s.endOffset(bucket).orElse(-1)).orElse(-1L);
            long first = Math.max(tieredTo, starts.getOrDefault(bucket, 0L));
            out.add(
                    new BucketLag(
                            bucket,
                            name,
                            tieredTo,
                            end,
                            Math.max(0, end - first),
                            OptionalLong.empty()));
        }
        return out;
    }

    private Map<TableBucket, Long> offsets(
            TableInfo table, OptionalLong partition, OffsetSpec spec) {
        List<Integer> buckets = IntStream.range(0, table.bucketCount()).boxed().toList();
        return Blocking.await(
                admin().listOffsets(table, partition, buckets, spec),
                "the offsets of " + table.path());
    }

    private List<BucketLag> withAges(TableInfo table, List<BucketLag> lag) {
        List<BucketLag> behind =
                lag.stream()
                        .filter(b -> b.records() > 0)
                        .sorted(Comparator.comparingLong(BucketLag::records).reversed())
                        .limit(AGES_MAX - ages)
                        .toList();
        ages += behind.size();
        Map<TableBucket, OptionalLong> oldest = new HashMap<>();
        for (BucketLag b : behind) {
            oldest.put(b.bucket(), commitTimeMs(table, b.bucket(), b.end() - b.records()));
        }
        return lag.stream()
                .map(
                        b ->
                                new BucketLag(
                                        b.bucket(),
                                        b.partitionName(),
                                        b.tieredTo(),
                                        b.end(),
                                        b.records(),
                                        oldest.getOrDefault(b.bucket(), OptionalLong.empty())))
                .toList();
    }

    /** Empty if the offset belongs to no record. */
    private OptionalLong commitTimeMs(TableInfo table, TableBucket bucket, long offset) {
        try (BufferAllocator allocator = new RootAllocator();
                LogRangeReader reader =
                        connection.logRange(
                                table,
                                bucket,
                                offset,
                                offset + 1,
                                Optional.of(List.of(0)),
                                allocator)) {
            Optional<ScanBatch> first = reader.next();
            if (first.isEmpty()) {
                return OptionalLong.empty();
            }
            try (ScanBatch batch = first.get()) {
                return OptionalLong.of(batch.commitTimestampMs());
            }
        }
    }

    private Admin admin() {
        return connection.admin();
    }
}
