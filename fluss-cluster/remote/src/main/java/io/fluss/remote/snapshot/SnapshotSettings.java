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
package io.fluss.remote.snapshot;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * How snapshots are made; keys and defaults are those of the server behaviour document, section 18.
 *
 * @param interval between two snapshots of a bucket; zero: none are made
 * @param newestKept {@code kv.snapshot.num-retained}
 * @param threads that work on snapshots, of all buckets together
 */
public record SnapshotSettings(Duration interval, int newestKept, int threads) {

    public static SnapshotSettings from(Settings s) {
        Duration interval = s.duration("kv.snapshot.interval", Duration.ofMinutes(10));
        if (interval.isNegative()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 'kv.snapshot.interval' is "
                            + interval
                            + ", but must not be negative; 0 makes no snapshots");
        }
        return new SnapshotSettings(
                interval,
                atLeastOne(s, "kv.snapshot.num-retained", 2),
                atLeastOne(s, "kv.snapshot.scheduler-thread-num", 1));
    }

    private static int atLeastOne(Settings s, String key, int defaultValue) {
        int v = s.integer(key, defaultValue);
        if (v < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + v + ", but must be at least 1");
        }
        return v;
    }

    /** Whether snapshots are made at all. */
    public boolean isOn() {
        return !interval.isZero();
    }
}
