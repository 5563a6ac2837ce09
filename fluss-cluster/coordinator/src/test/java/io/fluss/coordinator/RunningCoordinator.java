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

import io.fluss.coordinator.image.Endpoint;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.LocalFileStore;
import io.fluss.metastore.InMemoryNodeTree;
import io.fluss.metastore.Metastore;
import io.fluss.settings.Settings;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A coordinator on a manual loop, with one tablet server that agrees to everything. */
final class RunningCoordinator {
    static final ServerNode SERVER =
            new ServerNode(0, Map.of("FLUSS", new Endpoint("localhost", 1)), Optional.empty());

    final Metastore metastore = InMemoryNodeTree.metastore();
    final ManualClock clock;
    final FakeTabletServers tablets = new FakeTabletServers();
    private final Map<String, String> options;
    private ManualLoop loop;
    private Coordinator coordinator;

    RunningCoordinator(Path remote, String now, Map<String, String> options) {
        this.clock = new ManualClock(Instant.parse(now).toEpochMilli());
        this.options = new HashMap<>(options);
        this.options.put("remote.data.dir", remote.toString());
        this.loop = new ManualLoop(clock);
        this.coordinator = start();
    }

    /** As after the end of the process. */
    void restart() {
        loop = new ManualLoop(clock);
        coordinator = start();
    }

    private Coordinator start() {
        Coordinator c =
                new Coordinator(
                        CoordinatorSettings.from(Settings.of(options)),
                        new CoordinatorPorts(
                                loop,
                                Runnable::run,
                                clock,
                                new Random(1),
                                metastore,
                                new LocalFileStore(),
                                tablets,
                                (path, descriptor, isNew) -> {}));
        CompletableFuture<Void> ready = c.start(List.of(SERVER));
        settle();
        assertThat(ready).isCompleted();
        return c;
    }

    Coordinator get() {
        return coordinator;
    }

    void settle() {
        loop.runAll();
        tablets.answerAll();
        loop.runAll();
    }

    void advance(Duration by) {
        loop.advance(by);
        settle();
    }

    <T> T run(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = call.get();
        settle();
        assertThat(result).isDone();
        return result.join();
    }

    void refused(ErrorReason reason, Supplier<? extends CompletableFuture<?>> call) {
        CompletableFuture<?> result = call.get();
        settle();
        assertThat(result).isCompletedExceptionally();
        Throwable failure = result.handle((ok, e) -> e).join();
        assertThat(FlussException.from(failure).reason()).isEqualTo(reason);
    }
}
