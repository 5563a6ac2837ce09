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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type.Repetition;

/**
 * Cuts one column into data pages of version 2. A page collects pieces of batches until it is full,
 * so small batches do not make small pages. Subclasses hold the values; this class the definition
 * levels and the page border.
 */
abstract class ColumnWriter {
    private final ColumnDescriptor descriptor;
    private final PrimitiveType type;
    private final boolean isOptional;
    private final ParquetLayout layout;
    private final Set<MinorType> accepted;

    private final Presence presence = new Presence();
    private final Bits defined = new Bits();
    private final ByteSink levels = new ByteSink();
    private int pageNulls;

    ColumnWriter(ColumnDescriptor descriptor, ParquetLayout layout, Set<MinorType> accepted) {
        this.descriptor = descriptor;
        this.type = descriptor.getPrimitiveType();
        this.isOptional = type.getRepetition() == Repetition.OPTIONAL;
        this.layout = layout;
        this.accepted = accepted;
    }

    final ColumnDescriptor descriptor() {
        return descriptor;
    }

    final PrimitiveType type() {
        return type;
    }

    final ParquetLayout layout() {
        return layout;
    }

    /** Takes the first {@code rows} slots of the vector; ends pages that are full. */
    final void append(FieldVector vector, int rows, PageWriter target) throws IOException {
        if (!accepted.contains(vector.getMinorType())) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "column '"
                            + name()
                            + "': a batch has Arrow type "
                            + vector.getMinorType()
                            + ", the file needs one of "
                            + accepted);
        }
        int from = 0;
        while (from < rows) {
            int room = Math.min(rows - from, layout.pageRows() - defined.count());
            int count = Math.max(1, fitting(vector, from, room));
            presence.read(vector, from, count);
            if (presence.nulls() > 0 && !isOptional) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "column '" + name() + "' is NOT NULL, a batch has a null in it");
            }
            presence.appendTo(defined);
            pageNulls += presence.nulls();
            take(vector, from, presence);
            from += count;
            if (defined.count() >= layout.pageRows() || pageBytes() >= layout.pageBytes()) {
                endPage(target);
            }
        }
    }

    /** Ends the last page and writes the dictionary; the writer is ready for a new row group. */
    final void endRowGroup(PageWriter target) throws IOException {
        endPage(target);
        endDictionary(target);
    }

    /** Bytes held for the page in work. */
    final long bufferedBytes() {
        return (long) pageBytes() + defined.byteCount();
    }

    /** What a footer cannot say of floating point values; empty for other types. */
    Optional<FloatingRange> floatingRange() {
        return Optional.empty();
    }

    final String name() {
        return String.join(".", descriptor.getPath());
    }

    /** How many of {@code room} slots still fit into the page in work by their bytes. */
    abstract int fitting(FieldVector vector, int from, int room);

    /** Adds the values of the slots that are present. */
    abstract void take(FieldVector vector, int from, Presence slots);

    /** Bytes of the values in the page in work, as they are without a dictionary. */
    abstract int pageBytes();

    /** Ends the page in work: its values in the encoding that was chosen for it. */
    abstract Values endValues() throws IOException;

    abstract void addMinMax(Statistics<?> statistics);

    abstract void endDictionary(PageWriter target) throws IOException;

    /** Content of a data page; the bytes are valid until the column is used again. */
    record Values(BytesInput bytes, Encoding encoding) {}

    private void endPage(PageWriter target) throws IOException {
        int rows = defined.count();
        if (rows == 0) {
            return;
        }
        Statistics<?> statistics = Statistics.createStats(type);
        statistics.incrementNumNulls(pageNulls);
        if (pageNulls < rows) {
            addMinMax(statistics);
        }
        Values values = endValues();
        target.writePageV2(
                rows,
                pageNulls,
                rows,
                BytesInput.empty(),
                definitionLevels(rows),
                values.encoding(),
                values.bytes(),
                statistics);
        defined.clear();
        pageNulls = 0;
    }

    /** One run if all levels are equal, else the validity bits as they are. */
    private BytesInput definitionLevels(int rows) {
        if (!isOptional) {
            return BytesInput.empty();
        }
        levels.clear();
        if (pageNulls == 0 || pageNulls == rows) {
            levels.putVarInt(rows << 1);
            levels.putByte(pageNulls == 0 ? 1 : 0);
        } else {
            levels.putVarInt((defined.byteCount() << 1) | 1);
            levels.put(defined.array(), 0, defined.byteCount());
        }
        return levels.view();
    }

    /** Ids of dictionary entries, as a data page holds them. */
    static BytesInput dictionaryIds(int[] ids, int count, int dictionarySize) throws IOException {
        int bitWidth = bitWidth(dictionarySize);
        try (RunLengthBitPackingHybridEncoder encoder =
                new RunLengthBitPackingHybridEncoder(
                        bitWidth, 1024, 1024 * 1024, HeapByteBufferAllocator.getInstance())) {
            for (int i = 0; i < count; i++) {
                encoder.writeInt(ids[i]);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(bitWidth);
            encoder.toBytes().writeAllTo(out);
            return BytesInput.from(out.toByteArray());
        }
    }

    static int bitWidth(int dictionarySize) {
        return 32 - Integer.numberOfLeadingZeros(Math.max(0, dictionarySize - 1));
    }
}
