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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.server.RegisterHistory.Operation;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegisterHistoryTest {
    private final RegisterHistory history = new RegisterHistory();

    private void write(int lane, String value, long start, long end) {
        history.add(lane, new Operation(true, Optional.ofNullable(value), start, end));
    }

    private void read(int lane, String value, long start, long end) {
        history.add(lane, new Operation(false, Optional.ofNullable(value), start, end));
    }

    @Test
    void readsOfWhatIsBeingWrittenMayGoEitherWayButNotBack() {
        write(1, "a", 0, 10);
        write(1, "b", 20, 30);
        read(2, "a", 21, 22);
        read(3, "b", 23, 24);
        assertThat(history.isLinearizable()).isTrue();
        read(2, "a", 25, 26);
        assertThat(history.isLinearizable()).isFalse();
    }

    @Test
    void anAcknowledgedWriteIsNotForgotten() {
        write(1, "a", 0, 10);
        read(2, null, 11, 12);
        assertThat(history.isLinearizable()).isFalse();
    }

    @Test
    void deletesAreWrites() {
        write(1, "a", 0, 10);
        write(1, null, 11, 20);
        read(2, null, 21, 22);
        assertThat(history.isLinearizable()).isTrue();
        read(2, "a", 23, 24);
        assertThat(history.isLinearizable()).isFalse();
    }

    @Test
    void aWriteWithoutAnswerMayShowUpLateOrNever() {
        write(1, "a", 0, RegisterHistory.NEVER);
        read(2, null, 5, 6);
        assertThat(history.isLinearizable()).isTrue();
        read(2, "a", 7, 8);
        read(2, "a", 9, 10);
        assertThat(history.isLinearizable()).isTrue();
        read(2, null, 11, 12);
        assertThat(history.isLinearizable()).isFalse();
    }

    @Test
    void ofConcurrentWritesTheOrderIsFree() {
        write(1, "a", 0, 100);
        write(2, "b", 0, 100);
        write(3, "c", 0, 100);
        read(4, "c", 10, 20);
        read(4, "a", 30, 40);
        read(4, "b", 50, 60);
        assertThat(history.isLinearizable()).isTrue();
        read(4, "a", 70, 80);
        assertThat(history.isLinearizable()).isFalse();
    }
}
