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
import io.fluss.errors.FlussException;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.lake.LakeParts;
import io.fluss.spark.read.LakeTier;
import io.fluss.spark.read.LogRangePartition;
import io.fluss.spark.read.LogSource;
import io.fluss.spark.read.RowsAtPartition;
import io.fluss.spark.read.TableOffsets;
import io.fluss.spark.read.TablePartition;
import io.fluss.spark.read.TierReaderFactory;
import io.fluss.spark.stream.LogOffset.LakePart;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
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
 * A table as a micro-batch source, read in columns: in mode full the lake snapshot, then the log.
 * New partitions are found with every batch and read from their first record. Owned by the stream
 * execution thread; only {@link #metrics} may come from another one and reads published values.
 *
 * <p>A micro-batch is one range per bucket. Replay after a crash reads the same ranges, so it gives
 * the same rows. A bucket that the start of a batch does not name belongs to a partition that was
 * created later, so it begins at offset 0 - never where its log happens to begin now, which would
 * pass over records that retention has taken meanwhile.
 */
public final class LogMicroBatchStream
        implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(LogMicroBatchStream.class);

    /** So long a query may take for the lake before its snapshot can go. */
    private static final Duration HOLD_MAX = Duration.ofDays(7);

    private final TableInfo table;
    private final FlussOptions options;
    private final StructType schema;
    private final LogSource source;
    private final InitialOffsets initialOffsets;
    private final Clock clock = SystemClock.INSTANCE;
    private final Set<TableBucket> checkedForGap = new HashSet<>();
    private SharedConnections.@Nullable Lease lease;
    private @Nullable Map<TableBucket, Long> availableNow;
    private @Nullable LakeParts lakeParts;
    private LakeTier.@Nullable Planned lake;
    private boolean isReleased;
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
            case FULL -> whole();
            case EARLIEST -> LogOffset.of(table.tableId(), list(new OffsetSpec.Earliest()));
            case LATEST -> LogOffset.of(table.tableId(), list(new OffsetSpec.Latest()));
            case TIMESTAMP -> fromTimestamp(options.stream().startupTimestampMs().orElseThrow());
        };
    }

    private LogOffset whole() {
        // The lake has rows of a table with a primary key, not its changes.
        boolean isWithoutLake =
                options.readMode() == ReadMode.HOT
                        || (table.hasPrimaryKey() && options.isChangelog());
        Optional<LakeSnapshot> snapshot =
                isWithoutLake ? Optional.empty() : LakeTier.readable(lease(), table);
        if (snapshot.isPresent()) {
            hold(snapshot.get().snapshotId());
            return table.hasPrimaryKey() ? fromKeyedLake(snapshot.get()) : fromLake(snapshot.get());
        }
        return table.hasPrimaryKey() && !options.isChangelog()
                ? fromRows()
                : LogOffset.of(table.tableId(), list(new OffsetSpec.Earliest()));
    }

    /** A query with limits, or one that rests, may need the snapshot longer than others do. */
    private void hold(long snapshotId) {
        try {
            if (LakeTier.hold(table, options, snapshotId, initialOffsets.name(), HOLD_MAX)) {
                return;
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: lake snapshot {} cannot be held", table.path(), snapshotId, e);
        }
        LOG.warn(
                "{}: lake snapshot {} is there for the query as long as maintenance keeps it",
                table.path(),
                snapshotId);
    }

    /** Every batch in front of this one is done, so the lake is not needed any more. */
    private void releaseOnce() {
        if (isReleased) {
            return;
        }
        isReleased = true;
        Optional<LakePart> lakePart =
                initialOffsets
                        .known()
                        .map(json -> (LogOffset) deserializeOffset(json))
                        .flatMap(LogOffset::lake);
        if (lakePart.isEmpty()) {
            return;
        }
        long snapshotId = lakePart.get().snapshotId();
        try {
            LakeTier.release(table, options, snapshotId, initialOffsets.name());
        } catch (RuntimeException e) {
            LOG.warn(
                    "{}: lake snapshot {} is still held, up to {} days",
                    table.path(),
                    snapshotId,
                    HOLD_MAX.toDays(),
                    e);
        }
    }

    private LogOffset fromLake(LakeSnapshot snapshot) {
        Map<TableBucket, Long> behindLake = new TreeMap<>(list(new OffsetSpec.Earliest()));
        behindLake.replaceAll((bucket, start) -> snapshot.endOffset(bucket).orElse(start));
        return LogOffset.beforeLake(table.tableId(), snapshot.snapshotId(), behindLake);
    }

    /** Buckets that the lake does not have begin with their rows of now. */
    private LogOffset fromKeyedLake(LakeSnapshot snapshot) {
        Map<TableBucket, Long> end = availableNow;
        Map<TableBucket, Long> begin =
                new TreeMap<>(end != null ? end : list(new OffsetSpec.Latest()));
        Set<TableBucket> rows = new HashSet<>(begin.keySet());
        rows.removeAll(snapshot.endOffsets().keySet());
        // A bucket without changes has no rows; but the lake can have those of a partition that was
        // dropped and created again, which the bucket then stands for.
        rows.removeIf(bucket -> !table.isPartitioned() && begin.getOrDefault(bucket, 0L) == 0);
        begin.replaceAll((bucket, last) -> snapshot.endOffset(bucket).orElse(last));
        return LogOffset.beforeLake(
                table.tableId(), new LakePart(snapshot.snapshotId(), 0), rows, begin);
    }

    private LogOffset fromRows() {
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
        if (!start.isInLog()) {
            return beforeLog(start, limit);
        }
        releaseOnce();
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

    /** The end of a batch that begins in the lake, or in front of rows, which are read at once. */
    private LogOffset beforeLog(LogOffset start, ReadLimit limit) {
        if (start.lake().isPresent()) {
            LakePart from = start.lake().get();
            LakeParts all = lakeParts(from);
            int end =
                    all.end(
                            from.partsRead(),
                            Admission.rowsMax(limit).orElse(Long.MAX_VALUE),
                            Admission.bytesMax(limit).orElse(Long.MAX_VALUE));
            if (end < all.sizes().size()) {
                return LogOffset.beforeLake(
                        table.tableId(),
                        new LakePart(from.snapshotId(), end),
                        start.rows(),
                        start.buckets());
            }
        }
        return LogOffset.of(table.tableId(), start.buckets());
    }

    private LakeParts lakeParts(LakePart from) {
        LakeParts parts = lakeParts;
        if (parts == null) {
            try {
                parts = LakeTier.parts(table, options, from.snapshotId(), schema);
            } catch (FlussException e) {
                if (e.reason() != ErrorReason.LAKE_SNAPSHOT_NOT_EXIST) {
                    throw e;
                }
                throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                        table.path()
                                + ": the query had read "
                                + from.partsRead()
                                + " parts of lake snapshot "
                                + from.snapshotId()
                                + ", which has been expired. Start with a new checkpoint location:"
                                + " its rows are read again, from a newer snapshot. Keep snapshots"
                                + " longer than such a query takes for them, with"
                                + " lake.tiering.expire.reader-window of the tiering job",
                        e);
            }
            lakeParts = parts;
        }
        return parts;
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
        if (start.lake().isPresent()) {
            LakeTier.Planned planned = planLake(start, start.lake().get(), end.lake());
            out.addAll(planned.partitions());
            lake = planned;
        }
        if (end.isInLog()) {
            start.rows().forEach(b -> out.add(new RowsAtPartition(b, start.next(b))));
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

    private LakeTier.Planned planLake(LogOffset start, LakePart from, Optional<LakePart> to) {
        LakeParts all = lakeParts(from);
        int end = to.map(LakePart::partsRead).orElse(all.sizes().size());
        Map<Long, TablePartition> partitions = new HashMap<>();
        if (table.isPartitioned() && !start.rows().isEmpty()) {
            for (TablePartition p : TableOffsets.partitions(lease().admin(), table)) {
                p.id().ifPresent(id -> partitions.put(id, p));
            }
        }
        return LakeTier.part(
                all.scan(from.partsRead(), end),
                table,
                from.snapshotId(),
                schema,
                start.rows(),
                partitions);
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
