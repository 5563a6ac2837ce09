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
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowReader;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of any schema of a table as rows of its latest one: columns that a row's schema lacks
 * are null. One row at a time; belongs to one thread.
 */
final class RowDecoder implements RowValues {
    private final RowFormat format;
    private final Schemas schemas;
    private final Map<Integer, Reader> readers = new HashMap<>();
    private @Nullable Reader latestUsed;
    private int latestUsedId = -1;
    private byte[] wrapped = new byte[0];
    private ByteBuffer buffer = ByteBuffer.wrap(wrapped);

    /** The row reader of one schema. */
    private record Reader(RowReader rows, int columns) {}

    private RowReader row;
    private int columns;

    RowDecoder(RowFormat format, Schemas schemas) {
        this.format = format;
        this.schemas = schemas;
        this.row = format.reader(new DataType.RowType(List.of(), false));
    }

    /**
     * This, at a row.
     *
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD or SCHEMA_NOT_EXIST
     */
    RowDecoder open(KvRow at) {
        if (at.bytes != wrapped) {
            wrapped = at.bytes;
            buffer = ByteBuffer.wrap(wrapped).order(ByteOrder.LITTLE_ENDIAN);
        }
        Reader reader = latestUsed;
        if (reader == null || latestUsedId != at.schemaId) {
            reader = readers.computeIfAbsent(at.schemaId, this::reader);
            latestUsed = reader;
            latestUsedId = at.schemaId;
        }
        row = reader.rows.open(buffer, at.at, at.size);
        columns = reader.columns;
        return this;
    }

    private Reader reader(int schemaId) {
        var type = schemas.schema(schemaId).rowType();
        return new Reader(format.reader(type), type.fields().size());
    }

    @Override
    public boolean isNull(int column) {
        return column >= columns || row.isNull(column);
    }

    @Override
    public boolean bool(int column) {
        return row.bool(column);
    }

    @Override
    public long integer(int column) {
        return row.integer(column);
    }

    @Override
    public float floating(int column) {
        return row.floating(column);
    }

    @Override
    public double doubling(int column) {
        return row.doubling(column);
    }

    @Override
    public byte[] bytes(int column) {
        return row.bytes(column);
    }

    @Override
    public int byteCount(int column) {
        return row.byteCount(column);
    }

    @Override
    public void copyBytes(int column, byte[] to, int at) {
        row.copyBytes(column, to, at);
    }

    @Override
    public BigInteger unscaled(int column) {
        return row.unscaled(column);
    }

    @Override
    public long unscaledLong(int column) {
        return row.unscaledLong(column);
    }

    @Override
    public long timestampMs(int column) {
        return row.timestampMs(column);
    }

    @Override
    public int nanoOfMs(int column) {
        return row.nanoOfMs(column);
    }

    @Override
    public ListValues elements(int column) {
        return row.elements(column);
    }

    @Override
    public ListValues keys(int column) {
        return row.keys(column);
    }

    @Override
    public ListValues values(int column) {
        return row.values(column);
    }

    @Override
    public RowValues row(int column) {
        return row.row(column);
    }
}
