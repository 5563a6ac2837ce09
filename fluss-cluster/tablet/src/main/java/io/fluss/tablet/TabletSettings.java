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

import io.fluss.kv.KvSettings;
import io.fluss.log.LogSettings;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * Limits of the data path.
 *
 * @param bucketLoops threads that own buckets
 * @param loopQueueMax tasks that may wait for one of them; beyond it requests are turned away
 * @param waitingFetchesMax fetches that may wait for data; beyond it they are answered at once
 * @param minInSyncReplicas fewer in-sync replicas refuse writes with acks -1
 * @param writerExpiryCheck how often silent writers are looked for
 */
public record TabletSettings(
        int bucketLoops,
        int loopQueueMax,
        int waitingFetchesMax,
        int minInSyncReplicas,
        Duration writerExpiryCheck,
        StorageSettings storage,
        LogSettings log,
        KvSettings kv,
        ScanSettings scans) {

    public static TabletSettings from(Settings settings) {
        return new TabletSettings(
                settings.integer("tablet-server.bucket-loops", 4),
                settings.integer("tablet-server.bucket-loop.max-queued-tasks", 10_000),
                settings.integer("tablet-server.max-waiting-fetches", 10_000),
                settings.integer("log.replica.min-in-sync-replicas-number", 1),
                settings.duration(
                        "server.writer-id.expiration-check-interval", Duration.ofMinutes(10)),
                StorageSettings.from(settings),
                LogSettings.from(settings),
                KvSettings.of(settings),
                ScanSettings.of(settings));
    }
}
