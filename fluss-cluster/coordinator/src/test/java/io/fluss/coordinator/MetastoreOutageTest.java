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

import io.fluss.coordinator.Coordinator.TableChange;
import io.fluss.coordinator.FlakyNodeTree.Fault;
import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.Endpoint;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.LocalFileStore;
import io.fluss.metastore.InMemoryNodeTree;
import io.fluss.metastore.Metastore;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image stays what the metastore holds, also when the metastore does not answer. */
class MetastoreOutageTest {
    private static final TablePath ORDERS = TablePath.of("fluss", "orders");
    private static final TablePath DAYS = TablePath.of("fluss", "days");
    private static final ServerNode SERVER =
            new ServerNode(0, Map.of("FLUSS", new Endpoint("127.0.0.1", 1)), Optional.empty());

    @TempDir Path remote;

    private final FlakyNodeTree tree = new FlakyNodeTree(new InMemoryNodeTree());
    private final Metastore metastore = Metastore.over(tree);
    private final ManualClock clock = new ManualClock(1000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FakeTabletServers tablets = new FakeTabletServers();
    private Coordinator coordinator;

    @BeforeEach
    void start() {
        CoordinatorPorts ports =
                new CoordinatorPorts(
                        loop,
                        Runnable::run,
                        clock,
                        new Random(1),
                        metastore,
                        new LocalFileStore(),
                        tablets,
                        (path, descriptor, creating) -> {});
        Map<String, String> options = Map.of("remote.data.dir", remote.toString());
        coordinator = new Coordinator(CoordinatorSettings.from(Settings.of(options)), ports);
        CompletableFuture<Void> ready = coordinator.start(List.of(SERVER));
        settle();
        assertThat(ready).isCompleted();
    }

    @Test
    void aTableWhoseCreationWasDoneButNotAnsweredIsServed() {
        // The first commit of a creation takes the table's id.
        tree.fail(Fault.ANSWER_LOST, 1);
        refused(() -> coordinator.createTable(ORDERS, descriptor(), false), ErrorReason.STORAGE);
        assertThat(coordinator.image().table(ORDERS)).isEmpty();
        refused(
                () -> coordinator.createTable(ORDERS, descriptor(), false),
                ErrorReason.TABLE_ALREADY_EXIST);
        settle();
        assertThat(coordinator.image().existing(ORDERS).buckets().get(TableBucket.NO_PARTITION))
                .hasSize(2)
                .allMatch(Bucket::isServing);
    }

    @Test
    void aTableWhoseCreationWasLostCanBeCreated() {
        tree.fail(Fault.COMMIT_LOST, 1);
        refused(() -> coordinator.createTable(ORDERS, descriptor(), false), ErrorReason.STORAGE);
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        assertThat(metastore.tables().all()).hasSize(1);
        assertThat(coordinator.image().tables()).containsOnlyKeys(ORDERS);
    }

    @Test
    void aDropThatWasDoneButNotAnsweredDeletesTheData() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        tree.fail(Fault.ANSWER_LOST, 0);
        refused(() -> coordinator.dropTable(ORDERS, false), ErrorReason.STORAGE);
        assertThat(tablets.deleted).isEmpty();
        refused(() -> coordinator.dropTable(ORDERS, false), ErrorReason.TABLE_NOT_EXIST);
        assertThat(tablets.deleted).hasSize(2);
        assertThat(metastore.dropped().all()).isEmpty();
    }

    @Test
    void anAlterationThatWasDoneButNotAnsweredIsToldToTheServers() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        tree.fail(Fault.ANSWER_LOST, 0);
        TableChange change =
                new TableChange(Map.of("table.log.ttl", Optional.of("1 d")), List.of());
        refused(() -> coordinator.alterTable(ORDERS, change, false), ErrorReason.STORAGE);
        assertThat(tablets.changed).isEmpty();
        run(() -> coordinator.createTable(DAYS, descriptor(), false));
        assertThat(tablets.changed)
                .singleElement()
                .satisfies(
                        t ->
                                assertThat(t.descriptor().properties())
                                        .containsEntry("table.log.ttl", "1 d"));
    }

    @Test
    void partitionsAndDatabasesAreReadAgainToo() {
        run(() -> coordinator.createTable(DAYS, descriptor().withPartitionKeys("day"), false));
        tree.fail(Fault.ANSWER_LOST, 1);
        refused(
                () -> coordinator.createPartition(DAYS, Map.of("day", "1"), false),
                ErrorReason.STORAGE);
        tree.fail(Fault.ANSWER_LOST, 0);
        refused(
                () -> coordinator.createDatabase("a", DatabaseDescriptor.EMPTY, false),
                ErrorReason.STORAGE);
        refused(
                () -> coordinator.createDatabase("a", DatabaseDescriptor.EMPTY, false),
                ErrorReason.DATABASE_ALREADY_EXIST);
        assertThat(coordinator.image().existing(DAYS).partitions()).containsOnlyKeys("1");
    }

    @Test
    void nothingIsChangedUntilTheMetastoreAnswersAgainAndReadersNeedNoChange() {
        run(() -> coordinator.createTable(ORDERS, descriptor(), false));
        settle();
        tree.fail(Fault.ANSWER_LOST, 1);
        refused(() -> coordinator.createTable(DAYS, descriptor(), false), ErrorReason.STORAGE);
        tree.fail(Fault.DOWN, 0);
        refused(() -> coordinator.dropTable(ORDERS, false), ErrorReason.STORAGE);
        loop.advance(Duration.ofMinutes(1));
        loop.runAll();
        assertThat(coordinator.image().tables()).containsOnlyKeys(ORDERS);
        tree.fail(Fault.NONE, 0);
        loop.advance(Duration.ofMinutes(1));
        loop.runAll();
        assertThat(coordinator.image().tables()).containsOnlyKeys(ORDERS, DAYS);
        assertThat(coordinator.image().existing(ORDERS).buckets().get(TableBucket.NO_PARTITION))
                .as("a leader that serves goes on serving")
                .allMatch(Bucket::isServing);
    }

    private static TableDescriptor descriptor() {
        return TableDescriptor.of(
                        TableSchema.of(
                                Column.of("id", DataTypes.integer()),
                                Column.of("day", DataTypes.string())))
                .withBuckets(2);
    }

    private void settle() {
        loop.runAll();
        tablets.answerAll();
        loop.runAll();
    }

    private void run(Supplier<CompletableFuture<Void>> call) {
        CompletableFuture<Void> result = call.get();
        loop.runAll();
        assertThat(result).isCompleted();
    }

    private void refused(Supplier<CompletableFuture<Void>> call, ErrorReason reason) {
        CompletableFuture<Void> result = call.get();
        loop.runAll();
        assertThat(result).isCompletedExceptionally();
        Throwable failure = result.handle((ok, e) -> e).join();
        assertThat(FlussException.from(failure).reason()).isEqualTo(reason);
    }
}
