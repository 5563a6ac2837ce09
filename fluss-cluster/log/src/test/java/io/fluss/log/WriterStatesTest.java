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
package io.fluss.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterStatesTest {
    private final WriterStates states = new WriterStates();

    private void append(long writer, int sequence, long offset, long timestampMs) {
        states.appended(writer, new WriterStates.Entry(sequence, offset, 9, timestampMs));
    }

    @Test
    void acceptsTheNextSequenceOnly() {
        assertThat(states.check(7, 0)).isInstanceOf(WriterStates.Check.Accepted.class);
        assertThat(states.check(7, 1)).isEqualTo(new WriterStates.Check.OutOfOrder(0, -1));
        append(7, 0, 0, 1);
        assertThat(states.check(7, 1)).isInstanceOf(WriterStates.Check.Accepted.class);
        assertThat(states.check(7, 2)).isEqualTo(new WriterStates.Check.OutOfOrder(1, 0));
        assertThat(states.check(-1, 99)).isInstanceOf(WriterStates.Check.Accepted.class);
    }

    @Test
    void wrapsBehindTheLargestSequence() {
        append(7, Integer.MAX_VALUE, 0, 1);
        assertThat(states.check(7, 0)).isInstanceOf(WriterStates.Check.Accepted.class);
    }

    @Test
    void knowsTheLastFiveBatches() {
        for (int i = 0; i < 8; i++) {
            append(7, i, i * 10L, i);
        }
        for (int i = 3; i < 8; i++) {
            assertThat(states.check(7, i))
                    .isEqualTo(
                            new WriterStates.Check.Duplicate(
                                    new WriterStates.Entry(i, i * 10L, 9, i)));
        }
        assertThat(states.check(7, 2)).isEqualTo(new WriterStates.Check.OutOfOrder(8, 7));
    }

    @Test
    void forgetsSilentWriters() {
        append(1, 0, 0, 100);
        append(2, 0, 10, 200);
        assertThat(states.expire(1150, 1000)).isEqualTo(1);
        assertThat(states.check(1, 1)).isInstanceOf(WriterStates.Check.OutOfOrder.class);
        assertThat(states.check(2, 1)).isInstanceOf(WriterStates.Check.Accepted.class);
    }

    @Test
    void snapshotKeepsAllRememberedBatches(@TempDir Path dir) throws Exception {
        for (int i = 0; i < 6; i++) {
            append(7, i, i * 10L, i);
        }
        Path file = dir.resolve("x" + WriterSnapshotFile.SUFFIX);
        WriterSnapshotFile.write(file, states.entries());
        WriterStates restored = new WriterStates();
        restored.restore(WriterSnapshotFile.read(file), 60);
        assertThat(restored.entries()).isEqualTo(states.entries());
    }
}
