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

import io.fluss.errors.ErrorReason;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.row.RowBytes;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.TableBucket;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericDeleteFilter;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.PartitionUtil;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what is left of some data files of one partition into new ones, row by row, in the order
 * of the files, with the row lineage where the table has it. Immutable.
 */
final class IcebergRewrite implements LakeMaintenance.Rewrite {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(IcebergRewrite.class);
    private static final int ROWS_BETWEEN_SIZE_CHECKS = 1_000;

    private final Table table;
    private final ArrayList<FileScanTask> files;
    private final @Nullable KeyedTable keyed;
    private final long baseSnapshotId;

    /**
     * @param files of one partition, oldest first, at least one
     * @param keyed null for a log table
     */
    IcebergRewrite(
            Table table,
            List<FileScanTask> files,
            @Nullable KeyedTable keyed,
            long baseSnapshotId) {
        this.table = table;
        this.files = new ArrayList<>(files);
        this.keyed = keyed;
        this.baseSnapshotId = baseSnapshotId;
    }

    @Override
    public long sizeBytes() {
        return files.stream().mapToLong(f -> f.file().fileSizeInBytes()).sum();
    }

    @Override
    public LakeWriter.Result run(String runId, int taskId, long attemptId) {
        try (Run run =
                new Run(new WriteTask(bucket(), Optional.empty(), runId, taskId, attemptId))) {
            return run.copy();
        } catch (IOException | UncheckedIOException e) {
            throw ErrorReason.STORAGE.exception(
                    table.name() + ": rewriting data files: " + e.getMessage(), e);
        }
    }

    /**
     * For the names of the files; the table's last partition field is the bucket if there is one.
     */
    private TableBucket bucket() {
        StructLike partition = files.get(0).file().partition();
        Object last =
                partition.size() == 0 ? null : partition.get(partition.size() - 1, Object.class);
        return TableBucket.of(0, last instanceof Integer bucket ? bucket : 0);
    }

    private static Schema withLineage(Table table) {
        return TableUtil.supportsRowLineage(table)
                ? MetadataColumns.schemaWithRowLineage(table.schema())
                : table.schema();
    }

    /** One execution; deletes its files unless it ends well. */
    private final class Run implements AutoCloseable {
        private final Schema schema = withLineage(table);
        private final DataFileLocations locations;
        private final FileFormat format;
        private final long targetBytes;
        private final @Nullable Keys keys;
        private final List<DataFile> added = new ArrayList<>();
        private final List<String> created = new ArrayList<>();
        private @Nullable DataWriter<Record> writer;
        private String location = "";
        private long rowsInFile;
        private boolean isComplete;

