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
package io.fluss.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.fluss.client.admin.KvSnapshotLease;
import org.apache.fluss.client.metadata.KvSnapshotMetadata;
import org.apache.fluss.client.metadata.KvSnapshots;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.batch.BatchScanUtils;
import org.apache.fluss.client.table.scanner.batch.BatchScanner;
import org.apache.fluss.exception.ApiException;
import org.apache.fluss.exception.KvSnapshotNotExistException;
import org.apache.fluss.exception.NonPrimaryKeyTableException;
import org.apache.fluss.exception.TableNotExistException;
import org.apache.fluss.exception.TableNotPartitionedException;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Snapshots of primary key tables")
class SnapshotTest extends Case {

    private KvSnapshots upTo(T t, long offset) throws Exception {
        await(
                "a snapshot up to offset " + offset,
                () -> get(admin.getLatestKvSnapshots(t.path)).getLogOffset(0).orElse(-1) >= offset);
        return get(admin.getLatestKvSnapshots(t.path));
    }

    private List<String> scan(T t, TableBucket b, long snapshot, int... projection)
            throws Exception {
        List<String> out = new ArrayList<>();
        try (Table tab = t.open();
                BatchScanner s =
                        projection.length == 0
                                ? tab.newScan().createBatchScanner(b, snapshot)
                                : tab.newScan()
                                        .project(projection)
                                        .createBatchScanner(b, snapshot)) {
            for (InternalRow r : BatchScanUtils.collectRows(s)) {
                out.add(
                        Show.row(
                                r,
                                projection.length == 0 ? t.type() : t.type().project(projection)));
            }
        }
        return out;
    }

    @Test
    @DisplayName("a table without writes has no snapshot")
    void none() throws Exception {
        T t = create(pkOf("id INT, v STRING", "id").distributedBy(2));
        KvSnapshots s = get(admin.getLatestKvSnapshots(t.path));
        assertThat(s.getTableId()).isEqualTo(t.id());
        assertThat(s.getBucketIds()).containsExactlyInAnyOrder(0, 1);
        assertThat(s.getSnapshotId(0)).isEmpty();
        assertThat(s.getLogOffset(0)).isEmpty();
    }

    @Test
    @DisplayName("a snapshot scan gives all rows, and the log from its offset the changes since")
    void handOver() throws Exception {
        T t = pk("id INT, v STRING, d DOUBLE, a ARRAY<INT>", "id");
        t.upsert(
                row(1, "a", 0.5, array(1)),
                row(2, "b", null, null),
                row(3, "c", 1.5, array()),
                row(2, "b2", null, array(2, 3)));
        t.delete(row(3, null, null, null));
        KvSnapshots s = upTo(t, t.end());
        long id = s.getSnapshotId(0).getAsLong();
        long offset = s.getLogOffset(0).getAsLong();
        assertThat(offset).isEqualTo(6);
        assertThat(scan(t, t.bucket(0), id))
                .containsExactlyInAnyOrder("[1, a, 0.5, (1)]", "[2, b2, null, (2, 3)]");
        assertThat(scan(t, t.bucket(0), id, 1)).containsExactlyInAnyOrder("[a]", "[b2]");
        t.upsert(row(4, "d", null, null), row(1, "a2", null, null));
        List<String> later = new ArrayList<>();
        t.read(Map.of(t.bucket(0), offset), Map.of(t.bucket(0), t.end()), (int[]) null)
                .forEach(c -> later.add(c.text()));
        assertThat(later)
                .containsExactly(
                        "+I[4, d, null, null]", "-U[1, a, 0.5, (1)]", "+U[1, a2, null, null]");
    }

