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
package io.fluss.spark.hold;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.lake.LakeScanProvider;
import io.fluss.table.TablePath;
import io.fluss.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.spark.sql.connector.read.Scan;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SnapshotHoldsTest {
    private static final Duration AFTER = Duration.ofMinutes(10);
    private static final OptionalLong EXECUTION = OptionalLong.of(5);

    private final ManualClock clock = new ManualClock(0);
    private final Lake lake = new Lake();
    // The steps are those of the test.
    private final SnapshotHolds holds = new SnapshotHolds(format -> lake, clock, task -> {});
    private final List<LakeUse> inUse = new ArrayList<>();

    @Test
    void holdsWhatALongQueryReads() {
        use(1, EXECUTION, AFTER);
        clock.advance(AFTER.minusMillis(1));
        assertThat(holds.step()).hasValue(Duration.ofMillis(1).toNanos());
        assertThat(lake.tags).isEmpty();

        clock.advance(Duration.ofMillis(1));
        holds.step();
        assertThat(lake.tags).containsValue(1L).hasSize(1);
        assertThat(lake.tags.keySet()).allMatch(n -> n.startsWith("fluss-query-"));
        holds.step();
        assertThat(lake.calls).hasSize(1);
    }

    @Test
    void shortQueriesCostNothing() {
        use(1, EXECUTION, AFTER);
        holds.executionEnded(5);
        clock.advance(AFTER.plusMinutes(20));
        holds.step();
        assertThat(lake.calls).isEmpty();
        forgetAll();
        clock.advance(Duration.ofDays(1));
        assertThat(holds.step()).isEmpty();
        assertThat(lake.calls).isEmpty();
    }

    @Test
    void holdsWhatCanStillBeReadAfterAnExecution() {
        use(1, EXECUTION, AFTER);
        use(2, OptionalLong.empty(), AFTER);
        holds.executionEnded(5);
        clock.advance(AFTER.plus(SnapshotHolds.COLLECTED_AFTER));
        holds.step();
        assertThat(lake.tags.values()).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void oneTagForAllQueriesOfASnapshot() {
        use(1, EXECUTION, AFTER);
        use(1, OptionalLong.of(6), AFTER);
        clock.advance(AFTER);
        holds.step();
        assertThat(lake.calls).hasSize(1);
        inUse.remove(0);
        System.gc();
        holds.step();
        assertThat(lake.tags).as("used by the other one").hasSize(1);
        forgetAll();
        assertThat(lake.tags).isEmpty();
        assertThat(holds.step()).isEmpty();
    }

    @Test
    void holdsAtOnceIfWanted() {
        use(1, OptionalLong.empty(), Duration.ZERO);
        assertThat(lake.tags).hasSize(1);
        use(1, OptionalLong.empty(), Duration.ZERO);
        holds.step();
        assertThat(lake.calls).hasSize(1);
    }

    @Test
    void isRenewedBeforeItEnds() {
        use(1, EXECUTION, Duration.ZERO);
        Duration half = SnapshotHolds.HOLD_MAX.dividedBy(2);
        assertThat(holds.step()).hasValue(half.toNanos());
        clock.advance(half);
        holds.step();
        assertThat(lake.calls).hasSize(2).allMatch(lake.calls.get(0)::equals);
        clock.advance(half);
        lake.refusal = new IllegalStateException("not now");
        for (int i = 0; i < 5; i++) {
            holds.step();
            clock.advance(SnapshotHolds.RETRY_AFTER);
        }
        lake.refusal = null;
        holds.step();
        assertThat(lake.calls).hasSize(8);
        assertThat(holds.step()).hasValue(half.toNanos());
    }

    @Test
    void goesOnWithoutTheRightToHold() {
        lake.refusal = new SecurityException("read only");
        use(1, EXECUTION, Duration.ZERO);
        for (int i = 0; i < 10; i++) {
            clock.advance(SnapshotHolds.RETRY_AFTER);
            holds.step();
        }
        assertThat(lake.calls).hasSize(SnapshotHolds.TRIES_MAX);
    }

    @Test
    void doesNotTryAgainWhatIsGone() {
        lake.refusal = ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception("gone");
        use(1, EXECUTION, AFTER);
        clock.advance(AFTER);
        holds.step();
        clock.advance(Duration.ofHours(1));
        holds.step();
        assertThat(lake.calls).hasSize(1);
    }

    @Test
    void neverIsLongEnough() {
        use(1, EXECUTION, Duration.ofDays(1_000_000));
        clock.advance(Duration.ofDays(300));
        holds.step();
        assertThat(lake.calls).isEmpty();
    }

    @Test
    void endsWithTheApplication() {
        use(1, EXECUTION, Duration.ZERO);
        use(2, EXECUTION, AFTER);
        holds.close();
        assertThat(lake.tags).isEmpty();
        use(3, EXECUTION, Duration.ZERO);
        assertThat(lake.calls).hasSize(1);
        assertThat(holds.step()).isEmpty();
    }

    private void use(long snapshotId, OptionalLong execution, Duration holdAfter) {
        LakeUse use = new LakeUse("d.t", snapshotId);
        inUse.add(use);
        HeldSnapshot snapshot =
                HeldSnapshot.of(
                        "any",
                        new LakeScanProvider.Request(
                                TablePath.of("d", "t"),
                                Map.of("warehouse", "here"),
                                snapshotId,
                                List.of("a"),
                                List.of()));
        holds.register(use, snapshot, execution, holdAfter);
    }

    /** Nothing reads any more, and the collector has seen it. */
    private void forgetAll() {
        inUse.clear();
        while (holds.step().isPresent()) {
            System.gc();
        }
    }

    /** Tags and what was asked of them. */
    private static final class Lake implements LakeScanProvider {
        private final Map<String, Long> tags = new TreeMap<>();
        private final List<String> calls = new ArrayList<>();
        private @Nullable RuntimeException refusal;

        @Override
        public String format() {
            return "any";
        }

        @Override
        public Scan scan(Request request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hold(Request request, String name, Duration atMost) {
            calls.add(name + " " + request.snapshotId());
            Optional.ofNullable(refusal)
                    .ifPresent(
                            r -> {
                                throw r;
                            });
            tags.put(name, request.snapshotId());
            return true;
        }

        @Override
        public void release(Request request, String name) {
            tags.remove(name);
        }
    }
}
