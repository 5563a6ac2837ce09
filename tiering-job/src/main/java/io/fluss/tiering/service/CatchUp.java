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
package io.fluss.tiering.service;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The goal of a run that ends by itself: each table is tiered up to the end that its log had when
 * the run began. Owned by the service loop.
 */
public final class CatchUp {
    static final int FAILURES_MAX = 3;

    private final Map<Long, Target> open = new LinkedHashMap<>();
    private final Map<TablePath, FlussException> failures = new TreeMap<>();

    private static final class Target {
        private final TablePath path;
        private final Map<TableBucket, Long> ends;
        private int failed;

        Target(TablePath path, Map<TableBucket, Long> ends) {
            this.path = path;
            this.ends = new HashMap<>(ends);
        }
    }

    /** A table to bring up to {@code ends}. */
    public void add(long tableId, TablePath path, Map<TableBucket, Long> ends) {
        open.put(tableId, new Target(path, ends));
        tiered(tableId, Map.of());
    }

    /** The cluster has registered these offsets. */
    public void tiered(long tableId, Map<TableBucket, Long> offsets) {
        Target t = open.get(tableId);
        if (t == null) {
            return;
        }
        t.ends.entrySet().removeIf(e -> e.getValue() <= offsets.getOrDefault(e.getKey(), 0L));
        if (t.ends.isEmpty()) {
            open.remove(tableId);
        }
    }

    /** Dropped, or not tiered any more: nothing is left to do. */
    public void gone(long tableId) {
        open.remove(tableId);
    }

    /** A partition was dropped: its log is gone. */
    public void keepPartitions(long tableId, Set<Long> partitionIds) {
        Target t = open.get(tableId);
        if (t != null) {
            t.ends.keySet()
                    .removeIf(b -> b.isPartitioned() && !partitionIds.contains(b.partitionId()));
            if (t.ends.isEmpty()) {
                open.remove(tableId);
            }
        }
    }

    /** A round of the table failed; after a few it is given up. */
    public void failed(long tableId, FlussException reason) {
        Target t = open.get(tableId);
        if (t != null && ++t.failed >= FAILURES_MAX) {
            failures.put(t.path, reason);
            open.remove(tableId);
        }
    }

    /** The log end of a table is not known, so neither is its goal. */
    public void unknown(TablePath path, FlussException reason) {
        failures.put(path, reason);
    }

    /** Gives up what is left, because nothing moved for {@code waitedMs}. */
    public void giveUp(long waitedMs) {
        open.values()
                .forEach(
                        t ->
                                failures.put(
                                        t.path,
                                        ErrorReason.REQUEST_TIME_OUT.exception(
                                                t.path
                                                        + ": the coordinator did not hand the"
                                                        + " table out for "
                                                        + waitedMs
                                                        + " ms; raise --once-wait above the"
                                                        + " table's freshness, or see whether"
                                                        + " another service holds it")));
        open.clear();
    }

    /** Ids of the tables that are behind. */
    public List<Long> open() {
        return List.copyOf(open.keySet());
    }

    /** Paths by id of the tables that are behind. */
    public Map<Long, TablePath> openPaths() {
        Map<Long, TablePath> out = new LinkedHashMap<>();
        open.forEach((id, t) -> out.put(id, t.path));
        return out;
    }

    public boolean isReached() {
        return open.isEmpty();
    }

    /** Why tables could not be brought up to their target. */
    public Map<TablePath, FlussException> failures() {
        return Map.copyOf(failures);
    }
}
