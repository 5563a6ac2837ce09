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
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.read.LakeTier;
import io.fluss.spark.read.LogRangePartition;
import io.fluss.spark.read.LogSource;
import io.fluss.spark.read.RowsAtPartition;
import io.fluss.spark.read.TableOffsets;
import io.fluss.spark.read.TierReaderFactory;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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
import org.apache.spark.sql.connector.read.streaming.ReadMinRows;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table as a micro-batch source, read in columns: in mode full the lake snapshot as a batch of
 * its own, then the log. New partitions are found with every batch and read from their first
 * record. Owned by the stream execution thread; only {@link #metrics} may come from another one and
 * reads published values.
 *
 * <p>A micro-batch is one range per bucket. Replay after a crash reads the same ranges, so it gives
 * the same rows. A bucket that the start of a batch does not name belongs to a partition that was
 * created later, so it begins at offset 0 - never where its log happens to begin now, which would
 * pass over records that retention has taken meanwhile.
 */
public final class LogMicroBatchStream
        implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(LogMicroBatchStream.class);

    private final TableInfo table;
    private final FlussOptions options;
    private final StructType schema;
    private final LogSource source;
    private final InitialOffsets initialOffsets;
    private final Clock clock = SystemClock.INSTANCE;
    private final Set<TableBucket> checkedForGap = new HashSet<>();
    private SharedConnections.@Nullable Lease lease;
    private @Nullable Map<TableBucket, Long> availableNow;
    private LakeTier.@Nullable Planned lake;
    private OptionalLong rowBytes = OptionalLong.empty();
    private long lastBatchNanos;
    private volatile Map<TableBucket, Long> latest = Map.of();

    private LogMicroBatchStream(
            TableInfo table,
            FlussOptions options,
            StructType schema,
            LogSource source,
            InitialOffsets initialOffsets) {
        this.table = table;
        this.options = options;
        this.schema = schema;
        this.source = source;
        this.initialOffsets = initialOffsets;
        this.lastBatchNanos = clock.nanoTime();
    }

    /**
     * Opens nothing yet: Spark builds streams that it never starts.
     *
     * @param schema of the rows
     * @param checkpointLocation of this source in the query's checkpoint
     */
    public static LogMicroBatchStream open(
            TableInfo table,
            FlussOptions options,
            StructType schema,
            LogSource source,
            String checkpointLocation) {
        return new LogMicroBatchStream(
                table,
                options,
                schema,
                source,
                new InitialOffsets(
                        SparkSession.active().sessionState().newHadoopConf(), checkpointLocation));
    }

    @Override
    public Offset initialOffset() {
        return deserializeOffset(initialOffsets.getOrWrite(() -> startingPoint().json()));
    }

    private LogOffset startingPoint() {
        return switch (options.stream().startupMode()) {
            case FULL -> table.hasPrimaryKey() ? fromRows() : fromLake();
            case EARLIEST -> LogOffset.of(table.tableId(), list(new OffsetSpec.Earliest()));
            case LATEST -> LogOffset.of(table.tableId(), list(new OffsetSpec.Latest()));
            case TIMESTAMP -> fromTimestamp(options.stream().startupTimestampMs().orElseThrow());
        };
    }

    private LogOffset fromLake() {
        Optional<LakeSnapshot> snapshot = LakeTier.readable(lease(), table);
        Map<TableBucket, Long> starts = list(new OffsetSpec.Earliest());
        if (snapshot.isEmpty()) {
            return LogOffset.of(table.tableId(), starts);
        }
        Map<TableBucket, Long> behindLake = new TreeMap<>(starts);
        behindLake.replaceAll((bucket, start) -> snapshot.get().endOffset(bucket).orElse(start));
        return LogOffset.beforeLake(table.tableId(), snapshot.get().snapshotId(), behindLake);
    }

    private LogOffset fromRows() {
        if (options.isChangelog()) {
            return LogOffset.of(table.tableId(), list(new OffsetSpec.Earliest()));
        }
        // Where the query ends, if it is known: a later place would be behind its end.
        Map<TableBucket, Long> end = availableNow;
        return LogOffset.beforeRows(
                table.tableId(), end != null ? end : list(new OffsetSpec.Latest()));
    }

    private LogOffset fromTimestamp(long epochMs) {
        // Servers refuse a time that is still to come, by their own clock.
        long nowMs = clock.nowMs();
        if (epochMs > nowMs) {
            throw ErrorReason.INVALID_TIMESTAMP.exception(
                    table.path()
                            + ": option '"
                            + StreamOptions.STARTUP_TIMESTAMP
                            + "' is "
                            + epochMs
                            + ", which is still to come: it is "
                            + nowMs
                            + " now. Use '"
                            + StreamOptions.STARTUP_MODE
                            + "' = latest to begin at the end");
        }
        return LogOffset.of(table.tableId(), list(new OffsetSpec.AtTimestamp(epochMs)));
    }

    @Override
    public Offset latestOffset() {
        throw new UnsupportedOperationException("Spark asks with a read limit");
    }

    @Override
    public ReadLimit getDefaultReadLimit() {
        return Admission.limit(options.stream().limits());
    }

    @Override
    public Offset latestOffset(Offset startOffset, ReadLimit limit) {
        LogOffset start = (LogOffset) startOffset;
        if (start.lakeSnapshot().isPresent() || start.isBeforeRows()) {
            return LogOffset.of(table.tableId(), start.buckets());
        }
        Map<TableBucket, Long> fixed = availableNow;
        Map<TableBucket, Long> target = fixed != null ? fixed : list(new OffsetSpec.Latest());
        Map<TableBucket, Long> from = stillThere(start, target);
        latest = Map.copyOf(target);
        if (fixed == null && waitsForMore(limit, Admission.backlog(from, target))) {
            return start;
        }
        OptionalLong bytesMax = Admission.bytesMax(limit);
        OptionalLong rowsMax =
                Admission.tighter(
                        Admission.rowsMax(limit),
                        bytesMax,
                        bytesMax.isPresent() ? rowBytes(from, target) : 1);
        return LogOffset.of(table.tableId(), Admission.end(from, target, rowsMax));
    }

    /**
     * The start offsets without those of partitions that were dropped. Ids of partitions are never
     * used again, so they can be forgotten once they have been read to their end.
     */
    private Map<TableBucket, Long> stillThere(LogOffset start, Map<TableBucket, Long> target) {
        Map<TableBucket, Long> from = new TreeMap<>(start.buckets());
        for (TableBucket bucket : start.buckets().keySet()) {
            if (target.containsKey(bucket)) {
                continue;
            }
            long end = latest.getOrDefault(bucket, 0L);
            if (end > start.next(bucket)) {
                dataLoss(
                        ErrorReason.PARTITION_NOT_EXIST,
                        "bucket "
                                + bucket
                                + " was dropped before its offsets ["
                                + start.next(bucket)
                                + ", "
                                + end
                                + ") were read");
            }
            from.remove(bucket);
        }
        return from;
    }

    private boolean waitsForMore(ReadLimit limit, long backlog) {
        Optional<ReadMinRows> min = Admission.rowsMin(limit);
        long now = clock.nanoTime();
        boolean waits =
                min.isPresent()
                        && backlog < min.get().minRows()
                        && now - lastBatchNanos
                                < Duration.ofMillis(min.get().maxTriggerDelayMs()).toNanos();
        if (!waits && backlog > 0) {
            lastBatchNanos = now;
        }
        return waits;
    }

    /** Bytes of a record, from a look at the bucket with most to read; kept for the query. */
    private long rowBytes(Map<TableBucket, Long> from, Map<TableBucket, Long> target) {
        if (rowBytes.isEmpty()) {
            List<LogRangePartition> ranges = new ArrayList<>();
            target.forEach(
                    (b, to) -> {
                        long begin = from.getOrDefault(b, 0L);
                        if (begin < to) {
                            ranges.add(new LogRangePartition(b, begin, to));
                        }
                    });
            ranges.stream()
                    .max(Comparator.comparingLong(r -> r.to() - r.from()))
                    .ifPresent(
                            r -> {
                                refuseGap(List.of(r));
                                rowBytes = OptionalLong.of(RowSize.sample(lease(), table, r));
                            });
        }
        return rowBytes.orElse(1);
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
    public InputPartition[] planInputPartitions(Offset startOffset, Offset endOffset) {
        LogOffset start = (LogOffset) startOffset;
        LogOffset end = (LogOffset) endOffset;
        List<InputPartition> out = new ArrayList<>();
        lake = null;
        if (start.lakeSnapshot().isPresent() && end.lakeSnapshot().isEmpty()) {
            LakeTier.Planned planned =
                    LakeTier.whole(table, options, start.lakeSnapshot().getAsLong(), schema);
            out.addAll(planned.partitions());
            lake = planned;
        }
        if (start.isBeforeRows() && !end.isBeforeRows()) {
            end.buckets().forEach((bucket, at) -> out.add(new RowsAtPartition(bucket, at)));
        }
        List<LogRangePartition> ranges = new ArrayList<>();
        end.buckets()
                .forEach(
                        (bucket, stop) -> {
                            long begin = start.next(bucket);
                            if (begin < stop) {
                                ranges.add(new LogRangePartition(bucket, begin, stop));
                            }
                        });
        out.addAll(refuseGap(ranges));
        return out.toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        LakeTier.Planned planned = lake;
        return planned == null ? TierReaderFactory.logOnly(source) : planned.readers(source);
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
        // Spark hands out what it has read from the checkpoint without asking us to parse it.
        return latestConsumedOffset
                .map(o -> o instanceof LogOffset l ? l : (LogOffset) deserializeOffset(o.json()))
                .map(o -> Backlog.metrics(o.buckets(), latest))
                .orElse(Map.of());
    }

    /**
     * The ranges as far as they are still in the log. A bucket's first range after a start is where
     * retention may have overtaken the query; later the reader would notice, and fail. A query that
     * goes on after losses looks every time.
     */
    private List<LogRangePartition> refuseGap(List<LogRangePartition> ranges) {
        boolean goesOn = !options.stream().failOnDataLoss();
        if (ranges.stream().allMatch(r -> !goesOn && checkedForGap.contains(r.bucket()))) {
            return ranges;
        }
        Map<TableBucket, Long> starts = list(new OffsetSpec.Earliest());
        List<LogRangePartition> left = new ArrayList<>();
        for (LogRangePartition r : ranges) {
            Long first = starts.get(r.bucket());
            if (first == null) {
                dataLoss(
                        ErrorReason.PARTITION_NOT_EXIST,
                        "bucket "
                                + r.bucket()
                                + " was dropped before its offsets "
                                + shown(r)
                                + " were read");
                continue;
            }
            if (r.from() < first) {
                dataLoss(
                        ErrorReason.LOG_OFFSET_OUT_OF_RANGE,
                        "offsets ["
                                + r.from()
                                + ", "
                                + first
                                + ") of bucket "
                                + r.bucket()
                                + " were removed from the log before the query read them");
            }
            checkedForGap.add(r.bucket());
            long from = Math.max(first, r.from());
            if (from < r.to()) {
                left.add(new LogRangePartition(r.bucket(), from, r.to()));
            }
        }
        return left;
    }

    private static String shown(LogRangePartition r) {
        return "[" + r.from() + ", " + r.to() + ")";
    }

    /** Ends the query, or says so in the log of the driver. */
    private void dataLoss(ErrorReason reason, String what) {
        String text = table.path() + ": " + what;
        if (options.stream().failOnDataLoss()) {
            throw reason.exception(
                    text
                            + ". Option "
                            + StreamOptions.FAIL_ON_DATA_LOSS
                            + " = false, or a new checkpoint location, goes on without them");
        }
        LOG.warn("{}; the query goes on without them", text);
    }

    private Map<TableBucket, Long> list(OffsetSpec spec) {
        SharedConnections.Lease l = lease();
        refuseAnotherTable(l);
        return TableOffsets.list(l.admin(), table, spec);
    }

    private void refuseAnotherTable(SharedConnections.Lease l) {
        long id = Await.value(l.admin().tableInfo(table.path())).tableId();
        if (id != table.tableId()) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    table.path()
                            + " was dropped and created again while the query ran: its id was "
                            + table.tableId()
                            + ", now it is "
                            + id
                            + ". Start with a new checkpoint location");
        }
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
