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
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeMaintenance.Rewrite;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compaction, expiry and removal of orphans, at the end of a round that committed. A failure is
 * logged and the round stands. Thread-safe.
 */
final class LakeUpkeep {
    private static final Logger LOG = LoggerFactory.getLogger(LakeUpkeep.class);

    /** Tables whose last sweep is remembered; a forgotten one is swept once more. */
    private static final int TABLES_MAX = 10_000;

    private final UpkeepSettings settings;
    private final Clock clock;
    private final Duration callTimeout;
    private final Map<Long, Long> sweptMs = new LinkedHashMap<>();

    LakeUpkeep(UpkeepSettings settings, Clock clock, Duration callTimeout) {
        this.settings = settings;
        this.clock = clock;
        this.callTimeout = callTimeout;
    }

    /** Runs rewrites in parallel. */
    interface Rewriter {
        /**
         * Ends when all have.
         *
         * @param done receives the results, also those before a failure
         */
        void rewrite(List<Rewrite> rewrites, String runId, List<LakeWriter.Result> done);
    }

    /**
     * Called while the service still holds the table.
     *
     * @param snapshotId what the round has committed and registered
     */
    void afterCommit(
            TableInfo table,
            LakeMaintenance lake,
            Admin admin,
            long snapshotId,
            Rewriter rewriter) {
        try {
            Optional<LakeMaintenance.Compaction> compaction = settings.compaction().of(table);
            if (compaction.isPresent()) {
                compact(compaction.get(), lake, rewriter);
            }
            if (settings.expiresAll() || table.options().expiresLakeSnapshots()) {
                expire(table, lake, admin, snapshotId);
            }
            if (isSweepDue(table.tableId())) {
                int removed =
                        lake.removeOrphans(
                                snapshotId, clock.nowMs() - settings.orphanAge().toMillis());
                if (removed > 0) {
                    LOG.info("{}: {} files of failed rounds deleted", table.path(), removed);
                }
            }
        } catch (FlussException e) {
            LOG.warn("{}: upkeep of the lake table failed", table.path(), e);
        } catch (RuntimeException e) {
            // Of the lake's library: the commit stands whatever it is.
            LOG.warn("{}: upkeep of the lake table broke off", table.path(), e);
        }
    }

    private static void compact(
            LakeMaintenance.Compaction compaction, LakeMaintenance lake, Rewriter rewriter) {
        List<Rewrite> rewrites = lake.planCompaction(compaction);
        if (rewrites.isEmpty()) {
            return;
        }
        List<LakeWriter.Result> done = Collections.synchronizedList(new ArrayList<>());
        boolean isWhole = false;
        try {
            rewriter.rewrite(rewrites, UUID.randomUUID().toString(), done);
            isWhole = true;
        } finally {
            if (!isWhole) {
                lake.abortCompaction(List.copyOf(done));
            }
        }
        OptionalLong snapshot = lake.commitCompaction(List.copyOf(done));
        if (snapshot.isPresent()) {
            LOG.info(
                    "{}: {} bytes rewritten into {} files",
                    compaction.table().path(),
                    rewrites.stream().mapToLong(Rewrite::sizeBytes).sum(),
                    done.stream().mapToInt(LakeWriter.Result::files).sum());
        }
    }

    private void expire(TableInfo table, LakeMaintenance lake, Admin admin, long snapshotId) {
        Set<Long> keep = new HashSet<>();
        keep.add(snapshotId);
        Calls.await(admin.latestLakeSnapshot(table.path()), callTimeout, "lake snapshot")
                .map(LakeSnapshot::snapshotId)
                .ifPresent(keep::add);
        Calls.await(admin.readableLakeSnapshot(table.path()), callTimeout, "lake snapshot")
                .map(LakeSnapshot::snapshotId)
                .ifPresent(keep::add);
        int expired =
                lake.expireSnapshots(
                        new LakeMaintenance.Expiry(
                                keep,
                                clock.nowMs() - settings.readerWindow().toMillis(),
                                settings.retainLast()));
        if (expired > 0) {
            LOG.info("{}: {} lake snapshots expired", table.path(), expired);
        }
    }

    private synchronized boolean isSweepDue(long tableId) {
        long now = clock.nowMs();
        Long last = sweptMs.get(tableId);
        if (last != null && now - last < settings.orphanInterval().toMillis()) {
            return false;
        }
        if (sweptMs.size() >= TABLES_MAX) {
            sweptMs.clear();
        }
        sweptMs.put(tableId, now);
        return true;
    }
}