        Run(WriteTask task) {
            format =
                    FileFormat.fromString(
                            table.properties()
                                    .getOrDefault(
                                            TableProperties.DEFAULT_FILE_FORMAT,
                                            TableProperties.DEFAULT_FILE_FORMAT_DEFAULT));
            locations = new DataFileLocations(table, files.get(0).file().partition(), task, format);
            targetBytes =
                    PropertyUtil.propertyAsLong(
                            table.properties(),
                            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
                            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
            keys = keyed == null ? null : new Keys(keyed.encoder());
        }

        IcebergRewriteResult copy() throws IOException {
            for (FileScanTask file : files) {
                GenericDeleteFilter deletes =
                        new GenericDeleteFilter(table.io(), file, table.schema(), schema);
                try (CloseableIterable<Record> rows = deletes.filter(read(file, deletes))) {
                    for (Record row : rows) {
                        write(row);
                    }
                }
            }
            finishFile();
            List<DataFile> replaced = files.stream().map(FileScanTask::file).toList();
            List<DeleteFile> replacedDeletes =
                    files.stream()
                            .flatMap(f -> f.deletes().stream())
                            .filter(d -> d.content() == FileContent.POSITION_DELETES)
                            .filter(ContentFileUtil::isFileScoped)
                            .toList();
            List<String> keyFiles =
                    created.stream()
                            .filter(f -> added.stream().noneMatch(a -> a.location().equals(f)))
                            .toList();
            IcebergRewriteResult result =
                    new IcebergRewriteResult(
                            baseSnapshotId, replaced, replacedDeletes, added, keyFiles);
            isComplete = true;
            return result;
        }

        private CloseableIterable<Record> read(FileScanTask file, GenericDeleteFilter deletes) {
            ReadBuilder<Record, Schema> builder =
                    FormatModelRegistry.readBuilder(
                            file.file().format(),
                            Record.class,
                            table.io().newInputFile(file.file()));
            String mapping = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
            if (mapping != null) {
                builder.withNameMapping(NameMappingParser.fromJson(mapping));
            }
            Map<Integer, ?> constants =
                    PartitionUtil.constantsMap(file, IdentityPartitionConverters::convertConstant);
            return builder.project(deletes.requiredSchema())
                    .idToConstant(constants)
                    .reuseContainers()
                    .build();
        }

        private void write(Record row) throws IOException {
            DataWriter<Record> w = writer;
            if (w == null) {
                w = open();
                writer = w;
                rowsInFile = 0;
            }
            w.write(row);
            if (keys != null) {
                keys.add(row, rowsInFile);
            }
            rowsInFile++;
            if (rowsInFile % ROWS_BETWEEN_SIZE_CHECKS == 0
                    && (w.length() >= targetBytes || rowsInFile >= Integer.MAX_VALUE / 2)) {
                finishFile();
            }
        }

        private DataWriter<Record> open() throws IOException {
            OutputFile output = table.io().newOutputFile(locations.next());
            location = output.location();
            created.add(location);
            if (keys != null) {
                created.add(keys.begin(location));
            }
            return FormatModelRegistry.<Record, Object>dataWriteBuilder(
                            format, Record.class, EncryptedFiles.plainAsEncryptedOutput(output))
                    .setAll(table.properties())
                    .schema(schema)
                    .spec(table.spec())
                    .partition(table.spec().isPartitioned() ? locations.partition() : null)
                    .metricsConfig(MetricsConfig.forTable(table))
                    .build();
        }

        private void finishFile() throws IOException {
            DataWriter<Record> w = writer;
            if (w == null) {
                return;
            }
            w.close();
            writer = null;
            DataFile file = w.toDataFile();
            added.add(file);
            if (keys != null) {
                keys.end(file);
            }
        }

        @Override
        public void close() {
            if (isComplete) {
                return;
            }
            closeQuietly(writer);
            closeQuietly(keys);
            created.forEach(f -> IcebergLakeCommitter.delete(table.io(), f));
        }
    }

    private static void closeQuietly(@Nullable Closeable file) {
        if (file == null) {
            return;
        }
        try {
            file.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("Closing an unfinished file of a rewrite", e);
        }
    }

    /** The key file that grows with a data file. */
    private final class Keys implements Closeable {
        private final KeyEncoder encoder;
        private final KeyFiles keyFiles;
        private final RecordKey key = new RecordKey();
        private final RowBytes bytes = new RowBytes(64);
        private final KeyDigests run = new KeyDigests(KeyFileFormat.BLOCK_ENTRIES);
        private @Nullable KeyFileWriter writer;

        Keys(KeyEncoder encoder) {
            this.keyFiles = new KeyFiles(table, encoder);
            this.encoder =
                    encoder.reading(table.schema().columns().stream().map(c -> c.name()).toList());
        }

        String begin(String dataFile) {
            String location = keyFiles.location(dataFile);
            writer = new KeyFileWriter(table.io().newOutputFile(location));
            return location;
        }

        void add(Record row, long position) throws IOException {
            bytes.clear();
            encoder.encode(key.at(row), bytes);
            run.add(bytes, Math.toIntExact(position));
            if (run.count() == KeyFileFormat.RUN_ENTRIES_MAX) {
                endRun();
            }
        }

        private void endRun() throws IOException {
            run.sort();
            current().write(run);
            run.clear();
        }

        void end(DataFile file) throws IOException {
            endRun();
            current().finish(file);
            writer = null;
        }

        private KeyFileWriter current() {
            if (writer == null) {
                throw new IllegalStateException("no data file is open");
            }
            return writer;
        }

        @Override
        public void close() throws IOException {
            if (writer != null) {
                writer.close();
            }
        }
    }
}
