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
package io.fluss.coordinator.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.metastore.BucketState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AssignmentTest {
    @Test
    void leadersSpreadEvenlyAndReplicasAreOnDifferentServers() {
        for (long seed = 0; seed < 50; seed++) {
            List<BucketState> states = Assignment.of(12, 3, List.of(3, 5, 8, 9), new Random(seed));
            Map<Integer, Long> leaders =
                    states.stream()
                            .collect(
                                    Collectors.groupingBy(
                                            s -> s.leader().orElseThrow(), Collectors.counting()));
            assertThat(leaders)
                    .containsOnlyKeys(3, 5, 8, 9)
                    .allSatisfy((s, n) -> assertThat(n).isEqualTo(3));
            for (BucketState s : states) {
                assertThat(new HashSet<>(s.replicas())).hasSize(3);
                assertThat(s.isr()).isEqualTo(s.replicas());
                assertThat(s.leader()).hasValue(s.replicas().get(0));
            }
        }
    }

    @Test
    void oneServerLeadsAll() {
        assertThat(Assignment.of(2, 1, List.of(0), new Random(1)))
                .extracting(BucketState::replicas)
                .containsExactly(List.of(0), List.of(0));
    }

    @Test
    void refusesMoreReplicasThanServers() {
        assertThatThrownBy(() -> Assignment.of(1, 2, List.of(0), new Random(1)))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e ->
                                assertThat(e.reason())
                                        .isEqualTo(ErrorReason.INVALID_REPLICATION_FACTOR));
    }
}
