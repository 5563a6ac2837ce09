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
package io.fluss.lake.paimon;

import io.fluss.lake.parquet.ArrowParquetWriter;
import io.fluss.lake.parquet.ParquetLayout;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.data.BinaryRow;
import org.apache.paimon.format.FileFormat;
import org.apache.paimon.format.SimpleColStats;
import org.apache.paimon.format.parquet.ParquetSchemaConverter;
import org.apache.paimon.fs.FileIO;
import org.apache.paimon.fs.Path;
import org.apache.paimon.io.DataFileMeta;
import org.apache.paimon.io.DataFilePathFactory;
import org.apache.paimon.manifest.FileSource;
import org.apache.paimon.options.Options;
import org.apache.paimon.stats.SimpleStats;
import org.apache.paimon.stats.SimpleStatsConverter;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.types.DataField;
import org.apache.paimon.types.DataType;
import org.apache.paimon.types.DataTypeRoot;
import org.apache.paimon.types.DataTypes;
import org.apache.paimon.utils.Pair;
import org.apache.paimon.utils.StatsCollectorFactories;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Data files of append tables by the column path: Parquet from Arrow vectors, in the schema that
 * Paimon's own writer would use, with statistics taken by Paimon's own means.
 */
final class ColumnFiles {
    private static final String PARQUET = "parquet";
    private static final String PARQUET_OPTIONS = "parquet.";
    private static final String EXTERNAL_PATHS = "data-file.external-paths";
    private static final long ROW_GROUP_BYTES = 128L << 20;
    private static final int PAGE_BYTES = 1 << 20;
    private static final int PAGE_ROWS = 20_000;
    private static final int DICTIONARY_BYTES = 1 << 20;

    /** Of TIMESTAMP; finer ones are 96 bits wide in Paimon's files. */
    private static final int TIMESTAMP_PRECISION_MAX = 6;

    private static final Set<DataTypeRoot> NESTED =
            Set.of(DataTypeRoot.ARRAY, DataTypeRoot.MAP, DataTypeRoot.ROW);
    private static final Set<DataTypeRoot> TIMESTAMPS =
            Set.of(
                    DataTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE,
                    DataTypeRoot.TIMESTAMP_WITH_LOCAL_TIME_ZONE);

    private final FileStoreTable table;
    private final FileIO io;
    private final DataFilePathFactory paths;
    private final MessageType schema;
    private final ParquetLayout layout;

    ColumnFiles(FileStoreTable table, BinaryRow partition, int bucket) {
        this.table = table;
        this.io = table.fileIO();
        this.paths = table.store().pathFactory().createDataFilePathFactory(partition, bucket);
        this.schema =
                MessageTypeParser.parseMessageType(
                        ParquetSchemaConverter.convertToParquetMessageType(table.rowType())
                                .toString());
        this.layout = layout(table);
    }

    /**
     * Whether files of a table can be made here. Those with an index inside or beside, with row
     * numbers or in other places, of nested columns or of another format are Paimon's writer's.
     */
    static boolean areFor(FileStoreTable table) {
        CoreOptions options = table.coreOptions();
        return table.primaryKeys().isEmpty()
                && options.fileFormatString().equals(PARQUET)
                && codec(options.fileCompression()).isPresent()
                && !options.rowTrackingEnabled()
                && !options.dataEvolutionEnabled()
                && options.indexColumnsOptions().isEmpty()
                && table.options().keySet().stream()
                        .noneMatch(k -> k.startsWith(PARQUET_OPTIONS) || k.equals(EXTERNAL_PATHS))
                && table.rowType().getFields().stream()
                        .map(DataField::type)
                        .allMatch(ColumnFiles::isWritten);
    }

    private static boolean isWritten(DataType type) {
        return !NESTED.contains(type.getTypeRoot())
                && (!TIMESTAMPS.contains(type.getTypeRoot())
                        || DataTypes.getPrecision(type).orElse(0) <= TIMESTAMP_PRECISION_MAX);
    }

    private static ParquetLayout layout(FileStoreTable table) {
        CoreOptions options = table.coreOptions();
        CompressionCodecName codec = codec(options.fileCompression()).orElseThrow();
        return new ParquetLayout(
                codec,
                codec == CompressionCodecName.ZSTD
                        ? OptionalInt.of(
                                options.toConfiguration()
                                        .get(CoreOptions.FILE_COMPRESSION_ZSTD_LEVEL))
                        : OptionalInt.empty(),
                ROW_GROUP_BYTES,
                PAGE_BYTES,
                PAGE_ROWS,
                DICTIONARY_BYTES);
    }

    private static Optional<CompressionCodecName> codec(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "zstd" -> Optional.of(CompressionCodecName.ZSTD);
            case "snappy" -> Optional.of(CompressionCodecName.SNAPPY);
            case "gzip" -> Optional.of(CompressionCodecName.GZIP);
            case "none", "uncompressed" -> Optional.of(CompressionCodecName.UNCOMPRESSED);
            default -> Optional.empty();
        };
    }

    OpenFile open() throws IOException {
        Path path = paths.newPath();
        return new OpenFile(
                path, new ArrowParquetWriter(new PaimonOutput(io, path), schema, layout, Map.of()));
    }

    void delete(Path path) {
        io.deleteQuietly(path);
    }

    Path path(DataFileMeta file) {
        return paths.toPath(file);
    }

    /** A file in work. */
    record OpenFile(Path path, ArrowParquetWriter writer) {}

    /**
     * Ends a file.
     *
     * @param firstSequence number of its first row in the bucket
     */
    DataFileMeta end(OpenFile file, long firstSequence) throws IOException {
        long rows = file.writer().finish().rows();
        file.writer().close();
        long size = io.getFileSize(file.path());
        Pair<List<String>, SimpleStats> statistics =
                new SimpleStatsConverter(table.rowType(), table.coreOptions().statsDenseStore())
                        .toBinary(columnStatistics(file.path(), size));
        return DataFileMeta.forAppend(
                file.path().getName(),
                size,
                rows,
                statistics.getRight(),
                firstSequence,
                firstSequence + rows - 1,
                table.schema().id(),
                List.of(),
                null,
                FileSource.APPEND,
                statistics.getLeft(),
                null,
                null,
                null);
    }

    private SimpleColStats[] columnStatistics(Path path, long size) throws IOException {
        return FileFormat.fromIdentifier(PARQUET, new Options(table.options()))
                .createStatsExtractor(
                        table.rowType(),
                        new StatsCollectorFactories(table.coreOptions())
                                .statsCollectors(table.rowType().getFieldNames()))
                .orElseThrow()
                .extract(io, path, size);
    }
}
