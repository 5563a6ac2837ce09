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
package io.fluss.spark.stream;

import io.fluss.client.OffsetSpec;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.FlussOptions.StartupMode;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.read.LogRangePartition;
import io.fluss.spark.read.LogSource;
import io.fluss.spark.read.TableOffsets;
import io.fluss.spark.read.TierReaderFactory;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.jspecify.annotations.Nullable;

/**
 * The log of a table as a micro-batch source, read in columns. New partitions are found with every
 * batch and read from their beginning. Owned by the stream execution thread; only {@link #metrics}
 * may come from another one and reads published values.
 *
 * <p>A micro-batch is one range per bucket. Replay after a crash reads the same ranges, so it gives
 * the same rows.
 */
public final class LogMicroBatchStream
        implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {
    private final TableInfo table;
    private final FlussOptions options;
    private final LogSource source;
    private final InitialOffsets initialOffsets;
    private final Set<TableBucket> checkedForGap = new HashSet<>();
    private SharedConnections.@Nullable Lease lease;
    private @Nullable Map<TableBucket, Long> availableNow;
    private volatile Map<TableBucket, Long> latest = Map.of();

    private LogMicroBatchStream(
            TableInfo table,
            FlussOptions options,
            LogSource source,
            InitialOffsets initialOffsets) {
        this.table = table;
        this.options = options;
        this.source = source;
        this.initialOffsets = initialOffsets;
    }

    /**
     * Opens nothing yet: Spark builds streams that it never starts.
     *
     * @param checkpointLocation of this source in the query's checkpoint
     */
    public static LogMicroBatchStream open(
            TableInfo table, FlussOptions options, LogSource source, String checkpointLocation) {
        if (table.hasPrimaryKey()) {
            throw ErrorReason.UNSUPPORTED_VERSION.exception(
                    table.path() + " has a primary key: its changelog cannot be streamed so far");
        }
        return new LogMicroBatchStream(
                table,
                options,
                source,
                new InitialOffsets(
                        SparkSession.active().sessionState().newHadoopConf(), checkpointLocation));
    }

    @Override
    public Offset initialOffset() {
        OffsetSpec spec =
                options.startupMode() == StartupMode.LATEST
                        ? new OffsetSpec.Latest()
                        : new OffsetSpec.Earliest();
        return deserializeOffset(
                initialOffsets.getOrWrite(() -> LogOffset.of(table.tableId(), list(spec)).json()));
    }

    @Override
    public Offset latestOffset() {
        throw new UnsupportedOperationException("Spark asks with a read limit");
    }

    @Override
    public ReadLimit getDefaultReadLimit() {
        OptionalLong max = options.maxOffsetsPerTrigger();
        return max.isPresent() ? ReadLimit.maxRows(max.getAsLong()) : ReadLimit.allAvailable();
    }

    @Override
    public Offset latestOffset(Offset start, ReadLimit limit) {
        Map<TableBucket, Long> target = availableNow;
        if (target == null) {
            target = list(new OffsetSpec.Latest());
        }
        latest = Map.copyOf(target);
        Map<TableBucket, Long> from = withStarts(((LogOffset) start).buckets(), target.keySet());
        Map<TableBucket, Long> end = Admission.end(from, target, Admission.rowsMax(limit));
        // Partitions that were dropped stay in the offset: nothing is left to read of them.
        Map<TableBucket, Long> all = new TreeMap<>(from);
        all.putAll(end);
        return LogOffset.of(table.tableId(), all);
    }

    @Override
    public @Nullable Offset reportLatestOffset() {
        Map<TableBucket, Long> l = latest;
        return l.isEmpty() ? null : LogOffset.of(table.tableId(), l);
    }

    @Override
    public void prepareForTriggerAvailableNow() {
        availableNow = list(new OffsetSpec.Latest());
    }

    @Override
    public InputPartition[] planInputPartitions(Offset start, Offset end) {
        Map<TableBucket, Long> to = ((LogOffset) end).buckets();
        Map<TableBucket, Long> from = withStarts(((LogOffset) start).buckets(), to.keySet());
        List<LogRangePartition> ranges = new ArrayList<>();
        to.forEach(
                (bucket, stop) -> {
                    long begin = from.getOrDefault(bucket, 0L);
                    if (begin < stop) {
                        ranges.add(new LogRangePartition(bucket, begin, stop));
                    }
                });
        refuseGap(ranges);
        return ranges.toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        return TierReaderFactory.logOnly(source);
    }

    @Override
    public Offset deserializeOffset(String json) {
        return LogOffset.parse(json, table.tableId(), table.path().toString());
    }

    @Override
    public void commit(Offset end) {
        // The cluster keeps no reader positions: retention is by time and lake progress.
    }

    @Override
    public void stop() {
        SharedConnections.Lease l = lease;
        if (l != null) {
            lease = null;
            l.close();
        }
    }

    @Override
    public Map<String, String> metrics(Optional<Offset> latestConsumedOffset) {
        if (latestConsumedOffset.isEmpty()) {
            return Map.of();
        }
        Map<TableBucket, Long> consumed = ((LogOffset) latestConsumedOffset.get()).buckets();
        long backlog = 0;
        for (Map.Entry<TableBucket, Long> e : latest.entrySet()) {
            backlog += Math.max(0, e.getValue() - consumed.getOrDefault(e.getKey(), 0L));
        }
        return Map.of("backlogRecords", Long.toString(backlog));
    }

    /** The offsets, with the start of the log for buckets that are not in it. */
    private Map<TableBucket, Long> withStarts(
            Map<TableBucket, Long> known, Set<TableBucket> wanted) {
        Map<TableBucket, Long> all = new TreeMap<>(known);
        if (!known.keySet().containsAll(wanted)) {
            list(new OffsetSpec.Earliest()).forEach(all::putIfAbsent);
        }
        return all;
    }

    /**
     * A bucket's first range after a start is where retention may have overtaken the query; later
     * the reader would notice.
     */
    private void refuseGap(List<LogRangePartition> ranges) {
        List<LogRangePartition> unchecked =
                ranges.stream().filter(r -> !checkedForGap.contains(r.bucket())).toList();
        if (unchecked.isEmpty()) {
            return;
        }
        Map<TableBucket, Long> starts = list(new OffsetSpec.Earliest());
        for (LogRangePartition r : unchecked) {
            Long first = starts.get(r.bucket());
            if (first == null) {
                throw ErrorReason.PARTITION_NOT_EXIST.exception(
                        table.path()
                                + ": bucket "
                                + r.bucket()
                                + " was dropped before its offsets ["
                                + r.from()
                                + ", "
                                + r.to()
                                + ") were read");
            }
            if (r.from() < first) {
                throw ErrorReason.LOG_OFFSET_OUT_OF_RANGE.exception(
                        table.path()
                                + ": offsets ["
                                + r.from()
                                + ", "
                                + first
                                + ") of bucket "
                                + r.bucket()
                                + " were removed from the log before the query read them. Start"
                                + " with a new checkpoint location to go on without them");
            }
            checkedForGap.add(r.bucket());
        }
    }

    private Map<TableBucket, Long> list(OffsetSpec spec) {
        SharedConnections.Lease l = lease();
        return TableOffsets.list(l.admin(), table, TableOffsets.partitions(l.admin(), table), spec);
    }

    private SharedConnections.Lease lease() {
        SharedConnections.Lease l = lease;
        if (l == null) {
            l = SharedConnections.lease(options.clientSettings());
            lease = l;
        }
        return l;
    }
}
