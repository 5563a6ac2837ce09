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
package io.fluss.client.row;

import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowReader;
import io.fluss.formats.row.RowValues;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Some columns of stored rows, moved on with {@link #at}. Columns are matched by id: what the
 * schema of a row lacks is null. Belongs to one thread. Internal to the client.
 */
public final class ValueRow implements RowValues {
    private static final int ABSENT = -1;

    private final ValueSchemas schemas;
    private final List<Column> wanted;
    private final RowFormat format;
    private final Map<Integer, Layout> layouts = new HashMap<>();
    private Layout layout;

    /** Rows of one schema, and where in them the wanted columns are. */
    private static final class Layout {
        final RowReader reader;
        final int[] positions;

        Layout(RowReader reader, int[] positions) {
            this.reader = reader;
            this.positions = positions;
        }
    }

    /**
     * A view of some columns.
     *
     * @param columns positions in the schema of the table, in the wanted order
     */
    public ValueRow(ValueSchemas schemas, List<Integer> columns) {
        this.schemas = schemas;
        this.wanted = columns.stream().map(schemas.table().schema().columns()::get).toList();
        this.format =
                switch (schemas.table().options().kvFormat()) {
                    case COMPACTED -> RowFormat.COMPACTED;
                    case INDEXED -> RowFormat.INDEXED;
                };
        this.layout = layout(schemas.table().schemaId());
    }

    /**
     * This, at another row.
     *
     * @param value little-endian, from position to limit; its schema is known already
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD if the bytes are no such row
     */
    public ValueRow at(ByteBuffer value) {
        layout = layout(ValueSchemas.schemaId(value));
        layout.reader.open(value, value.position() + Short.BYTES, value.remaining() - Short.BYTES);
        return this;
    }

    private Layout layout(int schemaId) {
        Layout known = layouts.get(schemaId);
        if (known == null) {
            TableSchema schema = schemas.schema(schemaId);
            known = new Layout(format.reader(schema.rowType()), positionsIn(schema));
            layouts.put(schemaId, known);
        }
        return known;
    }

    private int[] positionsIn(TableSchema schema) {
        Map<Integer, Integer> byId = new HashMap<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            byId.put(schema.columns().get(i).id(), i);
        }
        return wanted.stream().mapToInt(c -> byId.getOrDefault(c.id(), ABSENT)).toArray();
    }

    private int source(int column) {
        return layout.positions[column];
    }

    @Override
    public boolean isNull(int column) {
        return source(column) == ABSENT || layout.reader.isNull(source(column));
    }

    @Override
    public boolean bool(int column) {
        return layout.reader.bool(source(column));
    }

    @Override
    public long integer(int column) {
        return layout.reader.integer(source(column));
    }

    @Override
    public float floating(int column) {
        return layout.reader.floating(source(column));
    }

    @Override
    public double doubling(int column) {
        return layout.reader.doubling(source(column));
    }

    @Override
    public byte[] bytes(int column) {
        return layout.reader.bytes(source(column));
    }

    @Override
    public int byteCount(int column) {
        return layout.reader.byteCount(source(column));
    }

    @Override
    public void copyBytes(int column, byte[] to, int at) {
        layout.reader.copyBytes(source(column), to, at);
    }

    @Override
    public BigInteger unscaled(int column) {
        return layout.reader.unscaled(source(column));
    }

    @Override
    public long unscaledLong(int column) {
        return layout.reader.unscaledLong(source(column));
    }

    @Override
    public long timestampMs(int column) {
        return layout.reader.timestampMs(source(column));
    }

    @Override
    public int nanoOfMs(int column) {
        return layout.reader.nanoOfMs(source(column));
    }

    @Override
    public ListValues elements(int column) {
        return layout.reader.elements(source(column));
    }

    @Override
    public ListValues keys(int column) {
        return layout.reader.keys(source(column));
    }

    @Override
    public ListValues values(int column) {
        return layout.reader.values(source(column));
    }

    @Override
    public RowValues row(int column) {
        return layout.reader.row(source(column));
    }
}
