package io.fluss.lake.iceberg;

import io.fluss.lake.parquet.ArrowParquetWriter;
import io.fluss.lake.parquet.ParquetLayout;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.schema.MessageType;

/** Parquet files by the column path. */
final class ColumnFileOpener implements DataFileOpener {
    private final Table table;
    private final DataFileLocations locations;
    private final MessageType schema;
    private final ParquetLayout layout;

    ColumnFileOpener(Table table, DataFileLocations locations) {
        this.table = table;
        this.locations = locations;
        this.schema = ParquetSchemas.of(table.schema());
        this.layout = ParquetSettings.layout(table.name(), table.properties());
    }

    @Override
    public OpenFile open() throws IOException {
        OutputFile output = table.io().newOutputFile(locations.next());
        return new ColumnFile(
                output,
                new ArrowParquetWriter(
                        new ParquetOutput(output),
                        schema,
                        layout,
                        Map.of("iceberg.schema", SchemaParser.toJson(table.schema()))));
    }

    private final class ColumnFile implements OpenFile {
        private final OutputFile output;
        private final ArrowParquetWriter writer;

        ColumnFile(OutputFile output, ArrowParquetWriter writer) {
            this.output = output;
            this.writer = writer;
        }

        @Override
        public String location() {
            return output.location();
        }

        @Override
        public void write(VectorSchemaRoot rows) throws IOException {
            writer.write(rows);
        }

        @Override
        public long sizeBytes() throws IOException {
            return writer.sizeBytes();
        }

        @Override
        public DataFile complete() throws IOException {
            ArrowParquetWriter.Summary summary = writer.finish();
            writer.close();
            InputFile input = output.toInputFile();
            Metrics metrics = ParquetUtil.fileMetrics(input, MetricsConfig.forTable(table));
            DataFiles.Builder file =
                    DataFiles.builder(table.spec())
                            .withPath(output.location())
                            .withFormat(FileFormat.PARQUET)
                            .withFileSizeInBytes(input.getLength())
                            .withSplitOffsets(summary.splitOffsets())
                            .withMetrics(withNanCounts(metrics, summary.nanCounts()));
            if (table.spec().isPartitioned()) {
                file.withPartition(locations.partition());
            }
            return file.build();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }

    /** Adds what a Parquet footer does not hold, for the columns whose counts are wanted. */
    private static Metrics withNanCounts(Metrics metrics, Map<Integer, Long> nanCounts) {
        Map<Integer, Long> wanted = new HashMap<>(nanCounts);
        Map<Integer, Long> counted = metrics.valueCounts();
        wanted.keySet().removeIf(id -> counted == null || !counted.containsKey(id));
        return new Metrics(
                metrics.recordCount(),
                metrics.columnSizes(),
                metrics.valueCounts(),
                metrics.nullValueCounts(),
                wanted,
                metrics.lowerBounds(),
                metrics.upperBounds());
    }
}
