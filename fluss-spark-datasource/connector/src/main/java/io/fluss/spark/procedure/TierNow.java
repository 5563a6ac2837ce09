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
package io.fluss.spark.procedure;

import io.fluss.client.OffsetSpec;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.lake.TieringAdmin;
import io.fluss.client.lake.TieringAdmin.HeartbeatRequest;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.read.TableOffsets;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Has the running tiering job tier a table without waiting for its freshness, and waits until the
 * lake has what the log has now.
 *
 * <p>The coordinator is asked for the table, as a tiering job does that need not wait for the
 * freshness ({@code --once}), and gets it back as one that was stopped for its time: such a table
 * is due at once, for the next job that asks. A published coordinator knows no such wish; then the
 * table comes when it is due.
 */
final class TierNow extends LakeProcedure {
    private static final Duration POLL = Duration.ofMillis(500);

    private final Clock clock;

    TierNow(FlussOptions options, Clock clock) {
        super(
                options,
                List.of(
                        ProcedureParameter.in("timeout", DataTypes.StringType)
                                .defaultValue("'10 min'")
                                .comment("how long to wait for the tiering job")
                                .build()),
                new StructType()
                        .add("table", DataTypes.StringType, false)
                        .add("snapshot_id", DataTypes.LongType)
                        .add("waited_ms", DataTypes.LongType, false));
        this.clock = clock;
    }

    @Override
    public String name() {
        return "tier_now";
    }

    @Override
    public String description() {
        return "has the tiering job tier a table now, and waits until the lake has what the log has";
    }

    @Override
    Object[] call(SharedConnections.Lease lease, TableInfo table, InternalRow arguments) {
        long timeoutMs = duration(arguments, 1).toMillis();
        long startNanos = clock.nanoTime();
        Map<TableBucket, Long> goal =
                new TreeMap<>(TableOffsets.list(lease.admin(), table, new OffsetSpec.Latest()));
        goal.values().removeIf(end -> end <= 0);
        Optional<Optional<LakeSnapshot>> askedAt = Optional.empty();
        while (true) {
            Optional<LakeSnapshot> lake =
                    Await.value(lease.admin().latestLakeSnapshot(table.path()));
            Map<TableBucket, Long> missing = new TreeMap<>(goal);
            missing.entrySet().removeIf(e -> has(lake, e.getKey(), e.getValue()));
            long waitedMs = TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - startNanos);
            if (missing.isEmpty()) {
                return new Object[] {
                    shown(table.path()), lake.map(LakeSnapshot::snapshotId).orElse(null), waitedMs
                };
            }
            if (waitedMs >= timeoutMs) {
                throw late(table, missing, lake, timeoutMs);
            }
            // Once for each snapshot: a table that is due already must stay in the queue.
            if (!askedAt.equals(Optional.of(lake)) && makeDue(lease, table)) {
                askedAt = Optional.of(lake);
            }
            Await.value(
                    new CompletableFuture<Void>()
                            .completeOnTimeout(null, POLL.toMillis(), TimeUnit.MILLISECONDS));
        }
    }

    private static boolean has(Optional<LakeSnapshot> lake, TableBucket bucket, long end) {
        return lake.isPresent() && lake.get().endOffset(bucket).orElse(0) >= end;
    }

    /** Whether the table is due now; not if a job has it. */
    private static boolean makeDue(SharedConnections.Lease lease, TableInfo table) {
        TieringAdmin tiering = lease.connection().tieringAdmin();
        Optional<TableInWork> given =
                Await.value(
                                tiering.heartbeat(
                                        new HeartbeatRequest(
                                                List.of(),
                                                List.of(),
                                                List.of(),
                                                List.of(),
                                                true,
                                                List.of(table.tableId()),
                                                true,
                                                Map.of())))
                        .assigned();
        if (given.isEmpty()) {
            return false;
        }
        // Published servers may hand out another table; it is given back, too.
        TableInWork back = given.get();
        Await.value(
                tiering.heartbeat(
                        new HeartbeatRequest(
                                List.of(),
                                List.of(back),
                                List.of(),
                                List.of(back.tableId()),
                                false)));
        return back.tableId() == table.tableId();
    }

    private static RuntimeException late(
            TableInfo table,
            Map<TableBucket, Long> missing,
            Optional<LakeSnapshot> lake,
            long timeoutMs) {
        TableBucket first = missing.keySet().iterator().next();
        return ErrorReason.REQUEST_TIME_OUT.exception(
                table.path()
                        + ": after "
                        + timeoutMs
                        + " ms "
                        + missing.size()
                        + " buckets are not tiered; bucket "
                        + first
                        + " ends at "
                        + missing.get(first)
                        + ", the lake has it up to "
                        + lake.map(l -> l.endOffset(first).orElse(0)).orElse(0L)
                        + ". Is a tiering job running, and does it fail for this table? The table"
                        + " stays due, so a job that starts later tiers it");
    }
}
