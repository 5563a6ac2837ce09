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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.VectorFill;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Makes Java rows or vectors out of stored values. Thread-safe. Internal to the client. */
public final class ValueRows {
    private final ValueSchemas schemas;
    private final List<Integer> positions;
    private final DataType.RowType type;
    private final RowReading reading;

    private ValueRows(ValueSchemas schemas, List<Integer> positions, DataType.RowType type) {
        this.schemas = schemas;
        this.positions = positions;
        this.type = type;
        this.reading = RowReading.of(type);
    }

    /**
     * Some columns of rows.
     *
     * @param columns names in the wanted order; empty for all columns
     * @throws FlussException with INVALID_COLUMN_PROJECTION for a name that does not exist or is
     *     given twice
     */
    public static ValueRows of(ValueSchemas schemas, Optional<List<String>> columns) {
        TableInfo table = schemas.table();
        List<String> names = columns.orElseGet(table.schema()::columnNames);
        List<Integer> positions = new ArrayList<>();
        for (String name : names) {
            positions.add(
                    table.schema()
                            .positionOf(name)
                            .orElseThrow(
                                    () ->
                                            invalid(
                                                    table,
                                                    "column '"
                                                            + name
                                                            + "' does not exist; columns are "
                                                            + table.schema().columnNames())));
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw invalid(table, "columns " + names + " name a column twice");
        }
        return at(schemas, positions);
    }

    /**
     * Some columns of rows.
     *
     * @param columns positions in the wanted order; empty for all columns
     * @throws FlussException with INVALID_COLUMN_PROJECTION for a position that does not exist or
     *     is given twice
     */
    public static ValueRows ofPositions(ValueSchemas schemas, Optional<List<Integer>> columns) {
        TableInfo table = schemas.table();
        int count = table.schema().columns().size();
        List<Integer> positions =
                columns.orElseGet(() -> IntStream.range(0, count).boxed().toList());
        for (int p : positions) {
            if (p < 0 || p >= count) {
                throw invalid(table, "column position " + p + " is not in 0 to " + (count - 1));
            }
        }
        if (new HashSet<>(positions).size() < positions.size()) {
            throw invalid(table, "columns " + positions + " name a position twice");
        }
        return at(schemas, positions);
    }

    private static ValueRows at(ValueSchemas schemas, List<Integer> positions) {
        List<DataType.Field> all = schemas.table().schema().rowType().fields();
        return new ValueRows(
                schemas,
                List.copyOf(positions),
                new DataType.RowType(positions.stream().map(all::get).toList(), false));
    }

    private static FlussException invalid(TableInfo table, String problem) {
        return ErrorReason.INVALID_COLUMN_PROJECTION.exception(table.path() + ": " + problem);
    }

    /** The columns of the rows. */
    public DataType.RowType type() {
        return type;
    }

    public ValueSchemas schemas() {
        return schemas;
    }

    /** A copy of a value, whose schema is known. */
    public Row row(ByteBuffer value) {
        return reading.read(new ValueRow(schemas, positions).at(value));
    }

    /** Copies of values, whose schemas are known. */
    public List<Row> rows(List<ByteBuffer> values) {
        ValueRow row = new ValueRow(schemas, positions);
        return values.stream().map(v -> reading.read(row.at(v))).toList();
    }

    /** Values as vectors, which are the caller's; their schemas are known. */
    public VectorSchemaRoot vectors(List<ByteBuffer> values, BufferAllocator allocator) {
        VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator);
        boolean isFilled = false;
        try {
            root.getFieldVectors().forEach(v -> v.setInitialCapacity(values.size()));
            root.allocateNew();
            VectorFill fill = VectorFill.onto(root, type);
            ValueRow row = new ValueRow(schemas, positions);
            for (ByteBuffer v : values) {
                fill.add(row.at(v));
            }
            fill.finish();
            isFilled = true;
            return root;
        } finally {
            if (!isFilled) {
                root.close();
            }
        }
    }
}
