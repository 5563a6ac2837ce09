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
package io.fluss.kv;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The numbers that a bucket gives to the rows of an auto-increment column. They come in segments
 * that nobody else in the cluster has; what a batch that is refused has taken is lost. Belongs to
 * the bucket's loop.
 */
public final class IncrementIds {
    private final String table;
    private final String column;
    private final int position;
    private final long idMax;
    private final long segmentSize;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private long left;

    private record Segment(long first, long end) {}

    private IncrementIds(String table, String column, int position, long idMax, long segmentSize) {
        this.table = table;
        this.column = column;
        this.position = position;
        this.idMax = idMax;
        this.segmentSize = segmentSize;
    }

    /** Empty for a table without such a column. */
    static Optional<IncrementIds> of(KvTable table) {
        TableSchema schema = table.schema();
        return schema.autoIncrementColumn()
                .map(
                        name ->
                                new IncrementIds(
                                        table.name(),
                                        name,
                                        schema.positionOf(name).orElseThrow(),
                                        schema.column(name).type() instanceof DataType.IntType
                                                ? Integer.MAX_VALUE
                                                : Long.MAX_VALUE,
                                        table.options().autoIncrementCacheSize()));
    }

    /** Position of the column. */
    int position() {
        return position;
    }

    /** How many are taken from the cluster at a time. */
    public long segmentSize() {
        return segmentSize;
    }

    /** How many are here. */
    public long left() {
        return left;
    }

    /** The bucket has {@code count} more, from {@code first} on. */
    public void add(long first, long count) {
        segments.add(new Segment(first, first + count));
        left += count;
    }

    /**
     * The next one.
     *
     * @throws io.fluss.errors.FlussException if the column cannot hold it
     */
    long next() {
        Segment s = segments.poll();
        if (s == null) {
            throw new IllegalStateException(table + ": no number is left for '" + column + "'");
        }
        if (s.first() + 1 < s.end()) {
            segments.push(new Segment(s.first() + 1, s.end()));
        }
        left--;
        if (s.first() > idMax) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    table
                            + ": the auto-increment column '"
                            + column
                            + "' has reached its limit of "
                            + idMax
                            + "; no more rows can be inserted");
        }
        return s.first();
    }
}
