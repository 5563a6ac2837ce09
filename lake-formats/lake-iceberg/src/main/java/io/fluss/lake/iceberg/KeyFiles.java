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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link KeyFileFormat key files} of a table, one for each data file, found by its name. They
 * are made out of the data files alone, so one that is missing or damaged is made again from the
 * key columns: after a compaction by others, or when others have written to the table. Used by one
 * thread.
 */
final class KeyFiles {
    private static final Logger LOG = LoggerFactory.getLogger(KeyFiles.class);
    private static final String SUFFIX = ".keys";
    private static final int SUFFIX_LENGTH = "-00000000".length() + SUFFIX.length();

    private final FileIO io;
    private final String directory;
    private final Schema keyColumns;
    private final Map<String, String> properties;
    private final KeyEncoder encoder;

    /**
     * @param encoder of the key, from rows of any columns
     */
    KeyFiles(Table table, KeyEncoder encoder) {
        this.io = table.io();
        this.directory = directory(table);
        this.properties = table.properties();
        List<Types.NestedField> fields = new ArrayList<>();
        for (String column : encoder.columns()) {
            fields.add(table.schema().findField(column));
        }
        this.keyColumns = new Schema(fields);
        this.encoder = encoder.reading(encoder.columns());
    }

    static String directory(Table table) {
        String metadata = table.properties().get(TableProperties.WRITE_METADATA_LOCATION);
        return (metadata == null ? table.location() + "/metadata" : metadata) + "/fluss-keys";
    }

    /** The name of the data file that a key file is about. */
    static @Nullable String dataFileName(String keyFileName) {
        return keyFileName.endsWith(SUFFIX) && keyFileName.length() > SUFFIX_LENGTH
                ? keyFileName.substring(0, keyFileName.length() - SUFFIX_LENGTH)
                : null;
    }

    String location(String dataFile) {
        byte[] bytes = dataFile.getBytes(StandardCharsets.UTF_8);
        return directory
                + "/"
                + dataFile.substring(dataFile.lastIndexOf('/') + 1)
                + "-"
                + HexFormat.of().toHexDigits(KeyFileWriter.crc(bytes, bytes.length))
                + SUFFIX;
    }

    /**
     * Writes the key file of a new data file.
     *
     * @param sorted a digest for each row
     */
    void write(DataFile dataFile, KeyDigests sorted) throws IOException {
        try (KeyFileWriter writer = new KeyFileWriter(output(dataFile))) {
            writer.write(sorted);
            writer.finish(dataFile);
        }
    }

    /**
     * Hands out the position of every row of a data file whose key is among the wanted ones; a
     * position may come twice.
     */
    void find(DataFile dataFile, KeyDigests wanted, IntConsumer found) throws IOException {
        if (wanted.count() == 0) {
            return;
        }
        try {
            KeyFile.open(io.newInputFile(location(dataFile.location())), dataFile)
                    .find(wanted, found);
            return;
        } catch (NotFoundException e) {
            LOG.info("Data file {} has no key file, which is made", dataFile.location());
        } catch (IOException | RuntimeException e) {
            LOG.warn("The key file of {} is made again", dataFile.location(), e);
        }
        rebuild(dataFile, wanted, found);
    }

    private void rebuild(DataFile dataFile, KeyDigests wanted, IntConsumer found)
            throws IOException {
        if (dataFile.recordCount() > Integer.MAX_VALUE) {
            throw ErrorReason.INVALID_TABLE.exception(
                    dataFile.location()
                            + " has "
                            + dataFile.recordCount()
                            + " rows; rewrite it into smaller files");
        }
        @Nullable KeyFileWriter writer = create(dataFile);
        try (CloseableIterable<Record> rows = keys(dataFile)) {
            KeyDigests run =
                    new KeyDigests(
                            (int) Math.min(dataFile.recordCount(), KeyFileFormat.RUN_ENTRIES_MAX));
            RecordKey key = new RecordKey();
            RowBytes bytes = new RowBytes(64);
            int position = 0;
            for (Record row : rows) {
                bytes.clear();
                encoder.encode(key.at(row), bytes);
                run.add(bytes, position++);
                if (run.count() == KeyFileFormat.RUN_ENTRIES_MAX) {
                    writer = endRun(run, wanted, found, writer, dataFile);
                }
            }
            writer = endRun(run, wanted, found, writer, dataFile);
        } finally {
            finish(writer, dataFile);
        }
    }

    private @Nullable KeyFileWriter endRun(
            KeyDigests run,
            KeyDigests wanted,
            IntConsumer found,
            @Nullable KeyFileWriter writer,
            DataFile dataFile) {
        run.sort();
        run.find(wanted, found);
        @Nullable KeyFileWriter usable = writer;
        if (writer != null) {
            try {
                writer.write(run);
            } catch (IOException | RuntimeException e) {
                withoutKeyFile(dataFile, e);
                close(writer);
                usable = null;
            }
        }
        run.clear();
        return usable;
    }

    private @Nullable KeyFileWriter create(DataFile dataFile) {
        try {
            return new KeyFileWriter(output(dataFile));
        } catch (RuntimeException e) {
            withoutKeyFile(dataFile, e);
            return null;
        }
    }

    /** A file that is not complete has not got as many keys as rows, and is not used. */
    private static void finish(@Nullable KeyFileWriter writer, DataFile dataFile) {
        if (writer == null) {
            return;
        }
        try (writer) {
            writer.finish(dataFile);
        } catch (IOException | RuntimeException e) {
            withoutKeyFile(dataFile, e);
        }
    }

    private static void close(KeyFileWriter writer) {
        try {
            writer.close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("Closing an unfinished key file", e);
        }
    }

    private static void withoutKeyFile(DataFile dataFile, Exception e) {
        LOG.warn("{} stays without a key file until the next round", dataFile.location(), e);
    }

    private CloseableIterable<Record> keys(DataFile dataFile) {
        ReadBuilder<Record, Schema> builder =
                FormatModelRegistry.readBuilder(
                        dataFile.format(), Record.class, io.newInputFile(dataFile));
        String mapping = properties.get(TableProperties.DEFAULT_NAME_MAPPING);
        if (mapping != null) {
            builder.withNameMapping(NameMappingParser.fromJson(mapping));
        }
        return builder.project(keyColumns).reuseContainers().build();
    }

    private OutputFile output(DataFile dataFile) {
        return io.newOutputFile(location(dataFile.location()));
    }
}
