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
package io.fluss.coordinator.cluster;

import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.metastore.ClusterMaps;
import io.fluss.metastore.ClusterMaps.Kind;
import io.fluss.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server options: those of the start, and above them those that were changed at run time (server
 * behaviour document, section 11). Changed by the coordinator's loop, read by any thread.
 */
public final class ClusterOptions {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterOptions.class);
    private static final String MIN_IN_SYNC = "log.replica.min-in-sync-replicas-number";
    private static final String RATE_LIMIT = "kv.rocksdb.shared-rate-limiter.bytes-per-sec";

    private final ClusterMaps maps;
    private final Settings initial;
    private final Consumer<Settings> listener;
    private volatile State state;

    /** What is in force. */
    private record State(Map<String, String> changed, CoordinatorSettings settings) {
        State {
            changed = Map.copyOf(changed);
        }
    }

    /**
     * @param listener told all options after each change, on the coordinator's loop
     */
    public ClusterOptions(
            ClusterMaps maps, CoordinatorSettings initial, Consumer<Settings> listener) {
        this.maps = maps;
        this.initial = initial.all();
        this.listener = listener;
        this.state = new State(Map.of(), initial);
    }

    /** Options in force; any thread. */
    public CoordinatorSettings current() {
        return state.settings();
    }

    /** Options that were changed at run time and not reset; any thread. */
    public Map<String, String> changed() {
        return state.changed();
    }

    /** Takes up what was stored; a value that cannot be applied any more is passed over. */
    public void load() {
        Map<String, String> good = new HashMap<>();
        maps.read(Kind.OPTIONS)
                .forEach(
                        (key, value) -> {
                            Map<String, String> next = new HashMap<>(good);
                            next.put(key, value);
                            try {
                                check(key, merged(next));
                                good.put(key, value);
                            } catch (FlussException e) {
                                LOG.warn("stored option is passed over: {}", e.getMessage());
                            }
                        });
        apply(good);
    }

    /**
     * All changes or none; durable before they are in force.
     *
     * @param changes new values; empty resets to the value of the start
     * @throws FlussException with CONFIG for an option that cannot be changed at run time, or a
     *     value that does not fit
     */
    public void alter(Map<String, Optional<String>> changes) {
        Map<String, String> next = new HashMap<>(changed());
        changes.forEach(
                (key, value) ->
                        value.ifPresentOrElse(v -> next.put(key, v), () -> next.remove(key)));
        changes.keySet().forEach(key -> check(key, merged(next)));
        if (!next.equals(changed())) {
            maps.write(Kind.OPTIONS, next);
            apply(next);
        }
    }

    private void apply(Map<String, String> changed) {
        Settings all = merged(changed);
        state = new State(changed, CoordinatorSettings.from(all));
        listener.accept(all);
    }

    private Settings merged(Map<String, String> changed) {
        Map<String, String> all = new HashMap<>(initial.asMap());
        all.putAll(changed);
        return Settings.of(all);
    }

    private static void check(String key, Settings all) {
        try {
            if (key.equals(MIN_IN_SYNC)) {
                positive(key, all.integer(key, 1));
            } else if (key.equals(RATE_LIMIT)) {
                positive(key, all.bytes(key, Long.MAX_VALUE));
            } else if (!key.startsWith("datalake.")) {
                throw ErrorReason.CONFIG.exception(
                        "option '"
                                + key
                                + "' cannot be changed at run time; datalake.*, "
                                + MIN_IN_SYNC
                                + " and "
                                + RATE_LIMIT
                                + " can");
            }
            // Also finds options that do not fit together.
            CoordinatorSettings unused = CoordinatorSettings.from(all);
        } catch (FlussException e) {
            throw e.reason() == ErrorReason.CONFIG
                    ? e
                    : ErrorReason.CONFIG.exception(String.valueOf(e.getMessage()), e);
        }
    }

    private static void positive(String key, long value) {
        if (value < 1) {
            throw ErrorReason.CONFIG.exception(
                    "option '" + key + "' is " + value + ", but must be at least 1");
        }
    }
}
