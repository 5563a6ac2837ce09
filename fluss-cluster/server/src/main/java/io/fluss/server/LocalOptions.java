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

import io.fluss.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Server options of a local cluster: what was given, and what follows from its directory. */
final class LocalOptions {
    private static final Logger LOG = LoggerFactory.getLogger(LocalOptions.class);
    private static final List<String> HONOURED_PREFIXES =
            List.of(
                    "datalake.",
                    "kv.memory.",
                    "kv.flush.",
                    "kv.read.",
                    "kv.scanner.",
                    "kv.rocksdb.write-batch-size",
                    "kv.snapshot.",
                    "log.",
                    "netty.",
                    "remote.log",
                    "s3.",
                    "server.data-disk.");
    private static final Set<String> HONOURED =
            Set.of(
                    "data.dir",
                    "remote.data.dir",
                    "zookeeper.path.root",
                    "default.bucket.number",
                    "default.replication.factor",
                    "max.bucket.num",
                    "max.partition.num",
                    "allow.create.log.tables",
                    "allow.create.kv.tables",
                    "server.io-pool.size",
                    "server.writer-id.expiration-time",
                    "server.writer-id.expiration-check-interval",
                    "auto-partition.check.interval",
                    "auto-partition.expiry.wait-for-lake",
                    "coordinator.producer-offsets.ttl",
                    "coordinator.producer-offsets.cleanup-interval",
                    "lake.tiering.silence-max",
                    "lake.tiering.offsets-orphan-age",
                    "coordinator.offline-leader.retry-delay");

    private LocalOptions() {}

    static Settings complete(Path directory, Map<String, String> given) {
        Map<String, String> all = new HashMap<>(given);
        given.keySet().stream()
                .filter(k -> !isHonoured(k))
                .sorted()
                .forEach(k -> LOG.warn("option '{}' has no effect in a local cluster", k));
        Path root = directory.toAbsolutePath().normalize();
        all.putIfAbsent("data.dir", root.resolve("data").toString());
        all.putIfAbsent("remote.data.dir", root.resolve("remote").toUri().toString());
        // Disks of workstations are often nearly full; appends fail only when it really is.
        all.putIfAbsent("server.data-disk.write-limit-ratio", "1");
        if (given.keySet().stream().noneMatch(k -> k.startsWith("datalake."))) {
            all.put("datalake.format", "iceberg");
            all.put("datalake.iceberg.type", "hadoop");
            all.put("datalake.iceberg.warehouse", root.resolve("lake").toString());
        }
        return Settings.of(all);
    }

    private static boolean isHonoured(String key) {
        return HONOURED.contains(key) || HONOURED_PREFIXES.stream().anyMatch(key::startsWith);
    }
}
