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
package io.fluss.formats.statistics;

import io.fluss.errors.FlussException;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowReader;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Smallest and largest value and number of nulls of some columns of one batch. A view of bytes that
 * may be anything: what cannot be understood counts as absent, since statistics are only a hint.
 *
 * <pre>
 * version i8 = 1 | N i16 | N x column position i16 | N x null count i32 | size i32 | min row | size i32 | max row
 * </pre>
 *
 * The rows are aligned rows of the N columns. A null in them says nothing, unless all values of the
 * column are null. Golden vectors: {@code log-batches-newer-magic.json}.
 */
public final class BatchStatistics {
    private static final byte VERSION = 1;
    private static final int HEAD_SIZE = 3;
    private static final int COLUMN_SIZE = Short.BYTES + Integer.BYTES;

    private final ByteBuffer bytes;
    private final int count;
    private final List<Integer> positions;
    private final Optional<? extends RowValues> min;
    private final Optional<? extends RowValues> max;

    private BatchStatistics(
            ByteBuffer bytes,
            List<Integer> positions,
            Optional<? extends RowValues> min,
            Optional<? extends RowValues> max) {
        this.bytes = bytes;
        this.count = positions.size();
        this.positions = positions;
        this.min = min;
        this.max = max;
    }

    /**
     * Encodes statistics.
     *
     * @param min values of the columns in their order, null where nothing is said
     */
    public static byte[] encode(
            StatisticsColumns columns, int[] nullCounts, RowValues min, RowValues max) {
        byte[] minRow = columns.rows().encode(min);
        byte[] maxRow = columns.rows().encode(max);
        int n = columns.count();
        ByteBuffer out =
                ByteBuffer.allocate(
                                HEAD_SIZE
                                        + COLUMN_SIZE * n
                                        + 2 * Integer.BYTES
                                        + minRow.length
                                        + maxRow.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        out.put(VERSION).putShort((short) n);
        for (int i = 0; i < n; i++) {
            out.putShort((short) columns.position(i));
        }
        for (int i = 0; i < n; i++) {
            out.putInt(nullCounts[i]);
        }
        out.putInt(minRow.length).put(minRow).putInt(maxRow.length).put(maxRow);
        return out.array();
    }

    /** Whether these bytes are well-formed statistics, or of a version that is not known here. */
    public static boolean isPossible(ByteBuffer statistics) {
        return statistics.get(statistics.position()) > VERSION || isWellFormed(statistics);
    }

    /**
     * Whether these bytes are statistics of the version that is known here, as far as that can be
     * said without the schema.
     */
    public static boolean isWellFormed(ByteBuffer statistics) {
        ByteBuffer b = statistics.slice().order(ByteOrder.LITTLE_ENDIAN);
        return columnCount(b) > 0 && maxAt(b) >= 0;
    }

    /**
     * Reads statistics of a batch.
     *
     * @param schema of the batch, or a later one: columns are only added at its end
     * @return empty if there are none that can be understood
     */
    public static Optional<BatchStatistics> of(ByteBuffer statistics, DataType.RowType schema) {
        ByteBuffer b = statistics.slice().order(ByteOrder.LITTLE_ENDIAN);
        int n = columnCount(b);
        int maxAt = n <= 0 ? -1 : maxAt(b);
        if (maxAt < 0) {
            return Optional.empty();
        }
        List<Integer> positions = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int position = b.getShort(HEAD_SIZE + Short.BYTES * i);
            if (position < 0 || position >= schema.fields().size()) {
                return Optional.empty();
            }
            positions.add(position);
        }
        DataType.RowType type = StatisticsColumns.boundsType(schema, positions);
        int minAt = HEAD_SIZE + COLUMN_SIZE * n;
        try {
            return Optional.of(
                    new BatchStatistics(b, positions, row(b, minAt, type), row(b, maxAt, type)));
        } catch (FlussException e) {
            return Optional.empty(); // damaged rows say nothing
        }
    }

    private static Optional<RowReader> row(ByteBuffer b, int sizeAt, DataType.RowType type) {
        int size = b.getInt(sizeAt);
        return size == 0
                ? Optional.empty()
                : Optional.of(RowFormat.ALIGNED.reader(type).open(b, sizeAt + Integer.BYTES, size));
    }

    /** 0 if there are none. */
    private static int columnCount(ByteBuffer b) {
        return b.limit() < HEAD_SIZE || b.get(0) != VERSION ? 0 : Math.max(0, b.getShort(1));
    }

    /** Where the size of the second row stands; -1 if the sizes do not add up. */
    private static int maxAt(ByteBuffer b) {
        int minAt = HEAD_SIZE + COLUMN_SIZE * b.getShort(1);
        if (minAt + 2 * Integer.BYTES > b.limit()) {
            return -1;
        }
        int minSize = b.getInt(minAt);
        int room = b.limit() - minAt - 2 * Integer.BYTES;
        if (minSize < 0 || minSize > room) {
            return -1;
        }
        int maxAt = minAt + Integer.BYTES + minSize;
        return b.getInt(maxAt) == room - minSize ? maxAt : -1;
    }

    /** Positions in the schema of the columns that have statistics. */
    public List<Integer> positions() {
        return List.copyOf(positions);
    }

    /** Number of a column in these statistics by its position in the schema; -1 if it has none. */
    public int indexOf(int position) {
        return positions.indexOf(position);
    }

    public int nullCount(int index) {
        return bytes.getInt(HEAD_SIZE + Short.BYTES * count + Integer.BYTES * index);
    }

    /** The smallest values, in the order of the columns; null where nothing is said. */
    public Optional<? extends RowValues> min() {
        return min;
    }

    /** The largest values. */
    public Optional<? extends RowValues> max() {
        return max;
    }
}
