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
package io.fluss.remote;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * How the remote log is kept; keys and defaults are those of the server behaviour document, section
 * 18.4, except for the index cache, which is memory here.
 *
 * @param interval between two rounds of a bucket; zero: nothing is copied
 * @param uploadSegmentsMax segments that one round copies
 * @param threads that work on rounds and on reads of indexes
 * @param indexCacheBytesMax memory for indexes of remote segments
 */
public record RemoteLogSettings(
        Duration interval, int uploadSegmentsMax, int threads, long indexCacheBytesMax) {

    private static final long INDEX_CACHE_DEFAULT = 64L << 20;

    public static RemoteLogSettings from(Settings s) {
        Duration interval = s.duration("remote.log.task-interval-duration", Duration.ofMinutes(1));
        if (interval.isNegative()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 'remote.log.task-interval-duration' is "
                            + interval
                            + ", but must not be negative; 0 copies nothing");
        }
        return new RemoteLogSettings(
                interval,
                atLeastOne(s, "remote.log.task-max-upload-segments", 5),
                atLeastOne(s, "remote.log-manager.thread-pool-size", 4),
                s.bytes("remote.log.index-file-cache-size", INDEX_CACHE_DEFAULT));
    }

    private static int atLeastOne(Settings s, String key, int defaultValue) {
        int v = s.integer(key, defaultValue);
        if (v < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + v + ", but must be at least 1");
        }
        return v;
    }

    /** Whether segments are copied at all. */
    public boolean isOn() {
        return !interval.isZero();
    }
}