    @Test
    @DisplayName("later snapshots have larger ids and offsets, and files that the client can open")
    void growing() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsert(row(1, "a"));
        KvSnapshots a = upTo(t, 1);
        t.upsert(row(2, "b"));
        KvSnapshots b = upTo(t, 2);
        assertThat(b.getSnapshotId(0).getAsLong()).isGreaterThan(a.getSnapshotId(0).getAsLong());
        KvSnapshotMetadata m =
                get(admin.getKvSnapshotMetadata(t.bucket(0), b.getSnapshotId(0).getAsLong()));
        assertThat(m.getLogOffset()).isEqualTo(2);
        assertThat(m.getSnapshotFiles()).isNotEmpty();
        assertThat(scan(t, t.bucket(0), b.getSnapshotId(0).getAsLong()))
                .containsExactlyInAnyOrder("[1, a]", "[2, b]");
    }

    @Test
    @DisplayName(
            "snapshots of 3000 keys in several buckets, written and deleted in rounds, are complete")
    void large() throws Exception {
        T t = create(pkOf("id BIGINT, v STRING", "id").distributedBy(3));
        Map<Long, String> want = new HashMap<>();
        for (int round = 0; round < 3; round++) {
            GenericRow[] rs = new GenericRow[1000];
            for (int i = 0; i < rs.length; i++) {
                long k = i * 3L + round;
                rs[i] = row(k, repeat("r" + round, 20));
                want.put(k, repeat("r" + round, 20));
            }
            t.upsertTogether(rs);
        }
        for (long k = 0; k < 100; k += 10) {
            t.delete(row(k, null));
            want.remove(k);
        }
        Map<Integer, Long> end =
                t.offsets(new org.apache.fluss.client.admin.OffsetSpec.LatestSpec());
        await(
                "snapshots of all buckets",
                () -> {
                    KvSnapshots s = get(admin.getLatestKvSnapshots(t.path));
                    return end.entrySet().stream()
                            .allMatch(e -> s.getLogOffset(e.getKey()).orElse(-1) >= e.getValue());
                });
        KvSnapshots s = get(admin.getLatestKvSnapshots(t.path));
        Set<String> got = new TreeSet<>();
        for (int b = 0; b < 3; b++) {
            got.addAll(scan(t, t.bucket(b), s.getSnapshotId(b).getAsLong()));
        }
        Set<String> expected = new TreeSet<>();
        want.forEach((k, v) -> expected.add("[" + k + ", " + v + "]"));
        assertThat(got.equals(expected)).as("%d rows of %d", got.size(), expected.size()).isTrue();
    }

    @Test
    @DisplayName("snapshots of a partition are asked for by its name")
    void partitions() throws Exception {
        T t =
                create(
                        pkOf("id INT, p STRING, v STRING", "id, p")
                                .partitionedBy("p")
                                .distributedBy(1));
        t.upsert(row(1, "a", "x"), row(1, "b", "y"));
        await(
                "both",
                () ->
                        get(admin.getLatestKvSnapshots(t.path, "a")).getSnapshotId(0).isPresent()
                                && get(admin.getLatestKvSnapshots(t.path, "b"))
                                        .getSnapshotId(0)
                                        .isPresent());
        KvSnapshots s = get(admin.getLatestKvSnapshots(t.path, "b"));
        assertThat(s.getPartitionId()).isEqualTo(t.partitionId("b"));
        assertThat(
                        scan(
                                t,
                                new TableBucket(t.id(), s.getPartitionId(), 0),
                                s.getSnapshotId(0).getAsLong()))
                .containsExactly("[1, b, y]");
        refused(ApiException.class, () -> get(admin.getLatestKvSnapshots(t.path, "nope")));
    }

    @Test
    @DisplayName("snapshot calls on what has none fail with the right error")
    void errors() throws Exception {
        T l = log("a INT");
        refused(NonPrimaryKeyTableException.class, () -> get(admin.getLatestKvSnapshots(l.path)));
        refused(
                TableNotExistException.class,
                () -> get(admin.getLatestKvSnapshots(TablePath.of(db, "nope"))));
        T t = pk("id INT", "id");
        refused(
                TableNotPartitionedException.class,
                () -> get(admin.getLatestKvSnapshots(t.path, "p")));
        refused(
                KvSnapshotNotExistException.class,
                () -> get(admin.getKvSnapshotMetadata(t.bucket(0), 12345)));
    }

    @Test
    @DisplayName(
            "a leased snapshot stays readable while newer ones replace it, until the lease is dropped")
    void lease() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsert(row(1, "first"));
        long id = upTo(t, 1).getSnapshotId(0).getAsLong();
        KvSnapshotLease lease = admin.createKvSnapshotLease(unique("lease"), 600_000);
        assertThat(lease.leaseDurationMs()).isEqualTo(600_000);
        assertThat(
                        get(lease.acquireSnapshots(Map.of(t.bucket(0), id)))
                                .getUnavailableTableBucketSet())
                .isEmpty();
        for (int i = 2; i < 6; i++) {
            t.upsert(row(i, "later"));
            upTo(t, i);
        }
        assertThat(scan(t, t.bucket(0), id)).containsExactly("[1, first]");
        get(lease.renew());
        get(lease.dropLease());
        t.upsert(row(9, "x"));
        upTo(t, t.end());
        await(
                "the old snapshot is removed",
                () -> {
                    try {
                        get(admin.getKvSnapshotMetadata(t.bucket(0), id));
                        return false;
                    } catch (KvSnapshotNotExistException e) {
                        return true;
                    }
                });
    }

    @Test
    @DisplayName(
            "releasing or dropping what is not leased succeeds, and leasing a log table is refused")
    void leaseErrors() throws Exception {
        T t = pk("id INT", "id");
        KvSnapshotLease lease = admin.createKvSnapshotLease(unique("lease"), 60_000);
        get(lease.releaseSnapshots(Set.of(t.bucket(0))));
        get(lease.dropLease());
        T l = log("a INT");
        refused(
                NonPrimaryKeyTableException.class,
                () ->
                        get(
                                admin.createKvSnapshotLease(unique("lease"), 60_000)
                                        .acquireSnapshots(Map.of(l.bucket(0), 0L))));
    }
}
