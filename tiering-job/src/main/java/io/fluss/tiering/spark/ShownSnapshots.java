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
package io.fluss.tiering.spark;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.lake.TieringAdmin;
import io.fluss.client.lake.TieringAdmin.SnapshotCommit;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.lake.LakeCommitter;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.tiering.round.RoundCommand;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers what readers may use of a lake whose snapshots show less than was committed (lakehouse
 * document, section 5.4). Used by the one thread of a round.
 */
final class ShownSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(ShownSnapshots.class);
    private static final long KEEP_ALL = -1;

    private final Admin admin;
    private final TieringAdmin tiering;
    private final TableInWork work;
    private final Caller caller;

    /** Waits for an answer of the cluster. */
    interface Caller {
        <T> T call(CompletableFuture<T> answer);
    }

    ShownSnapshots(Connection connection, TableInWork work, Caller caller) {
        this.admin = connection.admin();
        this.tiering = connection.tieringAdmin();
        this.work = work;
        this.caller = caller;
    }

    /** Does nothing if readers have the newest already. */
    void register(LakeCommitter committer, RoundCommand.Show command) {
        Optional<LakeSnapshot> now = caller.call(admin.readableLakeSnapshot(work.path()));
        Optional<LakeCommitter.Shown> newer =
                committer.shown(
                        now.map(s -> OptionalLong.of(s.snapshotId())).orElse(OptionalLong.empty()));
        if (newer.isPresent()) {
            register(newer.get(), now, command);
        }
    }

    private void register(
            LakeCommitter.Shown shown, Optional<LakeSnapshot> now, RoundCommand.Show command) {
        LakeCommitter.TieringCommit committed = command.committed();
        Tiered tiered = new Tiered(committed.snapshotId(), command.tiered());
        Optional<Map<TableBucket, Long>> offsets =
                offsets(shown, now.map(LakeSnapshot::endOffsets).orElse(Map.of()), tiered);
        Optional<Map<TableBucket, Long>> of = tiered.by(shown.tieredBy());
        if (offsets.isEmpty() || of.isEmpty()) {
            LOG.info(
                    "{}: readers stay where they are: offsets of older commits, needed for lake"
                            + " snapshot {}, are not registered any more",
                    work.path(),
                    shown.snapshotId());
            return;
        }
        String readable = prepared(offsets.get());
        if (shown.snapshotId() == committed.snapshotId()) {
            commit(committed.snapshotId(), committed.offsetsPath(), Optional.of(readable));
            return;
        }
        commit(shown.snapshotId(), prepared(of.get()), Optional.of(readable));
        // The last one registered counts as the newest.
        commit(committed.snapshotId(), committed.offsetsPath(), Optional.empty());
    }

    private String prepared(Map<TableBucket, Long> offsets) {
        return caller.call(tiering.prepareOffsets(work.tableId(), work.path(), offsets));
    }

    private void commit(long snapshotId, String tiered, Optional<String> readable) {
        caller.call(
                tiering.commitSnapshot(
                        new SnapshotCommit(
                                work.tableId(),
                                work.path(),
                                snapshotId,
                                tiered,
                                readable,
                                OptionalLong.of(KEEP_ALL),
                                Map.of(),
                                Map.of())));
    }

    /** Empty if the cluster has forgotten one of the commits. */
    private Optional<Map<TableBucket, Long>> offsets(
            LakeCommitter.Shown shown, Map<TableBucket, Long> before, Tiered tiered) {
        Map<String, Long> partitions = new HashMap<>();
        if (Stream.concat(shown.shownBy().keySet().stream(), shown.asBefore().stream())
                .anyMatch(b -> !b.partitionName().isEmpty())) {
            for (PartitionInfo p : caller.call(admin.listPartitions(work.path()))) {
                partitions.put(p.name(), p.partitionId());
            }
        }
        Map<TableBucket, Long> out = new HashMap<>();
        for (LakeCommitter.ShownBucket b : shown.asBefore()) {
            bucket(b, partitions)
                    .ifPresent(
                            bucket -> {
                                Long end = before.get(bucket);
                                if (end != null) {
                                    out.put(bucket, end);
                                }
                            });
        }
        for (Map.Entry<LakeCommitter.ShownBucket, Long> e : shown.shownBy().entrySet()) {
            Optional<TableBucket> bucket = bucket(e.getKey(), partitions);
            if (bucket.isEmpty()) {
                continue;
            }
            Optional<Map<TableBucket, Long>> by = tiered.by(e.getValue());
            if (by.isEmpty()) {
                return Optional.empty();
            }
            Long end = by.get().get(bucket.get());
            if (end != null) {
                out.put(bucket.get(), end);
            }
        }
        return Optional.of(out);
    }

    /** Empty if the cluster has dropped its partition, so that nobody joins a log to it. */
    private Optional<TableBucket> bucket(
            LakeCommitter.ShownBucket b, Map<String, Long> partitions) {
        if (b.partitionName().isEmpty()) {
            return Optional.of(TableBucket.of(work.tableId(), b.bucket()));
        }
        return Optional.ofNullable(partitions.get(b.partitionName()))
                .map(id -> TableBucket.of(work.tableId(), OptionalLong.of(id), b.bucket()));
    }

    /** Offsets of tiering commits, each asked for once. */
    private final class Tiered {
        private final Map<Long, Optional<Map<TableBucket, Long>>> known = new HashMap<>();

        Tiered(long committedId, Map<TableBucket, Long> ends) {
            known.put(committedId, Optional.of(ends));
        }

        Optional<Map<TableBucket, Long>> by(long snapshotId) {
            return known.computeIfAbsent(
                    snapshotId,
                    id ->
                            caller.call(admin.lakeSnapshot(work.path(), id))
                                    .map(LakeSnapshot::endOffsets));
        }
    }
}
