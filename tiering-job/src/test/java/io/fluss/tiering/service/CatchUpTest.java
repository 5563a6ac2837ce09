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

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CatchUpTest {
    private static final TablePath PATH = TablePath.of("db", "t");
    private static final TableBucket B0 = TableBucket.of(7, 0);
    private static final TableBucket B1 = TableBucket.of(7, 1);

    private final CatchUp goal = new CatchUp();

    @Test
    void isReachedWhenAllBucketsAre() {
        goal.add(7, PATH, Map.of(B0, 5L, B1, 2L));
        goal.tiered(7, Map.of(B0, 5L));
        assertThat(goal.open()).containsExactly(7L);
        goal.tiered(7, Map.of(B0, 6L, B1, 2L));
        assertThat(goal.isReached()).isTrue();
        assertThat(goal.failures()).isEmpty();
    }

    @Test
    void emptyTableIsReachedAtOnce() {
        goal.add(7, PATH, Map.of(B0, 0L));
        assertThat(goal.isReached()).isTrue();
    }

    @Test
    void givesUpATableThatFailsAgainAndAgain() {
        goal.add(7, PATH, Map.of(B0, 5L));
        for (int i = 0; i < CatchUp.FAILURES_MAX; i++) {
            assertThat(goal.isReached()).isFalse();
            goal.failed(7, ErrorReason.NETWORK.exception("gone"));
        }
        assertThat(goal.isReached()).isTrue();
        assertThat(goal.failures()).containsOnlyKeys(PATH);
    }

    @Test
    void droppedTableAndPartitionAreNoGoal() {
        goal.add(7, PATH, Map.of(B0, 5L));
        goal.gone(7);
        assertThat(goal.isReached()).isTrue();
        goal.add(8, PATH, Map.of(new TableBucket(8, 1, 0), 5L));
        goal.keepPartitions(8, Set.of(1L));
        assertThat(goal.isReached()).isFalse();
        goal.keepPartitions(8, Set.of(2L));
        assertThat(goal.isReached()).isTrue();
    }

    @Test
    void namesWhatWasNotHandedOut() {
        goal.add(7, PATH, Map.of(B0, 5L));
        goal.giveUp(1000);
        assertThat(goal.isReached()).isTrue();
        assertThat(goal.failures().get(PATH)).hasMessageContaining("--once-wait");
    }

    @Test
    void aTableWithoutAKnownLogEndFailsAlone() {
        goal.unknown(TablePath.of("db", "lost"), ErrorReason.NETWORK.exception("no leader"));
        goal.add(7, PATH, Map.of(B0, 5L));
        assertThat(goal.open()).containsExactly(7L);
        goal.tiered(7, Map.of(B0, 5L));
        assertThat(goal.isReached()).isTrue();
        assertThat(goal.failures()).containsOnlyKeys(TablePath.of("db", "lost"));
    }
}
