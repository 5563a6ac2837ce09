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
package io.fluss.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.kv.KvBatch;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.roaringbitmap.RoaringBitmap;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Batches that no honest client sends. Each is refused as a whole or becomes rows that can be
 * rebuilt from the log; nothing else may happen.
 */
class HostileBatchesTest {
    private static final int BATCHES = Integer.getInteger("fluss.kv.hostile.batches", 4_000);

    private static final KvSettings SMALL =
            new KvSettings(1 << 20, 1 << 20, 64 * 4096, 1 << 20, 1, 1, 1, 1 << 16);

    @TempDir Path directory;
    private List<byte[]> bitmaps32;
    private List<byte[]> bitmaps64;

    private static Column column(String name, DataType type, String function) {
        return new Column(
                name,
                type,
                Optional.empty(),
                -1,
                Optional.of(new Column.AggregateFunction(function, Map.of())));
    }

    private static TableDescriptor table(boolean aggregated, String kvFormat, String logFormat) {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("k", DataTypes.bigInt()),
                                column("n", DataTypes.integer().notNull(), "sum"),
                                column("s", DataTypes.string(), "listagg"),
                                column("b", DataTypes.bytes(), "rbm32"),
                                column("l", DataTypes.bytes(), "rbm64"),
                                column("d", DataTypes.decimal(20, 2), "sum"),
                                column("t", DataTypes.timestamp(6), "max"),
                                column("a", DataTypes.array(DataTypes.string()), "last_value")),
                        List.of("k"));
        TableDescriptor t =
                TableDescriptor.of(schema)
                        .withBuckets(1)
                        .withProperty("table.kv.format", kvFormat)
                        .withProperty("table.log.format", logFormat);
        return aggregated ? t.withProperty("table.merge-engine", "aggregation") : t;
    }

    /** A row of {@link #table}. */
    private record Row(ObjectRow values) implements RowValues {
        @Override
        public boolean isNull(int column) {
            return values.isNull(column);
        }

        @Override
        public boolean bool(int column) {
            return values.bool(column);
        }

        @Override
        public long integer(int column) {
            return values.integer(column);
        }

        @Override
        public float floating(int column) {
            return values.floating(column);
        }

        @Override
        public double doubling(int column) {
            return values.doubling(column);
        }

        @Override
        public byte[] bytes(int column) {
            return values.bytes(column);
        }

        @Override
        public BigInteger unscaled(int column) {
            return values.unscaled(column);
        }

        @Override
        public long timestampMs(int column) {
            return values.timestampMs(column);
        }

        @Override
        public int nanoOfMs(int column) {
            return values.nanoOfMs(column);
        }

        @Override
        public ListValues elements(int column) {
            return new Elements(new ObjectRow((Object[]) values.values()[column]));
        }
    }

    private record Elements(ObjectRow row) implements ListValues {
        @Override
        public int count() {
            return row.values().length;
        }

        @Override
        public boolean isNull(int i) {
            return row.isNull(i);
        }

        @Override
        public boolean bool(int i) {
            return row.bool(i);
        }

        @Override
        public long integer(int i) {
            return row.integer(i);
        }

        @Override
        public float floating(int i) {
            return row.floating(i);
        }

        @Override
        public double doubling(int i) {
            return row.doubling(i);
        }

        @Override
        public byte[] bytes(int i) {
            return row.bytes(i);
        }

        @Override
        public BigInteger unscaled(int i) {
            return row.unscaled(i);
        }

        @Override
        public long timestampMs(int i) {
            return row.timestampMs(i);
        }

        @Override
        public int nanoOfMs(int i) {
            return row.nanoOfMs(i);
        }
    }

    @BeforeEach
    void makeBitmaps() throws IOException {
        bitmaps32 = new ArrayList<>();
        bitmaps64 = new ArrayList<>();
        for (int i = 1; i < 5; i++) {
            RoaringBitmap small = RoaringBitmap.bitmapOf(1, 7 * i, 100_000 * i);
            small.add(0L, 1000L * i);
            small.runOptimize();
            ByteBuffer b = ByteBuffer.allocate(small.serializedSizeInBytes());
            small.serialize(b.order(ByteOrder.LITTLE_ENDIAN));
            bitmaps32.add(b.array());
            Roaring64Bitmap large = Roaring64Bitmap.bitmapOf(1, 7L * i, 1L << 10 * i);
            ByteBuffer l = ByteBuffer.allocate((int) large.serializedSizeInBytes());
            large.serialize(l.order(ByteOrder.LITTLE_ENDIAN));
            bitmaps64.add(l.array());
        }
    }

    private Row row(long key, Random random) {
        return new Row(
                new ObjectRow(
                        key,
                        (long) random.nextInt(100),
                        random.nextInt(4) == 0 ? null : "s".repeat(random.nextInt(5)),
                        random.nextInt(4) == 0 ? null : bitmaps32.get(random.nextInt(4)),
                        random.nextInt(4) == 0 ? null : bitmaps64.get(random.nextInt(4)),
                        random.nextInt(4) == 0 ? null : BigInteger.valueOf(random.nextInt()),
                        random.nextInt(4) == 0 ? null : (Object) (long) random.nextInt(),
                        random.nextInt(4) == 0 ? null : (Object) new Object[] {"x", null, "yy"}));
    }

    private static String show(RowDecoder row, DataType.RowType type) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < type.fields().size(); i++) {
            out.append(' ').append(row.isNull(i) ? null : shown(row, type, i));
        }
        return out.toString();
    }

    private static String shown(RowValues row, DataType.RowType type, int i) {
        return switch (type.fields().get(i).name()) {
            case "k", "n" -> Long.toString(row.integer(i));
            case "d" -> row.unscaled(i).toString();
            // Digits beyond the precision of the column are not in the log.
            case "t" -> row.timestampMs(i) + "." + row.nanoOfMs(i) / 1000;
            case "a" -> {
                ListValues list = row.elements(i);
                StringBuilder out = new StringBuilder();
                for (int e = 0; e < list.count(); e++) {
                    out.append(',').append(list.isNull(e) ? null : hex(list.bytes(e)));
                }
                yield out.toString();
            }
            default -> hex(row.bytes(i));
        };
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static List<String> all(TestBucket bucket) {
        RowDecoder decoder = new RowDecoder(bucket.table.rowFormat(), id -> bucket.table.schema());
        DataType.RowType type = bucket.table.schema().rowType();
        return bucket.rows.prefixLookup(new byte[0], 1 << 30).stream()
                .map(
                        v ->
                                show(
                                        decoder.open(
                                                new KvRow()
                                                        .value(
                                                                KvRow.Source.STORED,
                                                                v,
                                                                0,
                                                                v.length)),
                                        type))
                .toList();
    }

    /** Changes some bytes behind the header and makes length and checksum right again. */
    private static byte[] damaged(byte[] batch, Random random) {
        byte[] bytes = batch.clone();
        int changes = 1 + random.nextInt(3);
        for (int c = 0; c < changes; c++) {
            int at = KvBatch.HEADER_SIZE - 4 + random.nextInt(bytes.length - 24);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
                default -> bytes = Arrays.copyOf(bytes, Math.max(28, bytes.length - c - 1));
            }
        }
        return sealed(bytes);
    }

    private static byte[] sealed(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0, bytes.length - KvBatch.LENGTH_OVERHEAD);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 9, bytes.length - 9);
        b.putInt(5, (int) crc.getValue());
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "false, COMPACTED, ARROW, 1",
        "false, INDEXED, ARROW, 2",
        "false, COMPACTED, COMPACTED, 3",
        "true, COMPACTED, ARROW, 4",
        "true, INDEXED, INDEXED, 5"
    })
    void areRefusedOrBecomeRowsThatCanBeRebuilt(
            boolean aggregated, String kv, String log, long seed) {
        Random random = new Random(seed);
        int refused = 0;
        try (TestBucket bucket = new TestBucket(table(aggregated, kv, log), directory, SMALL)) {
            KvBatchWriter writer =
                    new KvBatchWriter(
                            bucket.table.rowFormat().encoder(bucket.table.schema().rowType()));
            for (int i = 0; i < BATCHES / 5; i++) {
                for (int r = 0; r <= random.nextInt(4); r++) {
                    Row row = row(random.nextInt(20), random);
                    writer.upsert(bucket.keys.encode(row), row);
                }
                byte[] batch = writer.finish(1, 7, i).array();
                byte[] sent = random.nextInt(4) == 0 ? batch : damaged(batch, random);
                try {
                    bucket.write(ByteBuffer.wrap(sent), List.of(), MergeMode.DEFAULT);
                    bucket.rows.commit(bucket.endOffset);
                } catch (FlussException e) {
                    bucket.rows.dropped();
                    // A bitmap that the library took, though it is none, is found out here.
                    assertThat(sent != batch || e.getMessage().contains("Roaring bitmap"))
                            .as("an honest batch: " + e.getMessage())
                            .isTrue();
                    refused++;
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("batch " + i + ": " + hex(sent), e);
                }
            }
            assertThat(refused).isBetween(BATCHES / 25, BATCHES / 5);
            List<String> before = all(bucket);
            assertThat(before).isNotEmpty();
            bucket.restartFromLog();
            assertThat(all(bucket)).isEqualTo(before);
        }
    }

    // ---- refusals that say what is wrong

    @Test
    void aNullInAColumnThatIsNotNull() {
        try (TestBucket bucket =
                new TestBucket(table(false, "COMPACTED", "ARROW"), directory, SMALL)) {
            Row row = new Row(new ObjectRow(1L, null, null, null, null, null, null, null));
            refused(bucket, bucket.keys.encode(row), row, "db.t", "'n' is NOT NULL");
        }
    }

    @Test
    void aKeyThatIsNotThatOfTheRow() {
        try (TestBucket bucket =
                new TestBucket(table(false, "COMPACTED", "ARROW"), directory, SMALL)) {
            Row row = row(1, new Random(1));
            refused(bucket, bucket.keys.encode(row(2, new Random(1))), row, "db.t", "[k]");
            refused(bucket, new byte[0], row, "db.t", "[k]");
            Row noKey = new Row(new ObjectRow(null, 1L, null, null, null, null, null, null));
            refused(bucket, bucket.keys.encode(row), noKey, "db.t", "'k' is null");
        }
    }

    @Test
    void bytesThatAreNoBitmap() {
        try (TestBucket bucket =
                new TestBucket(table(true, "COMPACTED", "ARROW"), directory, SMALL)) {
            Row bad =
                    new Row(
                            new ObjectRow(
                                    1L, 1L, null, new byte[] {1, 2, 3}, null, null, null, null));
            refused(bucket, bucket.keys.encode(bad), bad, "'b'", "32-bit Roaring bitmap");
            Row first =
                    new Row(new ObjectRow(1L, 1L, null, bitmaps32.get(0), null, null, null, null));
            KvBatchWriter writer =
                    new KvBatchWriter(
                            bucket.table.rowFormat().encoder(bucket.table.schema().rowType()));
            byte[] key = bucket.keys.encode(first);
            writer.upsert(key, first);
            bucket.write(writer.finish(1, 7, 0), List.of(), MergeMode.DEFAULT);
            bucket.rows.commit(bucket.endOffset);
            refused(bucket, key, bad, "'b'", "32-bit Roaring bitmap");
        }
    }

    private static void refused(TestBucket bucket, byte[] key, Row row, String... texts) {
        List<String> before = all(bucket);
        KvBatchWriter writer =
                new KvBatchWriter(
                        bucket.table.rowFormat().encoder(bucket.table.schema().rowType()));
        writer.upsert(key, row);
        byte[] batch = writer.finish(1, 7, 0).array();
        assertThatThrownBy(() -> bucket.rows.prepare(batch, List.of(), MergeMode.DEFAULT))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TARGET_COLUMN))
                .hasMessageContainingAll(texts);
        assertThat(all(bucket)).isEqualTo(before);
    }
}
