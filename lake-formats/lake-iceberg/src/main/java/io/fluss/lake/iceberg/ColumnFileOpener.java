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

import io.fluss.lake.parquet.ArrowParquetWriter;
import io.fluss.lake.parquet.FloatingRange;
import io.fluss.lake.parquet.ParquetLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.MetricsModes;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** Parquet files by the column path. */
final class ColumnFileOpener implements DataFileOpener {
    private final Table table;
    private final DataFileLocations locations;
    private final Schema columns;
    private final MessageType schema;
    private final ParquetLayout layout;

    ColumnFileOpener(Table table, Schema columns, DataFileLocations locations) {
        this.table = table;
        this.columns = columns;
        this.locations = locations;
        this.schema = ParquetSchemas.of(columns);
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
                        Map.of("iceberg.schema", SchemaParser.toJson(columns))));
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
            MetricsConfig config = MetricsConfig.forTable(table);
            Metrics metrics =
                    withFloatingRanges(
                            ParquetUtil.fileMetrics(input, config),
                            config,
                            summary.floatingRanges());
            DataFiles.Builder file =
                    DataFiles.builder(table.spec())
                            .withPath(output.location())
                            .withFormat(FileFormat.PARQUET)
                            .withFileSizeInBytes(input.getLength())
                            .withSplitOffsets(summary.splitOffsets())
                            .withMetrics(metrics);
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

    /**
     * Takes counts and bounds of floating point columns from the writer. With a NaN there is no
     * upper bound, since engines differ in whether a NaN is greater than all numbers.
     */
    private Metrics withFloatingRanges(
            Metrics metrics, MetricsConfig config, Map<Integer, FloatingRange> ranges) {
        Map<Integer, Long> nanCounts = new HashMap<>();
        Map<Integer, ByteBuffer> lower = copyOf(metrics.lowerBounds());
        Map<Integer, ByteBuffer> upper = copyOf(metrics.upperBounds());
        ranges.forEach(
                (id, range) -> {
                    lower.remove(id);
                    upper.remove(id);
                    MetricsModes.MetricsMode mode =
                            config.columnMode(table.schema().findColumnName(id));
                    if (mode == MetricsModes.None.get()) {
                        return;
                    }
                    nanCounts.put(id, range.nanCount());
                    if (mode == MetricsModes.Counts.get() || range.isEmpty()) {
                        return;
                    }
                    lower.put(id, bound(id, range.min() == 0 ? -0.0d : range.min()));
                    if (range.nanCount() == 0) {
                        upper.put(id, bound(id, range.max() == 0 ? 0.0d : range.max()));
                    }
                });
        return new Metrics(
                metrics.recordCount(),
                metrics.columnSizes(),
                metrics.valueCounts(),
                metrics.nullValueCounts(),
                nanCounts,
                lower,
                upper);
    }

    private static Map<Integer, ByteBuffer> copyOf(@Nullable Map<Integer, ByteBuffer> bounds) {
        return bounds == null ? new HashMap<>() : new HashMap<>(bounds);
    }

    private ByteBuffer bound(int fieldId, double value) {
        Type type = table.schema().findType(fieldId);
        return type.typeId() == Type.TypeID.FLOAT
                ? Conversions.toByteBuffer(type, (float) value)
                : Conversions.toByteBuffer(type, value);
    }
}
