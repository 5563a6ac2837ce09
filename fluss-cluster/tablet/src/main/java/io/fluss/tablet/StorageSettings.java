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

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * How logs are kept; keys and defaults are those of the server behaviour document, section 18.2.
 *
 * @param checkpointInterval how often appended bytes are forced and the recovery point recorded
 * @param retentionCheckInterval how often expired segments are looked for
 * @param isActiveRolled an expired segment that still grows is rolled, so that it can go
 * @param writeLimitRatio used part of the disk from which on writes are refused; 1: never
 * @param writeRecoverRatio used part of the disk at which they are taken again
 * @param diskCheckInterval how often the disk is looked at
 */
public record StorageSettings(
        Duration checkpointInterval,
        Duration retentionCheckInterval,
        boolean isActiveRolled,
        double writeLimitRatio,
        double writeRecoverRatio,
        Duration diskCheckInterval) {
    static final String LIMIT = "server.data-disk.write-limit-ratio";
    static final String RECOVER = "server.data-disk.write-recover-ratio";

    public StorageSettings {
        checkRatio(LIMIT, writeLimitRatio);
        checkRatio(RECOVER, writeRecoverRatio);
        if (writeRecoverRatio > writeLimitRatio) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '"
                            + RECOVER
                            + "' is "
                            + writeRecoverRatio
                            + ", but must not be above '"
                            + LIMIT
                            + "', which is "
                            + writeLimitRatio);
        }
    }

    public static StorageSettings from(Settings settings) {
        return new StorageSettings(
                settings.duration("log.flush.offset.checkpoint-interval", Duration.ofSeconds(60)),
                settings.duration("log.retention.check-interval", Duration.ofMinutes(5)),
                settings.flag("log.retention.roll-active-segment.enabled", false),
                ratio(settings, LIMIT, 0.85),
                ratio(settings, RECOVER, 0.80),
                settings.duration("server.data-disk.check-interval", Duration.ofSeconds(30)));
    }

    private static double ratio(Settings settings, String key, double defaultValue) {
        String text = settings.text(key, Double.toString(defaultValue));
        try {
            return Double.parseDouble(text.trim());
        } catch (NumberFormatException e) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' has the value '" + text + "', but must be from 0 to 1",
                    e);
        }
    }

    private static void checkRatio(String key, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + value + ", but must be from 0 to 1");
        }
    }
}
