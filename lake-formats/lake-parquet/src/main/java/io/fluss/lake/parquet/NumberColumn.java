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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * INT32, INT64, FLOAT and DOUBLE. Values are staged as 64-bit integers, floating point ones as
 * their bits.
 */
final class NumberColumn extends ColumnWriter {
    private static final long MILLIS = 1_000;
    private static final long MICROS = 1_000_000;
    private static final long NANOS = 1_000_000_000;

    private final PrimitiveTypeName physical;
    private final int width;
    private final long filePerSecond;
    private final ByteSink page = new ByteSink();
    private final ByteSink dictionaryPage = new ByteSink();
    private long[] staged = new long[0];

    private @Nullable LongDictionary dictionary;
    private boolean isDictionaryInUse;
    private boolean isDictionaryWritten;
    private boolean isDictionaryOfNoUse;
    private int[] ids = new int[0];
    private int idCount;

    private boolean isEmpty = true;
    private long min;
    private long max;
    private double minFloating;
    private double maxFloating;
    private boolean hasNaN;
    private boolean hasNumber;
    private long nanCount;
    private double fileMin = Double.POSITIVE_INFINITY;
    private double fileMax = Double.NEGATIVE_INFINITY;

    NumberColumn(ColumnDescriptor descriptor, ParquetLayout layout, Set<MinorType> accepted) {
        super(descriptor, layout, accepted);
        physical = type().getPrimitiveTypeName();
        filePerSecond = filePerSecond(type().getLogicalTypeAnnotation());
        width =
                physical == PrimitiveTypeName.INT32 || physical == PrimitiveTypeName.FLOAT
                        ? Integer.BYTES
                        : Long.BYTES;
        startDictionary();
    }

    @Override
    int fitting(FieldVector vector, int from, int room) {
        return Math.min(room, (layout().pageBytes() - pageBytes()) / width);
    }

    @Override
    void take(FieldVector vector, int from, Presence slots) {
        if (staged.length < slots.rows()) {
            staged = new long[slots.rows()];
        }
        read(vector, from, slots.rows());
        int n = slots.values();
        if (slots.nulls() > 0) {
            int k = 0;
            for (int i = 0; i < slots.rows(); i++) {
                if (slots.at(i)) {
                    staged[k++] = staged[i];
                }
            }
        }
        rescale(vector.getMinorType(), n);
        observe(n);
        int done = isDictionaryInUse ? takeIds(n) : 0;
        if (done < n) {
            System.arraycopy(staged, done, staged, 0, n - done);
            plain(staged, n - done);
        }
    }

    /** Numbers the staged values; returns how many, less than all if the dictionary got full. */
    private int takeIds(int n) {
        LongDictionary d = startDictionary();
        if (ids.length < idCount + n) {
            ids = Arrays.copyOf(ids, Math.max(idCount + n, ids.length * 2));
        }
        for (int i = 0; i < n; i++) {
            int id = d.idOf(staged[i]);
            if (id < 0) {
                leaveDictionary();
                return i;
            }
            ids[idCount++] = id;
        }
        return n;
    }

    private LongDictionary startDictionary() {
        if (dictionary == null) {
            int entries =
                    Math.min(
                            ParquetLayout.DICTIONARY_ENTRIES_MAX,
                            layout().dictionaryBytes() / width);
            dictionary = new LongDictionary(entries);
            isDictionaryInUse = !isFloating() && entries > 0 && !isDictionaryOfNoUse;
        }
        return dictionary;
    }

    /** Turns the page in work into plain values; pages written before keep the dictionary. */
    private void leaveDictionary() {
        LongDictionary d = startDictionary();
        long[] values = new long[idCount];
        for (int i = 0; i < idCount; i++) {
            values[i] = d.value(ids[i]);
        }
        plain(values, idCount);
        idCount = 0;
        isDictionaryInUse = false;
    }

    private void plain(long[] values, int n) {
        if (width == Integer.BYTES) {
            page.putInts(values, n);
        } else {
            page.putLongs(values, n);
        }
    }

