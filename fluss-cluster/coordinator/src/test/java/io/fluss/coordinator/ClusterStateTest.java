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
package io.fluss.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.coordinator.Coordinator.DatabaseChange;
import io.fluss.coordinator.api.ClusterApi;
import io.fluss.coordinator.cluster.ServerTags.Goal;
import io.fluss.coordinator.cluster.ServerTags.Tag;
import io.fluss.errors.ErrorReason;
import io.fluss.metastore.ClusterMaps.Kind;
import io.fluss.metastore.ProducerOffsets.Entry;
import io.fluss.protocol.messages.GetClusterHealthRequest;
import io.fluss.protocol.messages.ListRebalanceProgressRequest;
import io.fluss.protocol.messages.RebalanceRequest;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterStateTest {
    private static final String MIN_IN_SYNC = "log.replica.min-in-sync-replicas-number";
    private static final TableBucket BUCKET = TableBucket.of(7, 0);

    @TempDir Path remote;

    private RunningCoordinator c;

    @BeforeEach
    void start() {
        c = new RunningCoordinator(remote, "2024-03-10T12:00:00Z", Map.of());
    }

    // -------- options

    @Test
    void changedOptionsAreInForceAndSurviveARestart() {
        alter(MIN_IN_SYNC, "2");
        assertThat(c.tablets.options.integer(MIN_IN_SYNC, 1)).isEqualTo(2);
        alter("datalake.format", "iceberg");
        assertThat(c.get().settings().isLakeEnabled()).isTrue();
        c.restart();
        assertThat(c.get().changedOptions()).containsOnlyKeys(MIN_IN_SYNC, "datalake.format");
        assertThat(c.get().settings().isLakeEnabled()).isTrue();
        c.run(() -> c.get().alterOptions(Map.of("datalake.format", Optional.empty())));
        assertThat(c.get().settings().isLakeEnabled()).isFalse();
        assertThat(c.get().changedOptions()).containsOnlyKeys(MIN_IN_SYNC);
    }

    @ParameterizedTest
    @CsvSource({
        "default.bucket.number, 5",
        "no.such.option, 1",
        "log.replica.min-in-sync-replicas-number, 0",
        "log.replica.min-in-sync-replicas-number, many",
        "kv.rocksdb.shared-rate-limiter.bytes-per-sec, much",
        "datalake.format, parquet",
        "datalake.enabled, true"
    })
    void refusesOptionsAndValues(String key, String value) {
        c.refused(
                ErrorReason.CONFIG,
                () ->
                        c.get()
                                .alterOptions(
                                        Map.of(
                                                key,
                                                Optional.of(value),
                                                "datalake.iceberg.type",
                                                Optional.of("hadoop"))));
        assertThat(c.get().changedOptions()).isEmpty();
    }

    @Test
    void aStoredOptionThatDoesNotFitAnyMoreIsPassedOver() {
        c.metastore.clusterMaps().write(Kind.OPTIONS, Map.of("gone.option", "1", MIN_IN_SYNC, "2"));
        c.restart();
        assertThat(c.get().changedOptions()).containsOnlyKeys(MIN_IN_SYNC);
    }

    private void alter(String key, String value) {
        c.run(() -> c.get().alterOptions(Map.of(key, Optional.of(value))));
    }

    // -------- databases

    @Test
    void databasesAreAltered() {
        c.run(
                () ->
                        c.get()
                                .createDatabase(
                                        "a",
                                        new DatabaseDescriptor(
                                                Optional.of("first"), Map.of("x", "1")),
                                        false));
        c.clock.advance(Duration.ofSeconds(1));
        c.run(
                () ->
                        c.get()
                                .alterDatabase(
                                        "a",
                                        new DatabaseChange(
                                                Map.of(
                                                        "x",
                                                        Optional.empty(),
                                                        "y",
                                                        Optional.of("2")),
                                                Optional.empty()),
                                        false));
        var info = c.get().image().existingDatabase("a");
        assertThat(info.descriptor())
                .isEqualTo(new DatabaseDescriptor(Optional.of("first"), Map.of("y", "2")));
        assertThat(info.modifiedTimeMs()).isEqualTo(info.createdTimeMs() + 1000);
        c.run(
                () ->
                        c.get()
                                .alterDatabase(
                                        "a", new DatabaseChange(Map.of(), Optional.of("")), false));
        c.restart();
        assertThat(c.get().image().existingDatabase("a").descriptor().comment()).isEmpty();
        c.refused(
                ErrorReason.DATABASE_NOT_EXIST,
                () ->
                        c.get()
                                .alterDatabase(
                                        "b",
                                        new DatabaseChange(Map.of(), Optional.empty()),
                                        false));
        c.run(
                () ->
                        c.get()
                                .alterDatabase(
                                        "b", new DatabaseChange(Map.of(), Optional.empty()), true));
    }

    // -------- tags and rebalances

    @Test
    void tagsAreSetForAllServersOrNone() {
        c.refused(ErrorReason.SERVER_NOT_EXIST, () -> addTag(List.of(0, 9)));
        assertThat(c.metastore.clusterMaps().read(Kind.SERVER_TAGS)).isEmpty();
        c.run(() -> addTag(List.of(0)));
        c.run(() -> addTag(List.of(0)));
        c.restart();
        c.refused(
                ErrorReason.SERVER_TAG_ALREADY_EXIST,
                () -> c.get().onCluster((s, now) -> add(s, Tag.PERMANENT_OFFLINE)));
        c.refused(
                ErrorReason.SERVER_TAG_NOT_EXIST,
                () -> c.get().onCluster((s, now) -> remove(s, Tag.PERMANENT_OFFLINE)));
        c.refused(
                ErrorReason.REBALANCE_FAILURE,
                () -> c.get().onCluster((s, now) -> rebalance(s, Goal.LEADER_DISTRIBUTION)));
        c.run(() -> c.get().onCluster((s, now) -> remove(s, Tag.TEMPORARY_OFFLINE)));
        c.run(() -> c.get().onCluster((s, now) -> remove(s, Tag.TEMPORARY_OFFLINE)));
    }

    private java.util.concurrent.CompletableFuture<Boolean> addTag(List<Integer> servers) {
        return c.get()
                .onCluster(
                        (s, now) -> {
                            s.tags().add(servers, Tag.TEMPORARY_OFFLINE);
                            return true;
                        });
    }

    private static boolean add(Coordinator.ClusterStep step, Tag tag) {
        step.tags().add(List.of(0), tag);
        return true;
    }

    private static boolean remove(Coordinator.ClusterStep step, Tag tag) {
        step.tags().remove(List.of(0), tag);
        return true;
    }

    private static boolean rebalance(Coordinator.ClusterStep step, Goal goal) {
        step.tags().rebalance(List.of(goal), "id");
        return true;
    }

    @Test
    void aRebalanceOfOneServerIsCompleteAndStaysReadable() {
        ClusterApi api = new ClusterApi(c.get());
        ListRebalanceProgressRequest any = ListRebalanceProgressRequest.getDefaultInstance();
        assertThat(c.run(() -> api.rebalanceProgress(any)).hasRebalanceId()).isFalse();
        String id =
                c.run(() -> api.rebalance(RebalanceRequest.newBuilder().addGoals(1).build()))
                        .getRebalanceId();
        c.restart();
        ClusterApi again = new ClusterApi(c.get());
        var progress = c.run(() -> again.rebalanceProgress(any));
        assertThat(progress.getRebalanceId()).isEqualTo(id);
        assertThat(progress.getRebalanceStatus()).isEqualTo(3);
        assertThat(
                        c.run(
                                        () ->
                                                again.rebalanceProgress(
                                                        ListRebalanceProgressRequest.newBuilder()
                                                                .setRebalanceId("other")
                                                                .build()))
                                .hasRebalanceId())
                .isFalse();
    }

    // -------- producers

    @Test
    void theFirstRegistrationCountsUntilItExpires() {
        assertThat(register("p", 1, Optional.empty())).isTrue();
        assertThat(register("p", 2, Optional.empty())).isFalse();
        c.restart();
        assertThat(read("p").map(Entry::offsets)).hasValue(Map.of(BUCKET, 1L));
        c.clock.advance(Duration.ofHours(24));
        assertThat(read("p")).isEmpty();
        assertThat(register("p", 3, Optional.of(Duration.ofMinutes(1)))).isTrue();
        c.advance(Duration.ofHours(1));
        assertThat(c.metastore.producerOffsets().ids()).isEmpty();
    }

    @Test
    void producersAreDeletedAndTheirIdsChecked() {
        assertThat(register("p", 1, Optional.empty())).isTrue();
        c.run(() -> c.get().onCluster((s, now) -> delete(s, "p")));
        c.run(() -> c.get().onCluster((s, now) -> delete(s, "p")));
        c.run(() -> c.get().onCluster((s, now) -> delete(s, "a/b")));
        assertThat(read("p")).isEmpty();
        assertThat(read("a/b")).isEmpty();
        c.refused(
                ErrorReason.INVALID_PRODUCER_ID,
                () ->
                        c.get()
                                .onCluster(
                                        (s, now) ->
                                                s.producers()
                                                        .register(
                                                                "a/b",
                                                                Map.of(),
                                                                Optional.empty(),
                                                                now)));
    }

    private boolean register(String id, long offset, Optional<Duration> ttl) {
        return c.run(
                () ->
                        c.get()
                                .onCluster(
                                        (s, now) ->
                                                s.producers()
                                                        .register(
                                                                id,
                                                                Map.of(BUCKET, offset),
                                                                ttl,
                                                                now)));
    }

    private Optional<Entry> read(String id) {
        return c.run(() -> c.get().onCluster((s, now) -> s.producers().read(id, now)));
    }

    private static boolean delete(Coordinator.ClusterStep step, String id) {
        step.producers().delete(id);
        return true;
    }

    // -------- health

    @Test
    void healthIsRedWithoutLeadersAndGreenWithAll() {
        ClusterApi api = new ClusterApi(c.get());
        assertThat(api.health(GetClusterHealthRequest.getDefaultInstance()).getStatus()).isZero();
        c.tablets.answer = Optional.of(ErrorReason.STORAGE.exception("disk"));
        TableDescriptor d =
                TableDescriptor.of(TableSchema.of(Column.of("a", DataTypes.integer())))
                        .withBuckets(2);
        c.run(() -> c.get().createTable(TablePath.of("fluss", "t"), d, false));
        var red = api.health(GetClusterHealthRequest.getDefaultInstance());
        assertThat(red.getStatus()).isEqualTo(2);
        assertThat(red.getNumLeaderReplicas()).isEqualTo(2);
        assertThat(red.getActiveLeaderReplicas()).isZero();
        c.tablets.answer = Optional.empty();
        c.advance(Duration.ofMinutes(1));
        c.settle();
        var green = api.health(GetClusterHealthRequest.getDefaultInstance());
        assertThat(green.getStatus()).isZero();
        assertThat(green.getInSyncReplicas()).isEqualTo(2);
    }
}
