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
package io.fluss.coordinator.cluster;

import io.fluss.errors.ErrorReason;
import io.fluss.metastore.SnapshotLeases;
import io.fluss.metastore.SnapshotLeases.Lease;
import io.fluss.table.TableBucket;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * Leases on snapshots (server behaviour document, section 7.3). A lease holds at most one snapshot
 * of each bucket, until it expires, is released or dropped. Owned by the coordinator's loop;
 * bounded in number and size.
 */
public final class SnapshotHolders {
    private static final int BUCKETS_MAX = 10_000;
    private static final int LEASES_MAX = 10_000;
    private static final int ID_LENGTH_MAX = 200;

    private final SnapshotLeases stored;
    private Map<String, Lease> leases = new HashMap<>();

    public SnapshotHolders(SnapshotLeases stored) {
        this.stored = stored;
    }

    /** Reads what is stored. */
    public void load() {
        leases = new HashMap<>(stored.all());
    }

    /** Whether a lease holds a snapshot now. */
    public boolean isHeld(TableBucket bucket, long snapshotId, long nowMs) {
        return leases.values().stream()
                .anyMatch(
                        l ->
                                l.expiresMs() > nowMs
                                        && Long.valueOf(snapshotId)
                                                .equals(l.snapshots().get(bucket)));
    }

    /**
     * What a holder asks for.
     *
     * @param durationMs from now on, for the whole lease
     * @param snapshots to be held as well; each takes the place of another one of its bucket
     */
    public record Request(String leaseId, long durationMs, Map<TableBucket, Long> snapshots) {
        public Request {
            snapshots = Map.copyOf(snapshots);
        }
    }

    /**
     * Creates a lease or renews it.
     *
     * @param exists tells which snapshots there are
     * @return those asked for that there are not; they are not held
     */
    public Map<TableBucket, Long> acquire(
            Request r, BiPredicate<TableBucket, Long> exists, long nowMs) {
        Lease before = leases.getOrDefault(r.leaseId(), new Lease(0, Map.of()));
        Map<TableBucket, Long> held = new HashMap<>(before.snapshots());
        if (before.expiresMs() <= nowMs) {
            // What an expired lease held may be gone.
            held.entrySet().removeIf(e -> !exists.test(e.getKey(), e.getValue()));
        }
        Map<TableBucket, Long> missing = new TreeMap<>();
        r.snapshots()
                .forEach(
                        (bucket, id) -> (exists.test(bucket, id) ? held : missing).put(bucket, id));
        check(r, held.size());
        long durationMs = Math.max(0, r.durationMs());
        long expiresMs = nowMs > Long.MAX_VALUE - durationMs ? Long.MAX_VALUE : nowMs + durationMs;
        write(r.leaseId(), new Lease(expiresMs, held));
        return missing;
    }

    private void check(Request r, int buckets) {
        if (r.leaseId().isEmpty() || r.leaseId().length() > ID_LENGTH_MAX) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "lease id '"
                            + r.leaseId()
                            + "' must have 1 to "
                            + ID_LENGTH_MAX
                            + " characters");
        }
        if (buckets > BUCKETS_MAX) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "lease '"
                            + r.leaseId()
                            + "' would hold snapshots of "
                            + buckets
                            + " buckets; the most is "
                            + BUCKETS_MAX
                            + ", use several leases");
        }
        if (leases.size() >= LEASES_MAX && !leases.containsKey(r.leaseId())) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    LEASES_MAX + " leases are held, the most there may be; drop some");
        }
    }

    /** Holds the snapshots of these buckets no longer; what is not leased is passed over. */
    public void release(String leaseId, Collection<TableBucket> buckets) {
        Lease before = leases.get(leaseId);
        if (before == null) {
            return;
        }
        Map<TableBucket, Long> held = new HashMap<>(before.snapshots());
        buckets.forEach(held::remove);
        if (held.size() < before.snapshots().size()) {
            write(leaseId, new Lease(before.expiresMs(), held));
        }
    }

    /** Ends a lease; does nothing if there is none. */
    public void drop(String leaseId) {
        if (leases.containsKey(leaseId)) {
            stored.delete(leaseId);
            leases.remove(leaseId);
        }
    }

    /** Removes what has expired. */
    public void expire(long nowMs) {
        List<String> expired =
                leases.entrySet().stream()
                        .filter(e -> e.getValue().expiresMs() <= nowMs)
                        .map(Map.Entry::getKey)
                        .toList();
        expired.forEach(this::drop);
    }

    /** A lease that has not expired. */
    public Optional<Lease> lease(String leaseId, long nowMs) {
        return Optional.ofNullable(leases.get(leaseId)).filter(l -> l.expiresMs() > nowMs);
    }

    private void write(String leaseId, Lease lease) {
        if (lease.snapshots().isEmpty()) {
            drop(leaseId);
        } else {
            stored.write(leaseId, lease);
            leases.put(leaseId, lease);
        }
    }
}
