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
package io.fluss.lake.parquet;

import io.fluss.errors.ErrorReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.codec.ZstandardCodec;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;

/**
 * Writes Arrow batches to one Parquet file. Columns are flat; batches carry them in the order of
 * the file's schema. Takes all Arrow forms of a type and brings them to the one of the file: times
 * and timestamps to its unit (finer ones are floored), small integers to 32 bits, decimals to
 * INT32, INT64 or bytes by precision. Not thread-safe.
 */
public final class ArrowParquetWriter implements AutoCloseable {
    private static final int COLUMN_INDEX_TRUNCATE_BYTES = 64;

    private final MessageType schema;
    private final ParquetLayout layout;
    private final Map<String, String> keyValues;
    private final BytesInputCompressor compressor;
    private final ParquetFileWriter file;
    private final List<ColumnWriter> columns = new ArrayList<>();

    private ColumnChunkPageWriteStore pages;
    private long rowGroupRows;
    private long rows;
    private boolean isFinished;

    /**
     * Creates the file.
     *
     * @param keyValues go into the footer
     * @throws IOException if the file cannot be created, or exists
     */
    public ArrowParquetWriter(
            OutputFile output,
            MessageType schema,
            ParquetLayout layout,
            Map<String, String> keyValues)
            throws IOException {
        this.schema = schema;
        this.layout = layout;
        this.keyValues = Map.copyOf(keyValues);
        for (ColumnDescriptor c : schema.getColumns()) {
            columns.add(ColumnKinds.writer(c, layout));
        }
        file =
                new ParquetFileWriter(
                        output,
                        schema,
                        ParquetFileWriter.Mode.CREATE,
                        layout.rowGroupBytes(),
                        0,
                        COLUMN_INDEX_TRUNCATE_BYTES,
                        Integer.MAX_VALUE,
                        true);
        file.start();
        compressor = compressor(layout);
        pages = newPages();
    }

    /** Appends a batch, which stays the caller's. */
    public void write(VectorSchemaRoot batch) throws IOException {
        List<FieldVector> vectors = batch.getFieldVectors();
        if (vectors.size() != columns.size()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "a batch has "
                            + vectors.size()
                            + " columns, the file has "
                            + columns.size()
                            + ": "
                            + schema);
        }
        int count = batch.getRowCount();
        if (count == 0) {
            return;
        }
        for (int i = 0; i < columns.size(); i++) {
            ColumnWriter column = columns.get(i);
            FieldVector vector = vectors.get(i);
            checkScale(column, vector);
            column.append(vector, count, pages.getPageWriter(column.descriptor()));
        }
        rowGroupRows += count;
        rows += count;
        if (bufferedBytes() >= layout.rowGroupBytes()) {
            endRowGroup();
        }
    }

    /** Bytes in the file and held for it; of the page in work before compression. */
    public long sizeBytes() throws IOException {
        return isFinished ? file.getPos() : file.getPos() + bufferedBytes();
    }

    /** Ends the file. */
    public Summary finish() throws IOException {
        endRowGroup();
        file.end(new LinkedHashMap<>(keyValues));
        isFinished = true;
        Map<Integer, FloatingRange> ranges = new LinkedHashMap<>();
        for (ColumnWriter c : columns) {
            if (c.type().getId() != null) {
                c.floatingRange().ifPresent(r -> ranges.put(c.type().getId().intValue(), r));
            }
        }
        List<Long> starts = new ArrayList<>();
        for (BlockMetaData block : file.getFooter().getBlocks()) {
            starts.add(block.getStartingPos());
        }
        return new Summary(rows, starts, ranges);
    }

    /** Releases everything; a file that was not finished is left without a footer. */
    @Override
    public void close() throws IOException {
        pages.close();
        compressor.release();
        file.close();
    }

    /**
     * What the footer does not say directly.
     *
     * @param splitOffsets where row groups start
     * @param floatingRanges by field id, for FLOAT and DOUBLE columns
     */
    public record Summary(
            long rows, List<Long> splitOffsets, Map<Integer, FloatingRange> floatingRanges) {
        public Summary {
            splitOffsets = List.copyOf(splitOffsets);
            floatingRanges = Map.copyOf(floatingRanges);
        }
    }

    private long bufferedBytes() {
        long sum = 0;
        for (ColumnWriter c : columns) {
            sum += pages.getPageWriter(c.descriptor()).getMemSize() + c.bufferedBytes();
        }
        return sum;
    }

    private void endRowGroup() throws IOException {
        if (rowGroupRows == 0) {
            return;
        }
        for (ColumnWriter c : columns) {
            c.endRowGroup(pages.getPageWriter(c.descriptor()));
        }
        file.startBlock(rowGroupRows);
        pages.flushToFileWriter(file);
        file.endBlock();
        rowGroupRows = 0;
        pages.close();
        pages = newPages();
    }

    private static BytesInputCompressor compressor(ParquetLayout layout) {
        return layout.codec() == CompressionCodecName.ZSTD
                ? new ZstdPages(
                        layout.codecLevel()
                                .orElse(ZstandardCodec.DEFAULT_PARQUET_COMPRESS_ZSTD_LEVEL))
                : new CodecFactory(new Configuration(false), layout.pageBytes())
                        .getCompressor(layout.codec());
    }

    private ColumnChunkPageWriteStore newPages() {
        return new ColumnChunkPageWriteStore(
                compressor,
                schema,
                HeapByteBufferAllocator.getInstance(),
                COLUMN_INDEX_TRUNCATE_BYTES);
    }

    private static void checkScale(ColumnWriter column, FieldVector vector) {
        if (vector instanceof DecimalVector decimals
                && column.type().getLogicalTypeAnnotation()
                        instanceof DecimalLogicalTypeAnnotation wanted
                && decimals.getScale() != wanted.getScale()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "column '"
                            + column.name()
                            + "': a batch has decimals of scale "
                            + decimals.getScale()
                            + ", the file has scale "
                            + wanted.getScale());
        }
    }
}
