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

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdOutputStream;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MB/s per core of a tiering writer: Arrow batches to Parquet by columns, against row by row
 * through Iceberg's generic writer; same batches, same table properties, in turns. Not a test; run
 * by its name: {@code mvn -q -Dquick -pl lake-formats/lake-iceberg -am test
 * -Dtest=TieringThroughputBenchmark -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class TieringThroughputBenchmark {
    private static final TablePath PATH = TablePath.of("bench", "t");
    private static final int BATCH_ROWS = 8192;
    private static final int BATCHES = 40;
    private static final int REPEATS = 4;
    private static final int RUNS = 7;

    @TempDir Path dir;

    private enum Way {
        COLUMNS,
        ROWS
    }

    @Test
    void measure() throws Exception {
        for (String codec : List.of("zstd", "uncompressed")) {
            measure(codec);
        }
    }

    private void measure(String codec) throws Exception {
        TableSchema schema =
                TableSchema.of(
                        Column.of("id", DataTypes.bigInt().notNull()),
                        Column.of("account", DataTypes.bigInt()),
                        Column.of("store", DataTypes.integer()),
                        Column.of("quantity", DataTypes.integer()),
                        Column.of("price", DataTypes.doubling()),
                        Column.of("tax", DataTypes.doubling()),
                        Column.of("product", DataTypes.string()),
                        Column.of("note", DataTypes.string()),
                        Column.of("at", DataTypes.timestamp(6)),
                        Column.of("paid", DataTypes.bool()));
        TableDescriptor descriptor =
                TableDescriptor.of(schema)
                        .withBuckets(1)
                        .withCustomProperty("iceberg.write.parquet.compression-codec", codec);
        Path warehouse = dir.resolve(codec);
        try (BufferAllocator allocator = new RootAllocator();
                IcebergLakeCatalog catalog =
                        IcebergLakeCatalog.open(
                                Map.of("type", "hadoop", "warehouse", warehouse.toString()))) {
            catalog.createTable(PATH, descriptor, true);
            Table table = catalog.load(PATH);
            List<VectorSchemaRoot> batches = batches(schema, allocator);
            long arrowBytes =
                    REPEATS
                            * batches.stream()
                                    .flatMap(b -> b.getFieldVectors().stream())
                                    .mapToLong(FieldVector::getBufferSize)
                                    .sum();
            List<Double> columns = new ArrayList<>();
            List<Double> rows = new ArrayList<>();
            long[] fileBytes = new long[2];
            for (int run = -2; run < RUNS; run++) {
                double c = megabytesPerSecond(table, Way.COLUMNS, batches, arrowBytes, fileBytes);
                double r = megabytesPerSecond(table, Way.ROWS, batches, arrowBytes, fileBytes);
                if (run >= 0) {
                    columns.add(c);
                    rows.add(r);
                }
            }
            String zstd = codec.equals("zstd") ? zstdAlone(table, batches, arrowBytes) : "";
            batches.forEach(VectorSchemaRoot::close);
            System.out.printf(
                    Locale.ROOT,
                    "tiering %s: columns %.0f MB/s, rows %.0f MB/s, ratio %.2f (medians of %d,"
                            + " CPU time of one core; %.0f MB of Arrow, files %.1f and %.1f MB;"
                            + " columns %.0f..%.0f, rows %.0f..%.0f)%s%n",
                    codec,
                    median(columns),
                    median(rows),
                    median(columns) / median(rows),
                    RUNS,
                    arrowBytes / 1e6,
                    fileBytes[0] / 1e6,
                    fileBytes[1] / 1e6,
                    columns.stream().min(Double::compare).orElseThrow(),
                    columns.stream().max(Double::compare).orElseThrow(),
                    rows.stream().min(Double::compare).orElseThrow(),
                    rows.stream().max(Double::compare).orElseThrow(),
                    zstd);
        }
    }

    /** What the columns would reach if compressing their pages were all there is to do. */
    private static String zstdAlone(Table table, List<VectorSchemaRoot> batches, long arrowBytes)
            throws IOException {
        List<byte[]> pages = new ArrayList<>();
        String location = write(table, Way.COLUMNS, batches).location();
        try (ParquetFileReader reader =
                ParquetFileReader.open(
                        HadoopInputFile.fromPath(
                                new org.apache.hadoop.fs.Path(location), new Configuration()))) {
            for (PageReadStore group = reader.readNextRowGroup();
                    group != null;
                    group = reader.readNextRowGroup()) {
                for (ColumnDescriptor c :
                        reader.getFooter().getFileMetaData().getSchema().getColumns()) {
                    PageReader column = group.getPageReader(c);
                    DictionaryPage dictionary = column.readDictionaryPage();
                    if (dictionary != null) {
                        pages.add(dictionary.getBytes().toByteArray());
                    }
                    for (DataPage p = column.readPage(); p != null; p = column.readPage()) {
                        pages.add(((DataPageV2) p).getData().toByteArray());
                    }
                }
            }
        }
        table.io().deleteFile(location);
        List<Double> calls = new ArrayList<>();
        List<Double> streams = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            long start = cpuNanos();
            try (ZstdCompressCtx context = new ZstdCompressCtx().setLevel(3)) {
                pages.forEach(context::compress);
            }
            calls.add(arrowBytes / 1e6 / ((cpuNanos() - start) / 1e9));
            start = cpuNanos();
            for (byte[] page : pages) {
                try (OutputStream out =
                        new ZstdOutputStream(OutputStream.nullOutputStream()).setLevel(3)) {
                    out.write(page);
                }
            }
            streams.add(arrowBytes / 1e6 / ((cpuNanos() - start) / 1e9));
        }
        return String.format(
                Locale.ROOT,
                "; zstd alone over these pages: %.0f MB/s, with a stream for each page %.0f",
                median(calls),
                median(streams));
    }

    private static double megabytesPerSecond(
            Table table, Way way, List<VectorSchemaRoot> batches, long bytes, long[] fileBytes)
            throws IOException {
        long start = cpuNanos();
        DataFile file = write(table, way, batches);
        long nanos = cpuNanos() - start;
        fileBytes[way.ordinal()] = file.fileSizeInBytes();
        table.io().deleteFile(file.location());
        return bytes / 1e6 / (nanos / 1e9);
    }

    private static DataFile write(Table table, Way way, List<VectorSchemaRoot> batches)
            throws IOException {
        WriteTask task =
                new WriteTask(
                        TableBucket.of(1, 0), Optional.empty(), UUID.randomUUID().toString(), 0, 0);
        DataFileLocations locations =
                new DataFileLocations(
                        table,
                        org.apache.iceberg.data.GenericRecord.create(table.spec().partitionType()),
                        task,
                        FileFormat.PARQUET);
        DataFileOpener opener =
                way == Way.COLUMNS
                        ? new ColumnFileOpener(table, table.schema(), locations)
                        : new RecordFileOpener(
                                table, table.schema(), locations, FileFormat.PARQUET);
        try (DataFileOpener.OpenFile file = opener.open()) {
            for (int i = 0; i < REPEATS; i++) {
                for (VectorSchemaRoot b : batches) {
                    file.write(b);
                }
            }
            return file.complete();
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static List<VectorSchemaRoot> batches(TableSchema schema, BufferAllocator allocator) {
        Random random = new Random(11);
        List<VectorSchemaRoot> out = new ArrayList<>();
        for (int b = 0; b < BATCHES; b++) {
            VectorSchemaRoot root =
                    VectorSchemaRoot.create(ArrowSchemas.of(schema.rowType()), allocator);
            root.allocateNew();
            for (int i = 0; i < BATCH_ROWS; i++) {
                fill(root, i, b * BATCH_ROWS + i, random);
            }
            root.setRowCount(BATCH_ROWS);
            out.add(root);
        }
        return out;
    }

    private static void fill(VectorSchemaRoot root, int i, int id, Random random) {
        ((BigIntVector) root.getVector(0)).setSafe(i, id);
        ((BigIntVector) root.getVector(1)).setSafe(i, random.nextInt(1_000_000));
        ((IntVector) root.getVector(2)).setSafe(i, random.nextInt(500));
        if (random.nextInt(20) != 0) {
            ((IntVector) root.getVector(3)).setSafe(i, random.nextInt(100_000));
        }
        ((Float8Vector) root.getVector(4)).setSafe(i, random.nextInt(100_000) / 100.0);
        ((Float8Vector) root.getVector(5)).setSafe(i, random.nextDouble());
        text(root.getVector(6), i, "product-" + random.nextInt(2_000));
        if (random.nextInt(10) != 0) {
            text(root.getVector(7), i, "note " + random.nextInt(1_000_000) + " of " + id);
        }
        ((TimeStampVector) root.getVector(8)).setSafe(i, 1_700_000_000_000_000L + id * 1_000L);
        ((BitVector) root.getVector(9)).setSafe(i, random.nextInt(2));
    }

    private static void text(FieldVector vector, int i, String value) {
        ((VarCharVector) vector).setSafe(i, value.getBytes(StandardCharsets.UTF_8));
    }
}
