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
package io.fluss.metastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.metastore.Counters.Counter;
import io.fluss.metastore.LakeSnapshots.Entry;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.DatabaseInfo;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the metastore must do over every node tree. */
public abstract class MetastoreContractTest {
    private static final DatabaseInfo SALES =
            new DatabaseInfo(
                    "sales", new DatabaseDescriptor(Optional.of("c"), Map.of("a", "b")), 1, 2);

    protected abstract Metastore metastore();

    @Test
    void databasesAreCreatedOnceAndDroppedWhenEmpty() {
        metastore().databases().create(SALES);
        assertThat(metastore().databases().all()).containsExactly(SALES);
        refused(ErrorReason.DATABASE_ALREADY_EXIST, () -> metastore().databases().create(SALES));
        metastore().tables().create(table(7, false), buckets());
        refused(ErrorReason.DATABASE_NOT_EMPTY, () -> metastore().databases().drop("sales"));
        metastore().tables().drop(table(7, false), List.of());
        metastore().databases().drop("sales");
        refused(ErrorReason.DATABASE_NOT_EXIST, () -> metastore().databases().drop("sales"));
    }

    @Test
    void tableIsStoredWithSchemaAndBuckets() {
        metastore().databases().create(SALES);
        TableInfo t = table(7, false);
        metastore().tables().create(t, buckets());
        assertThat(metastore().tables().all())
                .containsExactly(new StoredTable(t, List.of(t.schema())));
        assertThat(metastore().bucketStates().read(7, TableBucket.NO_PARTITION))
                .isEqualTo(buckets());
    }

    @Test
    void refusedCreateLeavesNothing() {
        refused(
                ErrorReason.DATABASE_NOT_EXIST,
                () -> metastore().tables().create(table(7, false), buckets()));
        metastore().databases().create(SALES);
        metastore().tables().create(table(7, false), buckets());
        refused(
                ErrorReason.TABLE_ALREADY_EXIST,
                () -> metastore().tables().create(table(8, false), buckets()));
        assertThat(metastore().tables().read(8)).isEmpty();
        assertThat(metastore().bucketStates().read(8, TableBucket.NO_PARTITION)).isEmpty();
    }

    @Test
    void alterAddsTheNewSchemaAndKeepsTheOldOne() {
        metastore().databases().create(SALES);
        TableInfo t = table(7, false);
        metastore().tables().create(t, buckets());
        TableSchema wider = t.schema().plus(List.of(Column.of("b", DataTypes.string())));
        TableInfo altered =
                new TableInfo(
                        t.path(),
                        7,
                        2,
                        new TableDescriptor(
                                wider,
                                Optional.empty(),
                                List.of(),
                                List.of(),
                                OptionalInt.of(2),
                                Map.of(),
                                Map.of()),
                        3,
                        9);
        metastore().tables().alter(altered);
        assertThat(metastore().tables().read(7))
                .hasValue(new StoredTable(altered, List.of(t.schema(), wider)));
    }

    @Test
    void leadershipIsReplaced() {
        metastore().databases().create(SALES);
        metastore().tables().create(table(7, false), buckets());
        List<BucketState> next = buckets().stream().map(b -> b.elected(OptionalInt.of(4))).toList();
        metastore().bucketStates().write(7, TableBucket.NO_PARTITION, next);
        assertThat(metastore().bucketStates().read(7, TableBucket.NO_PARTITION)).isEqualTo(next);
        refused(
                ErrorReason.UNKNOWN_TABLE_OR_BUCKET,
                () -> metastore().bucketStates().write(8, TableBucket.NO_PARTITION, next));
    }

    @Test
    void dropTakesAllNodesAndNotesTheDataUntilItIsDeleted() {
        metastore().databases().create(SALES);
        TableInfo t = table(7, true);
        metastore().tables().create(t, List.of());
        metastore().partitions().create(7, partition(), buckets());
        metastore()
                .lakeSnapshots()
                .write(7, metastore().lakeSnapshots().read(7), List.of(snapshot(1)));
        Dropped.Group frame = new Dropped.Group(t.path(), 7, -1, 0, true);
        Dropped.Group data = new Dropped.Group(t.path(), 7, 30, 2, false);
        metastore().tables().drop(t, List.of(frame, data));
        assertThat(metastore().tables().all()).isEmpty();
        assertThat(metastore().partitions().all(7)).isEmpty();
        assertThat(metastore().dropped().all()).containsExactlyInAnyOrder(frame, data);
        assertThat(data.buckets()).containsExactly(bucket(0), bucket(1));
        metastore().dropped().finish(data);
        metastore().dropped().finish(data);
        assertThat(metastore().dropped().all()).containsExactly(frame);
    }

    @Test
    void partitionsComeAndGoWithTheirBuckets() {
        metastore().databases().create(SALES);
        TableInfo t = table(7, true);
        metastore().tables().create(t, List.of());
        metastore().partitions().create(7, partition(), buckets());
        assertThat(metastore().partitions().all(7)).containsExactly(partition());
        assertThat(metastore().bucketStates().read(7, 30)).isEqualTo(buckets());
        refused(
                ErrorReason.PARTITION_ALREADY_EXIST,
                () -> metastore().partitions().create(7, partition(), buckets()));
        Dropped.Group data = new Dropped.Group(t.path(), 7, 30, 2, false);
        metastore().partitions().drop(7, partition(), data);
        assertThat(metastore().bucketStates().read(7, 30)).isEmpty();
        refused(
                ErrorReason.PARTITION_NOT_EXIST,
                () -> metastore().partitions().drop(7, partition(), data));
    }

