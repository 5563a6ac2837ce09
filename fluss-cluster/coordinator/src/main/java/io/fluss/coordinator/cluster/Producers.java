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

import io.fluss.errors.ErrorReason;
import io.fluss.metastore.ProducerOffsets;
import io.fluss.metastore.ProducerOffsets.Entry;
import io.fluss.table.Names;
import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Offsets that producers register once, to undo what they wrote before a crash (server behaviour
 * document, section 16). Owned by the coordinator's loop; bounded in number and size.
 */
public final class Producers {
    private static final int BUCKETS_MAX = 10_000;
    private static final int PRODUCERS_MAX = 10_000;

    private final ProducerOffsets stored;
    private final Duration ttlDefault;

    public Producers(ProducerOffsets stored, Duration ttlDefault) {
        this.stored = stored;
        this.ttlDefault = ttlDefault;
    }

    /** The first registration counts: false if there is one that has not expired. */
    public boolean register(
            String producerId, Map<TableBucket, Long> offsets, Optional<Duration> ttl, long nowMs) {
        Names.problem(producerId, true)
                .ifPresent(
                        p -> {
                            throw ErrorReason.INVALID_PRODUCER_ID.exception(
                                    "producer id '" + producerId + "' " + p);
                        });
        if (offsets.size() > BUCKETS_MAX) {
            throw ErrorReason.INVALID_PRODUCER_ID.exception(
                    "producer '"
                            + producerId
                            + "' registers "
                            + offsets.size()
                            + " buckets; the most is "
                            + BUCKETS_MAX);
        }
        if (stored.ids().size() >= PRODUCERS_MAX && stored.read(producerId).isEmpty()) {
            throw ErrorReason.INVALID_PRODUCER_ID.exception(
                    PRODUCERS_MAX
                            + " producers have offsets registered, the most there may be; delete"
                            + " some");
        }
        long ttlMs = ttl.filter(d -> !d.isNegative()).orElse(ttlDefault).toMillis();
        long expiresMs = nowMs > Long.MAX_VALUE - ttlMs ? Long.MAX_VALUE : nowMs + ttlMs;
        return stored.register(producerId, new Entry(expiresMs, offsets), nowMs);
    }

    /** What has not expired. */
    public Optional<Entry> read(String producerId, long nowMs) {
        return isName(producerId)
                ? stored.read(producerId).filter(e -> e.expiresMs() > nowMs)
                : Optional.empty();
    }

    /** Does nothing if there is nothing. */
    public void delete(String producerId) {
        if (isName(producerId)) {
            stored.delete(producerId);
        }
    }

    /** Removes what has expired. */
    public void expire(long nowMs) {
        for (String id : stored.ids()) {
            if (stored.read(id).filter(e -> e.expiresMs() <= nowMs).isPresent()) {
                stored.delete(id);
            }
        }
    }

    private static boolean isName(String producerId) {
        return Names.problem(producerId, false).isEmpty();
    }
}
