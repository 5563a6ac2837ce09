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

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** Text and bytes (BINARY, each with its length) and wide decimals (FIXED_LEN_BYTE_ARRAY). */
final class BytesColumn extends ColumnWriter {
    private static final int DECIMAL_BYTES = 16;
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final boolean isFixed;
    private final ByteSink page = new ByteSink();
    private final ByteSink dictionaryPage = new ByteSink();

    /** Longer by a word than what is staged, so that the prefix of the last value can be read. */
    private byte[] staged = new byte[Long.BYTES];

    private byte[] raw = new byte[0];
    private int[] starts = new int[0];
    private int[] lengths = new int[0];

    private @Nullable BytesDictionary dictionary;
    private boolean isDictionaryInUse;
    private boolean isDictionaryWritten;
    private boolean isDictionaryOfNoUse;
    private int[] ids = new int[0];
    private int idCount;
    private int idPlainBytes;

    private byte @Nullable [] min;
    private byte @Nullable [] max;

    BytesColumn(ColumnDescriptor descriptor, ParquetLayout layout, Set<MinorType> accepted) {
        super(descriptor, layout, accepted);
        isFixed = type().getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
        startDictionary();
    }

    @Override
    int fitting(FieldVector vector, int from, int room) {
        int bytesLeft = layout().pageBytes() - pageBytes();
        return switch (vector.getMinorType()) {
            case DECIMAL -> Math.min(room, bytesLeft / type().getTypeLength());
            case FIXEDSIZEBINARY ->
                    Math.min(
                            room,
                            bytesLeft
                                    / (((FixedSizeBinaryVector) vector).getByteWidth()
                                            + Integer.BYTES));
            default -> fittingVariable(vector.getOffsetBuffer(), from, room, bytesLeft);
        };
    }

    private static int fittingVariable(ArrowBuf offsets, int from, int room, int bytesLeft) {
        long start = offsets.getInt((long) from * Integer.BYTES);
        int lo = 0;
        int hi = room;
        while (lo < hi) {
            int mid = (lo + hi + 1) >>> 1;
            long end = offsets.getInt((long) (from + mid) * Integer.BYTES);
            if (end - start + (long) mid * Integer.BYTES <= bytesLeft) {
                lo = mid;
            } else {
                hi = mid - 1;
            }
        }
        return lo;
    }

    @Override
    void take(FieldVector vector, int from, Presence slots) {
        if (starts.length < slots.rows()) {
            starts = new int[slots.rows()];
            lengths = new int[slots.rows()];
        }
        switch (vector.getMinorType()) {
            case DECIMAL -> stageDecimals(vector, from, slots);
            case FIXEDSIZEBINARY -> stageFixed((FixedSizeBinaryVector) vector, from, slots);
            default -> stageVariable(vector, from, slots);
        }
        int n = slots.values();
        observe(n);
        int i = 0;
        if (isDictionaryInUse) {
            i = takeIds(n);
        }
        for (; i < n; i++) {
            plain(page, staged, starts[i], lengths[i]);
        }
    }

    private int takeIds(int n) {
        BytesDictionary d = startDictionary();
        if (ids.length < idCount + n) {
            ids = Arrays.copyOf(ids, Math.max(idCount + n, ids.length * 2));
        }
        for (int i = 0; i < n; i++) {
            int id = d.idOf(staged, starts[i], lengths[i]);
            if (id < 0) {
                leaveDictionary();
                return i;
            }
            ids[idCount++] = id;
            idPlainBytes += plainBytes(lengths[i]);
        }
        return n;
    }

    private BytesDictionary startDictionary() {
        if (dictionary == null) {
            dictionary =
                    new BytesDictionary(
                            ParquetLayout.DICTIONARY_ENTRIES_MAX, layout().dictionaryBytes());
            isDictionaryInUse = layout().dictionaryBytes() > 0 && !isDictionaryOfNoUse;
        }
        return dictionary;
    }

    /** Turns the page in work into plain values; pages written before keep the dictionary. */
    private void leaveDictionary() {
        BytesDictionary d = startDictionary();
        for (int i = 0; i < idCount; i++) {
            plain(page, d.content(), d.start(ids[i]), d.length(ids[i]));
        }
        idCount = 0;
        idPlainBytes = 0;
        isDictionaryInUse = false;
    }

    private void plain(ByteSink sink, byte[] source, int start, int length) {
        if (!isFixed) {
            sink.putInt(length);
        }
        sink.put(source, start, length);
    }

    private int plainBytes(int length) {
        return isFixed ? length : length + Integer.BYTES;
    }

    @Override
    int pageBytes() {
        return isDictionaryInUse ? idPlainBytes : page.size();
    }

    @Override
    Values endValues() throws IOException {
        min = null;
        max = null;
        if (isDictionaryInUse && !isDictionaryWritten && idCount > 0 && !pays()) {
            leaveDictionary();
            isDictionaryOfNoUse = true;
        }
        Values values;
        if (isDictionaryInUse && (isDictionaryWritten || idCount > 0)) {
            values =
                    new Values(
                            dictionaryIds(ids, idCount, startDictionary().size()),
                            Encoding.RLE_DICTIONARY);
            isDictionaryWritten = true;
            idCount = 0;
            idPlainBytes = 0;
        } else {
            values = new Values(page.view(), Encoding.PLAIN);
            page.clear();
        }
        return values;
    }

