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
package io.fluss.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
    private static final int LARGE = 1 << 20;
    private final RequestMemory memory = new RequestMemory(4 << 20);
    private final List<String> retried = new ArrayList<>();

    @Test
    void largeFramesNeverKeepSmallOnesWaiting() {
        assertThat(memory.take(3 * LARGE, () -> {})).isTrue();
        assertThat(memory.take(LARGE, () -> retried.add("large"))).isFalse();
        assertThat(memory.take(1000, () -> {})).isTrue();
        memory.give(1000);
        assertThat(retried).as("any release is worth a try").containsExactly("large");
        memory.give(3 * LARGE);
        assertThat(memory.used()).isZero();
        assertThat(memory.take(LARGE, () -> {})).isTrue();
    }

    @Test
    void aFrameAboveTheShareIsTakenAlone() {
        assertThat(memory.take(100 * LARGE, () -> {})).isTrue();
        assertThat(memory.take(LARGE, () -> {})).isFalse();
        memory.give(100 * LARGE);
        assertThat(memory.take(LARGE, () -> {})).isTrue();
        assertThat(memory.take(100 * LARGE, () -> {})).isFalse();
    }

    @Test
    void whoHasGoneIsNotCalled() {
        Runnable gone = () -> retried.add("gone");
        assertThat(memory.take(3 * LARGE, () -> {})).isTrue();
        assertThat(memory.take(LARGE, gone)).isFalse();
        memory.forget(gone);
        memory.give(3 * LARGE);
        assertThat(retried).isEmpty();
    }
}
