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
package io.fluss.lake.iceberg;

import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.ChangeType;
import io.fluss.lake.LakeCommitter.Request;
import io.fluss.lake.LakeMaintenance.Compaction;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hundred rounds over a table with a primary key, half of each round's changes being updates: our
 * writer with its upkeep, in format versions 2 and 3, against rows written one by one with equality
 * deletes of whole rows, as other tiering services do. Prints, every ten rounds, the files of the
 * table, all bytes written so far and the time in which stock Iceberg reads it. Not a test; run by
 * its name: {@code mvn -q -Dquick -pl lake-formats/lake-iceberg -am test
 * -Dtest=KeyedRoundsBenchmark -Dsurefire.failIfNoSpecifiedTests=false}. System property {@code
 * fluss.bench.updates} is the percentage of updates (50), {@code fluss.bench.keys} the number of
 * changes in a round (10000).
 */
class KeyedRoundsBenchmark {
    private static final int ROUNDS = 100;
    private static final int KEYS = Integer.getInteger("fluss.bench.keys", 10_000);
    private static final int UPDATES = Integer.getInteger("fluss.bench.updates", 50);
    private static final int SCANS = 3;
    private static final int BATCH_ROWS = 4096;
    private static final int FILES_MIN = 8;
    private static final double DELETED_FRACTION = 0.3;
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("id", DataTypes.bigInt()),
                            Column.of("store", DataTypes.integer()),
                            Column.of("price", DataTypes.doubling()),
                            Column.of("product", DataTypes.string()),
                            Column.of("note", DataTypes.string())),
                    List.of("id"));

    @TempDir Path dir;

    private enum Way {
        OURS_V2,
        OURS_V3,
        EQUALITY_DELETES
    }

    /** One round: keys from {@code inserted} on are new, the others were there. */
    private record Round(int number, long[] keys, long inserted) {
        ChangeType type(int i) {
            return keys[i] >= inserted ? ChangeType.INSERT : ChangeType.UPDATE_AFTER;
        }
    }

    @Test
    void measure() throws Exception {
        System.out.println("way,round,rows,data files,delete files,MB written,round ms,scan ms");
        for (Way way : Way.values()) {
            try (BufferAllocator allocator = new RootAllocator();
                    IcebergLakeCatalog catalog =
                            IcebergLakeCatalog.open(
                                    Map.of(
                                            "type",
                                            "hadoop",
                                            "warehouse",
                                            dir.resolve(way.name()).toString()))) {
                new Series(way, catalog, allocator, dir.resolve(way.name())).run();
            }
        }
    }

    private static final class Series {
        private final Way way;
        private final IcebergLakeCatalog catalog;
        private final BufferAllocator allocator;
        private final Path home;
        private final TablePath path = TablePath.of("bench", "t");
        private final TableInfo info;
        private OptionalLong latest = OptionalLong.empty();
        private long offset;

        Series(Way way, IcebergLakeCatalog catalog, BufferAllocator allocator, Path home) {
            this.way = way;
            this.catalog = catalog;
            this.allocator = allocator;
            this.home = home;
            TableDescriptor table =
                    TableDescriptor.of(SCHEMA)
                            .withBuckets(1, "id")
                            .withProperty("table.datalake.enabled", "true")
                            .withProperty("table.datalake.format", "iceberg")
                            .withCustomProperty(
                                    "iceberg." + TableProperties.FORMAT_VERSION,
                                    way == Way.OURS_V3 ? "3" : "2");
            catalog.createTable(path, table, true);
            this.info = new TableInfo(path, 7, 1, table, 0, 0);
        }

        void run() throws IOException {
            SplittableRandom random = new SplittableRandom(5);
            long rows = 0;
            for (int r = 1; r <= ROUNDS; r++) {
                long[] keys = new long[KEYS];
                long inserted = rows;
                for (int i = 0; i < KEYS; i++) {
                    boolean isUpdate = inserted > 0 && random.nextInt(100) < UPDATES;
                    keys[i] = isUpdate ? random.nextLong(inserted) : rows++;
                }
                Round round = new Round(r, keys, inserted);
                long start = System.nanoTime();
                if (way == Way.EQUALITY_DELETES) {
                    writeRows(round);
                } else {
                    writeColumns(round);
                }
                long roundMs = (System.nanoTime() - start) / 1_000_000;
                if (r % 10 == 0 || r == 1) {
                    report(r, rows, roundMs);
                }
            }
        }

        private void writeColumns(Round round) {
            List<LakeWriter.Result> results = new ArrayList<>();
            WriteTask task =
                    new WriteTask(
                            TableBucket.of(7, 0),
                            Optional.empty(),
                            UUID.randomUUID().toString(),
                            0,
                            round.number());
            try (LakeWriter writer = catalog.table(path).writerFactory(info).open(task)) {
                for (int from = 0; from < KEYS; from += BATCH_ROWS) {
                    int count = Math.min(BATCH_ROWS, KEYS - from);
                    ByteBuffer types = ByteBuffer.allocate(count);
                    try (VectorSchemaRoot rows = rows(round, from, count)) {
                        for (int i = from; i < from + count; i++) {
                            types.put(round.type(i).code());
                        }
                        writer.write(new LakeRows(rows, Optional.of(types.flip()), offset, 1));
                    }
                    offset += count;
                }
                results.add(writer.complete());
            }
            latest =
                    OptionalLong.of(
                            catalog.table(path)
                                    .committer()
                                    .commit(
                                            new Request(
                                                    results,
                                                    "offsets-" + round.number(),
                                                    latest,
                                                    Map.of())));
            // As the tiering job does after a commit, with its defaults.
            catalog.table(path)
                    .maintenance()
                    .compact(
                            new Compaction(info, FILES_MIN, DELETED_FRACTION, 1L << 30),
                            UUID.randomUUID().toString());
        }

        private VectorSchemaRoot rows(Round round, int from, int count) {
            VectorSchemaRoot rows =
                    VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator);
            rows.allocateNew();
            for (int i = 0; i < count; i++) {
                long key = round.keys()[from + i];
                ((BigIntVector) rows.getVector(0)).setSafe(i, key);
                ((IntVector) rows.getVector(1)).setSafe(i, store(key, round));
                ((Float8Vector) rows.getVector(2)).setSafe(i, price(key, round));
                ((VarCharVector) rows.getVector(3)).setSafe(i, utf8(product(key)));
                ((VarCharVector) rows.getVector(4)).setSafe(i, utf8(note(key, round)));
            }
            rows.setRowCount(count);
            return rows;
        }

        /** A later change of a key in a round deletes the earlier by its position. */
        private void writeRows(Round round) throws IOException {
            Table table = catalog.load(path);
            String name = round.number() + "-" + UUID.randomUUID();
            DataWriter<Record> data =
                    FormatModelRegistry.dataWriteBuilder(
                                    FileFormat.PARQUET,
                                    Record.class,
                                    EncryptedFiles.plainAsEncryptedOutput(
                                            table.io()
                                                    .newOutputFile(
                                                            table.location()
                                                                    + "/data/"
                                                                    + name
                                                                    + ".parquet")))
                            .schema(table.schema())
                            .spec(table.spec())
                            .partition(partition(table))
                            .setAll(table.properties())
                            .build();
            EqualityDeleteWriter<Record> deletes =
                    FormatModelRegistry.equalityDeleteWriteBuilder(
                                    FileFormat.PARQUET,
                                    Record.class,
                                    EncryptedFiles.plainAsEncryptedOutput(
                                            table.io()
                                                    .newOutputFile(
                                                            table.location()
                                                                    + "/data/"
                                                                    + name
                                                                    + "-deletes.parquet")))
                            .schema(table.schema())
                            .equalityFieldIds(1)
                            .spec(table.spec())
                            .partition(partition(table))
                            .setAll(table.properties())
                            .build();
            Map<Long, Boolean> last = new HashMap<>();
            for (int i = KEYS - 1; i >= 0; i--) {
                last.putIfAbsent(round.keys()[i], round.type(i) == ChangeType.UPDATE_AFTER);
            }
            try (data;
                    deletes) {
                for (Map.Entry<Long, Boolean> key : last.entrySet()) {
                    Record row = record(table, key.getKey(), round);
                    data.write(row);
                    if (key.getValue()) {
                        deletes.write(row);
                    }
                }
            }
            RowDelta delta = table.newRowDelta().addRows(data.toDataFile());
            delta.addDeletes(deletes.toDeleteFile());
            delta.commit();
        }

        private static GenericRecord partition(Table table) {
            GenericRecord partition = GenericRecord.create(table.spec().partitionType());
            partition.set(0, 0);
            return partition;
        }

        private static Record record(Table table, long key, Round round) {
            GenericRecord row = GenericRecord.create(table.schema());
            row.set(0, key);
            row.set(1, store(key, round));
            row.set(2, price(key, round));
            row.set(3, product(key));
            row.set(4, note(key, round));
            return row;
        }

        private void report(int round, long rows, long roundMs) throws IOException {
            Table table = catalog.load(path);
            int files = 0;
            java.util.Set<String> deletes = new java.util.HashSet<>();
            try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
                for (FileScanTask task : tasks) {
                    files++;
                    task.deletes().forEach(d -> deletes.add(d.location()));
                }
            }
            List<Long> scans = new ArrayList<>();
            for (int i = 0; i < SCANS; i++) {
                long start = System.nanoTime();
                long found = 0;
                try (CloseableIterable<Record> all = IcebergGenerics.read(table).build()) {
                    for (Record unused : all) {
                        found++;
                    }
                }
                scans.add((System.nanoTime() - start) / 1_000_000);
                if (found != rows) {
                    throw new AssertionError(way + ": " + found + " rows, not " + rows);
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s,%d,%d,%d,%d,%.1f,%d,%d%n",
                    way,
                    round,
                    rows,
                    files,
                    deletes.size(),
                    writtenBytes() / 1e6,
                    roundMs,
                    scans.stream().sorted().toList().get(SCANS / 2));
        }

        /** Nothing is expired, so what was written is what lies there, without metadata. */
        private long writtenBytes() {
            try (Stream<Path> files = Files.walk(home)) {
                return files.filter(
                                f ->
                                        f.toString().endsWith(".parquet")
                                                || f.toString().endsWith(".puffin")
                                                || f.toString().endsWith(".keys"))
                        .mapToLong(f -> f.toFile().length())
                        .sum();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static int store(long key, Round round) {
            return (int) (key * 31 + round.number()) % 500;
        }

        private static double price(long key, Round round) {
            return (key * 7 + round.number() * 13) % 100_000 / 100.0;
        }

        private static String product(long key) {
            return "product-" + key % 2_000;
        }

        private static String note(long key, Round round) {
            return "note " + Long.toHexString(key * 0x9e3779b97f4a7c15L) + " of " + round.number();
        }

        private static byte[] utf8(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }
}
