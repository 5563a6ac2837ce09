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
package io.fluss.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.settings.Settings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiskGuardTest {
    private double used;

    private DiskGuard guard(Map<String, String> options) {
        return new DiskGuard(
                Path.of("data"), StorageSettings.from(Settings.of(options)), () -> used);
    }

    @Test
    void locksAtTheLimitAndUnlocksBelowTheOtherOne() {
        DiskGuard guard = guard(Map.of());
        double[] course = {0.5, 0.84, 0.85, 0.9, 0.81, 0.80, 0.84};
        boolean[] locked = {false, false, true, true, true, false, false};
        for (int i = 0; i < course.length; i++) {
            used = course[i];
            guard.sample();
            if (locked[i]) {
                assertThatThrownBy(guard::checkWritable)
                        .isInstanceOfSatisfying(
                                FlussException.class,
                                e ->
                                        assertThat(e.reason())
                                                .isEqualTo(ErrorReason.DISK_WRITE_LOCKED))
                        .hasMessageContaining("data directory data")
                        .hasMessageContaining("85.0 %");
            } else {
                assertThatCode(guard::checkWritable).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void aLimitOfOneNeverLocks() {
        DiskGuard guard = guard(Map.of("server.data-disk.write-limit-ratio", "1.0"));
        used = 1;
        guard.sample();
        guard.checkWritable();
    }

    @Test
    void refusesRatiosThatMakeNoSense() {
        for (Map<String, String> bad :
                java.util.List.of(
                        Map.of("server.data-disk.write-limit-ratio", "1.1"),
                        Map.of("server.data-disk.write-limit-ratio", "much"),
                        Map.of("server.data-disk.write-limit-ratio", "0.7"))) {
            assertThatThrownBy(() -> guard(bad))
                    .isInstanceOf(FlussException.class)
                    .hasMessageContaining("server.data-disk.write-");
        }
    }
}