    @Override
    int pageBytes() {
        return isDictionaryInUse ? idCount * width : page.size();
    }

    @Override
    Values endValues() throws IOException {
        isEmpty = true;
        hasNaN = false;
        hasNumber = false;
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
        } else {
            values = new Values(page.view(), Encoding.PLAIN);
            page.clear();
        }
        return values;
    }

    /** Whether the first page of the row group is smaller with its dictionary than without. */
    private boolean pays() {
        int size = startDictionary().size();
        long encoded = (long) size * width + (((long) idCount * bitWidth(size)) >>> 3);
        return encoded < (long) idCount * width;
    }

    @Override
    void endDictionary(PageWriter target) throws IOException {
        LongDictionary d = startDictionary();
        if (isDictionaryWritten) {
            dictionaryPage.clear();
            for (int id = 0; id < d.size(); id++) {
                if (width == Integer.BYTES) {
                    dictionaryPage.putInt((int) d.value(id));
                } else {
                    dictionaryPage.putLong(d.value(id));
                }
            }
            target.writeDictionaryPage(
                    new DictionaryPage(dictionaryPage.view(), d.size(), Encoding.PLAIN));
        }
        dictionary = null;
        isDictionaryWritten = false;
        startDictionary();
    }

    @Override
    Optional<FloatingRange> floatingRange() {
        return isFloating()
                ? Optional.of(new FloatingRange(nanCount, fileMin, fileMax))
                : Optional.empty();
    }

    private boolean isFloating() {
        return physical == PrimitiveTypeName.FLOAT || physical == PrimitiveTypeName.DOUBLE;
    }

    private void observe(int n) {
        if (n == 0) {
            return;
        }
        if (isFloating()) {
            observeFloating(n);
            return;
        }
        long lo = isEmpty ? staged[0] : min;
        long hi = isEmpty ? staged[0] : max;
        for (int i = 0; i < n; i++) {
            lo = Math.min(lo, staged[i]);
            hi = Math.max(hi, staged[i]);
        }
        min = lo;
        max = hi;
        isEmpty = false;
    }

    private void observeFloating(int n) {
        boolean isFloat = physical == PrimitiveTypeName.FLOAT;
        double lo = Double.POSITIVE_INFINITY;
        double hi = Double.NEGATIVE_INFINITY;
        int nans = 0;
        for (int i = 0; i < n; i++) {
            double v =
                    isFloat
                            ? Float.intBitsToFloat((int) staged[i])
                            : Double.longBitsToDouble(staged[i]);
            // A NaN is neither less nor greater. Zeros of both signs are equal, see addMinMax.
            lo = v < lo ? v : lo;
            hi = v > hi ? v : hi;
            nans += Double.isNaN(v) ? 1 : 0;
        }
        hasNaN |= nans > 0;
        nanCount += nans;
        if (nans < n) {
            minFloating = hasNumber ? Math.min(minFloating, lo) : lo;
            maxFloating = hasNumber ? Math.max(maxFloating, hi) : hi;
            hasNumber = true;
            fileMin = Math.min(fileMin, lo);
            fileMax = Math.max(fileMax, hi);
        }
    }

    /**
     * Zeros widen to both signs. A NaN goes into the bounds: every reader must then ignore them,
     * while bounds of the other values alone would hide the NaN from engines that order it last.
     */
    @Override
    void addMinMax(Statistics<?> statistics) {
        switch (physical) {
            case INT32 -> {
                statistics.updateStats((int) min);
                statistics.updateStats((int) max);
            }
            case INT64 -> {
                statistics.updateStats(min);
                statistics.updateStats(max);
            }
            case FLOAT -> {
                if (hasNumber) {
                    statistics.updateStats(minFloating == 0 ? -0.0f : (float) minFloating);
                    statistics.updateStats(maxFloating == 0 ? 0.0f : (float) maxFloating);
                }
                if (hasNaN) {
                    statistics.updateStats(Float.NaN);
                }
            }
            case DOUBLE -> {
                if (hasNumber) {
                    statistics.updateStats(minFloating == 0 ? -0.0d : minFloating);
                    statistics.updateStats(maxFloating == 0 ? 0.0d : maxFloating);
                }
                if (hasNaN) {
                    statistics.updateStats(Double.NaN);
                }
            }
            default -> throw new IllegalStateException(physical + " is not a number");
        }
    }

    /** Stages the raw slots, those of nulls too. */
    private void read(FieldVector vector, int from, int rows) {
        ArrowBuf data = vector.getDataBuffer();
        int size = slotBytes(vector.getMinorType());
        ByteBuffer slots =
                data.nioBuffer((long) from * size, rows * size).order(ByteOrder.LITTLE_ENDIAN);
        switch (size) {
            case Byte.BYTES -> {
                for (int i = 0; i < rows; i++) {
                    staged[i] = slots.get(i);
                }
            }
            case Short.BYTES -> {
                for (int i = 0; i < rows; i++) {
                    staged[i] = slots.getShort(i * Short.BYTES);
                }
            }
            case Integer.BYTES -> {
                for (int i = 0; i < rows; i++) {
                    staged[i] = slots.getInt(i * Integer.BYTES);
                }
            }
            case Long.BYTES -> slots.asLongBuffer().get(staged, 0, rows);
            default -> {
                // A decimal of at most 18 digits: the low word is the whole value.
                for (int i = 0; i < rows; i++) {
                    staged[i] = slots.getLong(i * size);
                }
            }
        }
    }

    private static int slotBytes(MinorType type) {
        return switch (type) {
            case TINYINT -> Byte.BYTES;
            case SMALLINT -> Short.BYTES;
            case INT, DATEDAY, FLOAT4, TIMESEC, TIMEMILLI -> Integer.BYTES;
            case DECIMAL -> 16;
            default -> Long.BYTES;
        };
    }

    /** Times and timestamps get the unit of the file. */
    private void rescale(MinorType type, int n) {
        long given = perSecond(type);
        if (given == 0 || given == filePerSecond) {
            return;
        }
        if (given < filePerSecond) {
            multiply(filePerSecond / given, n);
        } else {
            long divisor = given / filePerSecond;
            for (int i = 0; i < n; i++) {
                staged[i] = Math.floorDiv(staged[i], divisor);
            }
        }
    }

    /** Units in a second of the vector's values; 0 if they are no times. */
    private static long perSecond(MinorType type) {
        return switch (type) {
            case TIMESEC, TIMESTAMPSEC, TIMESTAMPSECTZ -> 1;
            case TIMEMILLI, TIMESTAMPMILLI, TIMESTAMPMILLITZ -> MILLIS;
            case TIMEMICRO, TIMESTAMPMICRO, TIMESTAMPMICROTZ -> MICROS;
            case TIMENANO, TIMESTAMPNANO, TIMESTAMPNANOTZ -> NANOS;
            default -> 0;
        };
    }

    private static long perSecond(LogicalTypeAnnotation.TimeUnit unit) {
        return switch (unit) {
            case MILLIS -> MILLIS;
            case MICROS -> MICROS;
            case NANOS -> NANOS;
        };
    }

    private static long filePerSecond(@Nullable LogicalTypeAnnotation type) {
        if (type instanceof TimestampLogicalTypeAnnotation t) {
            return perSecond(t.getUnit());
        }
        return type instanceof TimeLogicalTypeAnnotation t ? perSecond(t.getUnit()) : MICROS;
    }

    private void multiply(long factor, int n) {
        for (int i = 0; i < n; i++) {
            long v = staged[i];
            long scaled = v * factor;
            if (scaled / factor != v) {
                throw ErrorReason.INVALID_TIMESTAMP.exception(
                        "column '"
                                + name()
                                + "': timestamp "
                                + v
                                + " x "
                                + factor
                                + " is out of the range of "
                                + filePerSecond
                                + "ths of a second since 1970 in 64 bits");
            }
            staged[i] = scaled;
        }
    }
}
