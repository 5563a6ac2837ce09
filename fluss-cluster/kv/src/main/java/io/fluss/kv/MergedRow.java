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

import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import io.fluss.kv.aggregate.Cell;
import java.math.BigInteger;
import java.util.Arrays;

/** A row whose columns come from the stored row, the incoming row, or were computed. */
final class MergedRow implements RowValues {
    private static final byte NULL = 0;
    private static final byte STORED = 1;
    private static final byte INCOMING = 2;
    private static final byte COMPUTED = 3;

    private final RowValues stored;
    private final RowValues incoming;
    private final byte[] from;
    private final Cell[] cells;

    MergedRow(int columns, RowValues stored, RowValues incoming) {
        this.stored = stored;
        this.incoming = incoming;
        this.from = new byte[columns];
        this.cells = new Cell[columns];
        Arrays.setAll(cells, i -> new Cell());
    }

    void fromNothing(int column) {
        from[column] = NULL;
    }

    void fromStored(int column) {
        from[column] = STORED;
    }

    void fromIncoming(int column) {
        from[column] = INCOMING;
    }

    /** The value is what the caller puts into the cell. */
    Cell computed(int column) {
        from[column] = COMPUTED;
        return cells[column];
    }

    Cell cell(int column) {
        return cells[column];
    }

    private RowValues source(int column) {
        return from[column] == STORED ? stored : incoming;
    }

    private boolean isComputed(int column) {
        return from[column] == COMPUTED;
    }

    @Override
    public boolean isNull(int column) {
        return switch (from[column]) {
            case STORED -> stored.isNull(column);
            case INCOMING -> incoming.isNull(column);
            case COMPUTED -> false;
            default -> true;
        };
    }

    @Override
    public boolean bool(int column) {
        return isComputed(column) ? cells[column].bool() : source(column).bool(column);
    }

    @Override
    public long integer(int column) {
        return isComputed(column) ? cells[column].integer() : source(column).integer(column);
    }

    @Override
    public float floating(int column) {
        return isComputed(column) ? cells[column].floating() : source(column).floating(column);
    }

    @Override
    public double doubling(int column) {
        return isComputed(column) ? cells[column].doubling() : source(column).doubling(column);
    }

    @Override
    public byte[] bytes(int column) {
        return isComputed(column) ? cells[column].bytes() : source(column).bytes(column);
    }

    @Override
    public int byteCount(int column) {
        return isComputed(column) ? cells[column].bytes().length : source(column).byteCount(column);
    }

    @Override
    public BigInteger unscaled(int column) {
        return isComputed(column) ? cells[column].unscaled() : source(column).unscaled(column);
    }

    @Override
    public long timestampMs(int column) {
        return source(column).timestampMs(column);
    }

    @Override
    public int nanoOfMs(int column) {
        return source(column).nanoOfMs(column);
    }

    @Override
    public ListValues elements(int column) {
        return source(column).elements(column);
    }

    @Override
    public ListValues keys(int column) {
        return source(column).keys(column);
    }

    @Override
    public ListValues values(int column) {
        return source(column).values(column);
    }

    @Override
    public RowValues row(int column) {
        return source(column).row(column);
    }
}
