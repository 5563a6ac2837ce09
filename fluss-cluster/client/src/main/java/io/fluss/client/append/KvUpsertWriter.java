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
package io.fluss.client.append;

import io.fluss.client.Admin;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.RowConverter;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.kv.KvBatch;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.row.RowEncoder;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowValues;
import io.fluss.loop.Loop;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.DeleteBehavior;
import io.fluss.table.TableOptions.KvFormat;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import io.fluss.types.DataType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Upserts into a table with a primary key. Thread-safe. The calling thread checks and encodes rows;
 * the client's loop sends them. Futures complete on that loop: what hangs on them must not block.
 */
public final class KvUpsertWriter implements UpsertWriter {
    /** Two sizes in front of key and row. */
    private static final int RECORD_OVERHEAD = 9;

    /** The size of a nested value is not looked up just for an error message. */
    private static final int NESTED_GUESS = 1 << 20;

    private final TableInfo table;
    private final WriterSettings settings;
    private final MergeMode mode;
    private final WrittenColumns columns;
    private final List<Integer> keyPositions;
    private final RowCheck check;
    private final RowCheck keyCheck;
    private final RowConverter converter;
    private final RowConverter keyConverter;
    private final RowRouter router;
    private final KeyEncoder keys;
    private final boolean isKeyBucketKey;
    private final RowEncoder rows;
    private final RowAccumulator<UpsertRows> accumulator;

    private KvUpsertWriter(
            TableInfo table,
            WriterSettings settings,
            WrittenColumns columns,
            MergeMode mode,
            RowRouter router,
            RowAccumulator<UpsertRows> accumulator) {
        this.table = table;
        this.settings = settings;
        this.mode = mode;
        this.columns = columns;
        this.keyPositions =
                table.schema().primaryKey().stream()
                        .map(k -> table.schema().positionOf(k).orElseThrow())
                        .toList();
        boolean isIndexed = table.options().kvFormat() == KvFormat.INDEXED;
        this.check = new RowCheck(table.path(), columnsAt(columns.positions()), isIndexed);
        this.keyCheck = new RowCheck(table.path(), columnsAt(keyPositions), isIndexed);
        this.converter = RowConverter.of(table, columns.positions());
        this.keyConverter = RowConverter.of(table, keyPositions);
        this.router = router;
        this.keys = KeyEncoder.forPrimaryKey(table.descriptor());
        this.isKeyBucketKey =
                KeyEncoder.forBucketKey(table.descriptor())
                        .filter(b -> b.columns().equals(keys.columns()))
                        .isPresent();
        this.rows = rowEncoder(table);
        this.accumulator = accumulator;
    }

    private List<Column> columnsAt(List<Integer> positions) {
        return positions.stream().map(table.schema().columns()::get).toList();
    }

    private static RowEncoder rowEncoder(TableInfo table) {
        RowFormat format =
                switch (table.options().kvFormat()) {
                    case COMPACTED -> RowFormat.COMPACTED;
                    case INDEXED -> RowFormat.INDEXED;
                };
        return format.encoder(table.schema().rowType());
    }

    /**
     * A writer of its own for a table; the loop is shared.
     *
     * @throws FlussException with NON_PRIMARY_KEY_TABLE if it has no primary key, with
     *     INVALID_TARGET_COLUMN for columns that cannot be written by themselves
     */
    public static KvUpsertWriter open(
            TableInfo table,
            UpsertOptions options,
            WriterSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop) {
        return open(table, options, settings, cluster, admin, loop, SystemClock.INSTANCE);
    }

