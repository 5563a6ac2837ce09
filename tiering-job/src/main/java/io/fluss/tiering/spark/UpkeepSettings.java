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
package io.fluss.tiering.spark;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * What the job rewrites and removes in the lake after a round.
 *
 * @param expiresAll expire snapshots of all tables, not only of those with {@code
 *     table.datalake.auto-expire-snapshot}
 * @param readerWindow how long a snapshot can be read after a newer one has replaced it
 * @param retainLast so many of the newest snapshots stay in any case
 * @param orphanAge files of failed rounds stay for so long
 * @param orphanInterval how often they are looked for, per table
 * @param compaction when files are rewritten
 */
public record UpkeepSettings(
        boolean expiresAll,
        Duration readerWindow,
        int retainLast,
        Duration orphanAge,
        Duration orphanInterval,
        CompactionSettings compaction) {
    public static UpkeepSettings from(Settings s) {
        UpkeepSettings u =
                new UpkeepSettings(
                        s.flag("lake.tiering.auto-expire-snapshot", false),
                        s.duration("lake.tiering.expire.reader-window", Duration.ofHours(1)),
                        s.integer("lake.tiering.expire.retain-last", 1),
                        s.duration("lake.tiering.orphan-age", Duration.ofDays(1)),
                        s.duration("lake.tiering.orphan-interval", Duration.ofDays(1)),
                        CompactionSettings.from(s));
        if (u.retainLast < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "lake.tiering.expire.retain-last is " + u.retainLast + "; use at least 1");
        }
        return u;
    }
}