    @Test
    void lakeSnapshotsRefuseALateWriterAndADroppedTable() {
        metastore().databases().create(SALES);
        TableInfo t = table(7, false);
        metastore().tables().create(t, buckets());
        LakeSnapshots lake = metastore().lakeSnapshots();
        LakeSnapshots.Versioned none = lake.read(7);
        lake.write(7, none, List.of(snapshot(1)));
        refused(ErrorReason.LAKE_COMMIT_FENCED, () -> lake.write(7, none, List.of(snapshot(2))));
        LakeSnapshots.Versioned one = lake.read(7);
        assertThat(one.entries()).containsExactly(snapshot(1));
        lake.write(7, one, List.of(snapshot(1), snapshot(2)));
        refused(ErrorReason.LAKE_COMMIT_FENCED, () -> lake.write(7, one, List.of(snapshot(3))));
        metastore().tables().drop(t, List.of());
        refused(
                ErrorReason.LAKE_COMMIT_FENCED,
                () -> lake.write(7, lake.read(7), List.of(snapshot(3))));
    }

    @Test
    void snapshotsOfBucketsGoWithTheirPartition() {
        metastore().databases().create(SALES);
        TableInfo t = table(7, true);
        metastore().tables().create(t, List.of());
        metastore().partitions().create(7, partition(), buckets());
        KvSnapshots all = metastore().kvSnapshots();
        assertThat(all.read(bucket(1))).isEqualTo(KvSnapshots.OfBucket.NONE);
        KvSnapshots.OfBucket one =
                new KvSnapshots.OfBucket(5, List.of(new KvSnapshots.Entry(4, "file:///m", 99)));
        all.write(bucket(1), KvSnapshots.OfBucket.NONE, one);
        assertThat(all.all(7, 30)).isEqualTo(Map.of(1, one));
        refused(
                ErrorReason.FENCED_LEADER_EPOCH,
                () -> all.write(bucket(1), KvSnapshots.OfBucket.NONE, one));
        metastore().partitions().drop(7, partition(), new Dropped.Group(t.path(), 7, 30, 2, false));
        assertThat(all.all(7, 30)).isEmpty();
        metastore().tables().drop(t, List.of());
    }

    @Test
    void leasesHaveAnyName() {
        SnapshotLeases leases = metastore().snapshotLeases();
        SnapshotLeases.Lease lease =
                new SnapshotLeases.Lease(5, Map.of(bucket(1), 7L, TableBucket.of(3, 0), 0L));
        leases.write("..", lease);
        leases.write("a/ü %", lease);
        leases.write("a/ü %", new SnapshotLeases.Lease(6, lease.snapshots()));
        assertThat(leases.all().keySet()).containsExactlyInAnyOrder("..", "a/ü %");
        assertThat(leases.all().get("..")).isEqualTo(lease);
        assertThat(leases.all().get("a/ü %").expiresMs()).isEqualTo(6);
        leases.delete("..");
        leases.delete("..");
        leases.delete("a/ü %");
        assertThat(leases.all()).isEmpty();
    }

    @Test
    void countersNeverGiveANumberTwice() {
        assertThat(metastore().counters().take(Counter.TABLE_ID, 1)).isZero();
        assertThat(metastore().counters().take(Counter.TABLE_ID, 10)).isEqualTo(1);
        assertThat(metastore().counters().take(Counter.TABLE_ID, 1)).isEqualTo(11);
        assertThat(metastore().counters().take(Counter.WRITER_ID, 1)).isZero();
    }

    @Test
    void aServerThatComesBackHasAHigherEpoch() {
        assertThat(metastore().servers().register(3, "a", 5).epoch()).isZero();
        Servers.Registration second = metastore().servers().register(3, "b", 6);
        assertThat(second.epoch()).isEqualTo(1);
        assertThat(metastore().servers().all()).containsExactly(second);
    }

    private static Entry snapshot(long id) {
        return new Entry(
                id, "file:///o/" + id, id == 1 ? Optional.empty() : Optional.of("file:///r"));
    }

    private static TableBucket bucket(int b) {
        return new TableBucket(7, 30, b);
    }

    private static PartitionInfo partition() {
        Map<String, String> spec = new LinkedHashMap<>();
        spec.put("a", "2024");
        return new PartitionInfo(30, spec);
    }

    private static List<BucketState> buckets() {
        return List.of(
                new BucketState(0, OptionalInt.of(1), 0, 0, List.of(1, 2), List.of(1)),
                new BucketState(1, OptionalInt.empty(), 3, 4, List.of(2), List.of()));
    }

    private static TableInfo table(long id, boolean isPartitioned) {
        TableDescriptor d =
                TableDescriptor.of(TableSchema.of(Column.of("a", DataTypes.string())))
                        .withBuckets(2)
                        .withProperty("table.log.ttl", "1 d");
        return new TableInfo(
                TablePath.of("sales", "orders"),
                id,
                1,
                isPartitioned ? d.withPartitionKeys("a") : d,
                3,
                4);
    }

    private static void refused(ErrorReason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
