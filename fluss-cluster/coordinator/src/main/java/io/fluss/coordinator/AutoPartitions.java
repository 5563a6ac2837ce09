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
package io.fluss.coordinator;

import io.fluss.coordinator.image.TableEntry;
import io.fluss.coordinator.rules.AutoPartition;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes partitions ahead of time and drops old ones (table semantics document, section 9.3). Owned
 * by the coordinator's loop. A table without room for more partitions is tried again at the next
 * run.
 */
final class AutoPartitions {
    private static final Logger LOG = LoggerFactory.getLogger(AutoPartitions.class);
    private static final int DELAY_HOURS = 24;

    private final CoordinatorPorts ports;
    private final ImageHolder images;
    private final Catalogue catalogue;

    /** By table id: how far a daily table lags, so that not all are extended at midnight. */
    private final Map<Long, Duration> delays = new HashMap<>();

    /** The changes this asks for; on the coordinator's loop. */
    interface Catalogue {
        /** Creates a partition that is not there. */
        void create(TableInfo table, Map<String, String> spec);

        void drop(TableInfo table, PartitionInfo partition);

        /** Whether expired partitions of the table wait until the lake holds them. */
        boolean isWaitingForLake(TableInfo table);

        /** Looks which partitions the lake holds, and drops these later. */
        void dropOnceTiered(TableInfo table, List<PartitionInfo> expired);
    }

    AutoPartitions(CoordinatorPorts ports, ImageHolder images, Catalogue catalogue) {
        this.ports = ports;
        this.images = images;
        this.catalogue = catalogue;
    }

    /** One run over all tables. */
    void run() {
        Set<Long> present = new HashSet<>();
        for (TableEntry table : List.copyOf(images.image().tables().values())) {
            present.add(table.info().tableId());
            run(table.info().tableId(), false);
        }
        delays.keySet().retainAll(present);
    }

    /**
     * One run over one table: drops first, so that there is room.
     *
     * @param isForced after a creation or a change: what is due is made without delay
     */
    void run(long tableId, boolean isForced) {
        ports.loop().assertOwner();
        images.image()
                .table(tableId)
                .ifPresent(
                        table ->
                                AutoPartition.of(table.info().descriptor())
                                        .filter(AutoPartition::isEnabled)
                                        .ifPresent(auto -> run(table, auto, isForced)));
    }

    private void run(TableEntry table, AutoPartition auto, boolean isForced) {
        long nowMs = ports.clock().nowMs();
        drop(table.info(), auto.expired(table.partitions().values(), nowMs));
        boolean isDelayed = auto.isDaily() && !isForced;
        Duration delay = isDelayed ? delay(table.info().tableId()) : Duration.ZERO;
        Set<String> missing = new HashSet<>(auto.ahead(nowMs, delay));
        // A day that ended before this table was made has no partition to come late.
        missing.retainAll(auto.ahead(nowMs, Duration.ZERO));
        table.partitions().values().forEach(p -> missing.removeAll(p.spec().values()));
        for (String value : missing.stream().sorted().toList()) {
            // A retention of 0 with a delay must not make what the next run drops.
            if (!auto.isExpired(auto.spec(value), nowMs) && !create(table.info(), auto, value)) {
                return;
            }
        }
    }

    private Duration delay(long tableId) {
        return delays.computeIfAbsent(
                tableId, id -> Duration.ofHours(ports.random().nextInt(DELAY_HOURS)));
    }

    private boolean create(TableInfo table, AutoPartition auto, String value) {
        try {
            catalogue.create(table, auto.spec(value));
            return true;
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.STORAGE) {
                throw e;
            }
            LOG.warn("partition {} of {} is not made now: {}", value, table.path(), e.getMessage());
            return false;
        }
    }

    private void drop(TableInfo table, List<PartitionInfo> expired) {
        if (expired.isEmpty()) {
            return;
        }
        if (catalogue.isWaitingForLake(table)) {
            catalogue.dropOnceTiered(table, expired);
            return;
        }
        for (PartitionInfo p : expired) {
            LOG.info("partition {} of {} has expired", p.name(), table.path());
            catalogue.drop(table, p);
        }
    }

    /**
     * The partitions that the lake holds completely.
     *
     * @param logEnds end of the log of each bucket; a bucket that is not known holds its partition
     *     back
     */
    static List<PartitionInfo> tiered(
            List<PartitionInfo> partitions,
            LongFunction<List<TableBucket>> buckets,
            Map<TableBucket, Long> logEnds,
            Map<TableBucket, Long> lakeEnds) {
        List<PartitionInfo> out = new ArrayList<>();
        for (PartitionInfo p : partitions) {
            boolean isTiered =
                    buckets.apply(p.partitionId()).stream()
                            .allMatch(
                                    b ->
                                            logEnds.getOrDefault(b, Long.MAX_VALUE)
                                                    <= lakeEnds.getOrDefault(b, 0L));
            if (isTiered) {
                out.add(p);
            }
        }
        return out;
    }
}