    static KvUpsertWriter open(
            TableInfo table,
            UpsertOptions options,
            WriterSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop,
            Clock clock) {
        if (!table.hasPrimaryKey()) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.path() + " has no primary key: rows are appended, not upserted");
        }
        WrittenColumns columns = WrittenColumns.of(table, options);
        RowRouter router =
                new RowRouter(table, settings.assigner(), cluster, new java.util.Random());
        BatchSender<RowAccumulator<UpsertRows>> sender =
                new BatchSender<>(
                        table,
                        settings,
                        cluster,
                        admin,
                        loop,
                        clock,
                        new KvWrites(
                                table.tableId(),
                                settings.acks(),
                                (int) cluster.requestTimeout().toMillis(),
                                columns.targets(),
                                options.mode()),
                        wake ->
                                new RowAccumulator<>(
                                        table.path(),
                                        settings.batching(),
                                        () ->
                                                new UpsertRows(
                                                        new KvBatchWriter(rowEncoder(table)),
                                                        table.schemaId()),
                                        loop,
                                        wake));
        return new KvUpsertWriter(
                table, settings, columns, options.mode(), router, sender.accumulator());
    }

    @Override
    public CompletableFuture<UpsertResult> upsert(GenericRow row) {
        RowValues values = converter.convert(row).values();
        byte[] key = keys.encode(values);
        byte[] encoded = rows.encode(values);
        long size = (long) RECORD_OVERHEAD + key.length + encoded.length;
        checkSize(size, values);
        Destination destination = router.destination(values, key, isKeyBucketKey);
        return stored(accumulator.add(destination, size, false, to -> to.upsert(key, encoded)));
    }

    @Override
    public CompletableFuture<UpsertResult> delete(GenericRow key) {
        checkDeletable();
        RowValues values = keyConverter.convert(key).values();
        byte[] encoded = keys.encode(values);
        long size = (long) RECORD_OVERHEAD + encoded.length;
        checkSize(size, values);
        Destination destination = router.destination(values, encoded, isKeyBucketKey);
        return stored(accumulator.add(destination, size, false, to -> to.delete(encoded)));
    }

    private static CompletableFuture<UpsertResult> stored(RowAccumulator.Added added) {
        return added.place()
                .orElseThrow()
                .batch()
                .done()
                .thenApply(s -> new UpsertResult(s.bucket(), s.offset()));
    }

    @Override
    public CompletableFuture<Map<TableBucket, Long>> write(VectorSchemaRoot given, BitSet deletes) {
        check.check(given);
        if (!deletes.isEmpty()) {
            checkDeletable();
        }
        return add(wide(given, columns.positions()), given.getRowCount(), deletes);
    }

    @Override
    public CompletableFuture<Map<TableBucket, Long>> delete(VectorSchemaRoot given) {
        checkDeletable();
        keyCheck.check(given);
        BitSet all = new BitSet();
        all.set(0, given.getRowCount());
        return add(wide(given, keyPositions), given.getRowCount(), all);
    }

    /** The vectors as the columns of the table; those that are not given are null. */
    private ArrowRow wide(VectorSchemaRoot given, List<Integer> positions) {
        List<FieldVector> vectors = new ArrayList<>();
        for (Column c : table.schema().columns()) {
            vectors.add(new NullVector(c.name(), given.getRowCount()));
        }
        for (int i = 0; i < positions.size(); i++) {
            vectors.set(positions.get(i), given.getVector(i));
        }
        return ArrowRow.of(vectors);
    }

    private CompletableFuture<Map<TableBucket, Long>> add(ArrowRow row, int count, BitSet deletes) {
        // Keys first: a row that cannot be placed is refused before any is taken.
        byte[][] rowKeys = new byte[count][];
        Destination[] destinations = new Destination[count];
        for (int i = 0; i < count; i++) {
            rowKeys[i] = keys.encode(row.at(i));
            destinations[i] = router.destination(row, rowKeys[i], isKeyBucketKey);
        }
        List<CompletableFuture<Stored>> parts = new ArrayList<>();
        Map<Destination, KvBatchWriter> groups = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            KvBatchWriter group =
                    groups.computeIfAbsent(destinations[i], d -> new KvBatchWriter(rows));
            int before = group.size();
            if (deletes.get(i)) {
                group.delete(rowKeys[i]);
            } else {
                group.upsert(rowKeys[i], row.at(i));
            }
            checkSize(group.size() - before, row.at(i));
            if (group.size() >= settings.batching().batchBytes()) {
                parts.add(hand(destinations[i], group));
            }
        }
        groups.forEach(
                (destination, group) -> {
                    if (group.recordCount() > 0) {
                        parts.add(hand(destination, group));
                    }
                });
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(all -> ends(parts));
    }

    /** Takes over the records, which the writer then forgets. */
    private CompletableFuture<Stored> hand(Destination destination, KvBatchWriter records) {
        long size = records.size();
        RowAccumulator.Added added;
        if (accumulator.isLarge(size)) {
            UpsertRows batch = new UpsertRows(records, table.schemaId());
            added = accumulator.addAlone(destination, batch, size);
        } else {
            added = accumulator.add(destination, size, false, to -> to.add(records));
            records.reset();
        }
        return added.place().orElseThrow().batch().done();
    }

    private static Map<TableBucket, Long> ends(List<CompletableFuture<Stored>> parts) {
        Map<TableBucket, Long> ends = new HashMap<>();
        for (CompletableFuture<Stored> part : parts) {
            Stored stored = part.join();
            ends.merge(stored.bucket(), stored.offset(), Math::max);
        }
        return ends;
    }

    private void checkDeletable() {
        if (mode == MergeMode.DEFAULT
                && table.options().deleteBehavior() == DeleteBehavior.DISABLE) {
            throw ErrorReason.DELETION_DISABLED.exception(
                    table.path()
                            + ": rows cannot be deleted, because table.delete.behavior is disable");
        }
    }

    /** Refuses what no request can carry, while it is known which row it is. */
    private void checkSize(long size, RowValues row) {
        int max = settings.batching().requestBytesMax() - KvBatch.HEADER_SIZE;
        if (size > max) {
            Column largest = largestColumn(row);
            throw ErrorReason.RECORD_TOO_LARGE.exception(
                    table.path()
                            + ": a row of "
                            + size
                            + " bytes is larger than client.writer.request-max-size ("
                            + settings.batching().requestBytesMax()
                            + "); most of it is in column '"
                            + largest.name()
                            + "'");
        }
    }

    private Column largestColumn(RowValues row) {
        List<Column> all = table.schema().columns();
        return all.get(
                IntStream.range(0, all.size())
                        .boxed()
                        .max(Comparator.comparingInt(i -> sizeOf(all.get(i), row, i)))
                        .orElseThrow());
    }

    /** How much a column may contribute to a row that is too large. */
    private static int sizeOf(Column column, RowValues row, int position) {
        if (row.isNull(position)) {
            return 0;
        }
        DataType type = column.type();
        if (type.isNested()) {
            return NESTED_GUESS;
        }
        return type instanceof DataType.StringType
                        || type instanceof DataType.BytesType
                        || type instanceof DataType.CharType
                        || type instanceof DataType.BinaryType
                ? row.byteCount(position)
                : Long.BYTES;
    }

    @Override
    public CompletableFuture<Void> flush() {
        return accumulator.flush();
    }

    @Override
    public void close() {
        // Bounded all the same: every batch is acknowledged or fails at its delivery timeout.
        close(Duration.ofNanos(Long.MAX_VALUE));
    }

    @Override
    public void close(Duration timeout) {
        accumulator.drain(timeout);
    }
}
