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

import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FileWriterBuilder;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;

/**
 * Files through Iceberg's own writer, row by row: for tables with nested columns, and for other
 * file formats than Parquet.
 */
final class RecordFileOpener implements DataFileOpener {
    private final Table table;
    private final Schema schema;
    private final DataFileLocations locations;
    private final FileFormat format;

    RecordFileOpener(Table table, Schema schema, DataFileLocations locations, FileFormat format) {
        this.table = table;
        this.schema = schema;
        this.locations = locations;
        this.format = format;
    }

    @Override
    public OpenFile open() throws IOException {
        OutputFile output = table.io().newOutputFile(locations.next());
        FileWriterBuilder<DataWriter<Record>, Schema> builder =
                FormatModelRegistry.dataWriteBuilder(
                        format, Record.class, EncryptedFiles.plainAsEncryptedOutput(output));
        DataWriter<Record> writer =
                builder.setAll(table.properties())
                        .schema(schema)
                        .spec(table.spec())
                        .partition(table.spec().isPartitioned() ? locations.partition() : null)
                        .metricsConfig(MetricsConfig.forTable(table))
                        .build();
        return new RecordFile(output.location(), writer, new ArrowRecords(schema.asStruct()));
    }

    private record RecordFile(String location, DataWriter<Record> writer, ArrowRecords records)
            implements OpenFile {
        @Override
        public void write(VectorSchemaRoot rows) {
            for (int i = 0; i < rows.getRowCount(); i++) {
                writer.write(records.row(rows.getFieldVectors(), i));
            }
        }

        @Override
        public long sizeBytes() {
            return writer.length();
        }

        @Override
        public DataFile complete() throws IOException {
            writer.close();
            return writer.toDataFile();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