    /** Whether the first page of the row group is smaller with its dictionary than without. */
    private boolean pays() {
        BytesDictionary d = startDictionary();
        long content = d.contentBytes() + (isFixed ? 0L : (long) d.size() * Integer.BYTES);
        return content + (((long) idCount * bitWidth(d.size())) >>> 3) < idPlainBytes;
    }

    @Override
    void endDictionary(PageWriter target) throws IOException {
        BytesDictionary d = startDictionary();
        if (isDictionaryWritten) {
            dictionaryPage.clear();
            for (int id = 0; id < d.size(); id++) {
                plain(dictionaryPage, d.content(), d.start(id), d.length(id));
            }
            target.writeDictionaryPage(
                    new DictionaryPage(dictionaryPage.view(), d.size(), Encoding.PLAIN));
        }
        dictionary = null;
        isDictionaryWritten = false;
        startDictionary();
    }

    @Override
    void addMinMax(Statistics<?> statistics) {
        if (min != null && max != null) {
            statistics.updateStats(Binary.fromConstantByteArray(min));
            statistics.updateStats(Binary.fromConstantByteArray(max));
        }
    }

    private void observe(int n) {
        if (n == 0) {
            return;
        }
        int lo = 0;
        int hi = 0;
        long first = prefix(0);
        long loPrefix = first;
        long hiPrefix = first;
        for (int i = 1; i < n; i++) {
            long p = prefix(i);
            if (p < loPrefix || (p == loPrefix && isLess(i, lo))) {
                lo = i;
                loPrefix = p;
            }
            if (p > hiPrefix || (p == hiPrefix && isLess(hi, i))) {
                hi = i;
                hiPrefix = p;
            }
        }
        if (min == null || compare(staged, starts[lo], lengths[lo], min, 0, min.length) < 0) {
            min = Arrays.copyOfRange(staged, starts[lo], starts[lo] + lengths[lo]);
        }
        if (max == null || compare(staged, starts[hi], lengths[hi], max, 0, max.length) > 0) {
            max = Arrays.copyOfRange(staged, starts[hi], starts[hi] + lengths[hi]);
        }
    }

    /**
     * The first bytes of a staged value as a number in the order of {@link #compare}; equal for
     * values that differ only later, or only in zeros at the end.
     */
    private long prefix(int i) {
        long word = (long) WORD.get(staged, starts[i]);
        int unused = Long.BYTES - Math.min(lengths[i], Long.BYTES);
        long bytes =
                unused == Long.BYTES ? 0 : word >>> (unused * Byte.SIZE) << (unused * Byte.SIZE);
        return isFixed ? bytes : bytes ^ Long.MIN_VALUE;
    }

    private boolean isLess(int i, int j) {
        return compare(staged, starts[i], lengths[i], staged, starts[j], lengths[j]) < 0;
    }

    /** Decimals by value, everything else by unsigned bytes. */
    private int compare(byte[] a, int aFrom, int aLength, byte[] b, int bFrom, int bLength) {
        if (isFixed) {
            int c = Byte.compare(a[aFrom], b[bFrom]);
            if (c != 0) {
                return c;
            }
        }
        return Arrays.compareUnsigned(a, aFrom, aFrom + aLength, b, bFrom, bFrom + bLength);
    }

    private void stageVariable(FieldVector vector, int from, Presence slots) {
        ArrowBuf offsets = vector.getOffsetBuffer();
        int first = offsets.getInt((long) from * Integer.BYTES);
        int end = offsets.getInt((long) (from + slots.rows()) * Integer.BYTES);
        staged = atLeast(staged, end - first + Long.BYTES);
        vector.getDataBuffer().getBytes(first, staged, 0, end - first);
        int n = 0;
        int start = first;
        for (int i = 0; i < slots.rows(); i++) {
            int next = offsets.getInt((long) (from + i + 1) * Integer.BYTES);
            if (slots.at(i)) {
                starts[n] = start - first;
                lengths[n++] = next - start;
            }
            start = next;
        }
    }

    private void stageFixed(FixedSizeBinaryVector vector, int from, Presence slots) {
        int width = vector.getByteWidth();
        staged = atLeast(staged, slots.rows() * width + Long.BYTES);
        vector.getDataBuffer().getBytes((long) from * width, staged, 0, slots.rows() * width);
        int n = 0;
        for (int i = 0; i < slots.rows(); i++) {
            if (slots.at(i)) {
                starts[n] = i * width;
                lengths[n++] = width;
            }
        }
    }

    /** Little-endian 16 bytes become big-endian of the column's width. */
    private void stageDecimals(FieldVector vector, int from, Presence slots) {
        int width = type().getTypeLength();
        raw = atLeast(raw, slots.rows() * DECIMAL_BYTES);
        staged = atLeast(staged, slots.rows() * width + Long.BYTES);
        vector.getDataBuffer()
                .getBytes((long) from * DECIMAL_BYTES, raw, 0, slots.rows() * DECIMAL_BYTES);
        int n = 0;
        for (int i = 0; i < slots.rows(); i++) {
            if (slots.at(i)) {
                int start = n * width;
                for (int k = 0; k < width; k++) {
                    staged[start + k] = raw[i * DECIMAL_BYTES + width - 1 - k];
                }
                starts[n] = start;
                lengths[n++] = width;
            }
        }
    }

    private static byte[] atLeast(byte[] array, int length) {
        return array.length >= length ? array : new byte[Math.max(length, array.length * 2)];
    }
}
