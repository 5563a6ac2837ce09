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
package io.fluss.client.scan;

import io.fluss.client.Admin;
import io.fluss.client.cluster.Blocking;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Decodes fetched batches into the columns that the caller wants, in the caller's order. Columns
 * are matched by id: what the schema of a batch lacks is null. Owned by the polling thread.
 */
final class BatchReader {
    private final TableInfo table;
    private final LogFormat format;
    private final Admin admin;
    private final BufferAllocator allocator;
    private final List<Integer> wanted;
    private final List<Field> wantedFields;
    private final List<Integer> fetched;
    private final Map<Integer, TableSchema> schemas = new HashMap<>();

    /**
     * A reader for some columns.
     *
     * @param columns positions of the wanted columns in the wanted order; empty for all
     * @throws io.fluss.errors.FlussException with INVALID_COLUMN_PROJECTION for a position that
     *     does not exist or is named twice
     */
    BatchReader(
            TableInfo table,
            Optional<List<Integer>> columns,
            Admin admin,
            BufferAllocator allocator) {
        this.table = table;
        this.format = table.options().logFormat();
        this.admin = admin;
        this.allocator = allocator;
        int count = table.schema().columns().size();
        this.wanted = columns.orElseGet(() -> IntStream.range(0, count).boxed().toList());
        for (int position : wanted) {
            if (position < 0 || position >= count) {
                throw invalid("column position " + position + " is not in 0 to " + (count - 1));
            }
        }
        if (new HashSet<>(wanted).size() < wanted.size()) {
            throw invalid("columns " + wanted + " name a position twice");
        }
        List<Field> all = ArrowSchemas.of(table.schema().rowType()).getFields();
        this.wantedFields = wanted.stream().map(all::get).toList();
        // Servers refuse to send no column at all; the first one stands in to count rows.
        this.fetched = wanted.isEmpty() ? List.of(0) : wanted.stream().sorted().toList();
        schemas.put(table.schemaId(), table.schema());
    }

    private RuntimeException invalid(String problem) {
        return ErrorReason.INVALID_COLUMN_PROJECTION.exception(table.path() + ": " + problem);
    }

    /** Positions to ask for, ascending. */
    List<Integer> fetchedPositions() {
        return fetched;
    }

    /** Whether the server shall cut columns out, which it can in ARROW batches only. */
    boolean isProjection() {
        return format == LogFormat.ARROW && fetched.size() < table.schema().columns().size();
    }

    /**
     * The records of a batch at or behind an offset.
     *
     * @param isProjected whether the server has cut the columns out
     */
    ScanBatch read(TableBucket bucket, LogBatch batch, long from, boolean isProjected) {
        if (!isProjected) {
            batch.checkCrc();
        }
        TableSchema schema = schema(batch.schemaId());
        VectorSchemaRoot rows =
                format == LogFormat.ARROW
                        ? columnar(batch, heldColumns(schema, isProjected))
                        : rowwise(batch, schema);
        int skip = (int) Math.max(0, from - batch.baseOffset());
        int count = rows.getRowCount() - skip;
        return new ScanBatch(
                bucket,
                batch.baseOffset() + skip,
                batch.nextOffset(),
                batch.commitTimestampMs(),
                cut(rows, skip, count),
                changeTypes(batch, skip, count));
    }

    /** A copy, because the bytes of the batch are given back before its rows are. */
    private ByteBuffer changeTypes(LogBatch batch, int skip, int count) {
        if (batch.isAppendOnly()) {
            // The decoded rows tell how many: the bytes do not, of columns that compress well.
            return ByteBuffer.allocate(count);
        }
        ByteBuffer codes =
                format == LogFormat.ARROW
                        ? ArrowBatches.changeTypes(batch)
                        : RowBatches.changeTypes(batch);
        codes.position(Math.min(skip, codes.limit()));
        return ByteBuffer.allocate(codes.remaining()).put(codes).flip();
    }

    private VectorSchemaRoot columnar(LogBatch batch, List<Column> held) {
        return arranged(ArrowBatches.decode(batch, rowType(held), allocator), held);
    }

    /** Rows are fetched whole; only the wanted columns become vectors. */
    private VectorSchemaRoot rowwise(LogBatch batch, TableSchema schema) {
        List<Column> all = schema.columns();
        List<Integer> positions = fetched.stream().filter(p -> p < all.size()).toList();
        VectorSchemaRoot decoded =
                RowBatches.decode(batch, rowType(all), format, positions, allocator);
        return arranged(decoded, positions.stream().map(all::get).toList());
    }

    private TableSchema schema(int id) {
        TableSchema known = schemas.get(id);
        if (known == null) {
            known =
                    Blocking.await(
                            admin.tableSchema(table.path(), id),
                            "schema " + id + " of " + table.path());
            schemas.put(id, known);
        }
        return known;
    }

    private List<Column> heldColumns(TableSchema schema, boolean isProjected) {
        if (!isProjected) {
            return schema.columns();
        }
        // The server puts nulls for what an older schema lacks (data formats document, 4.8).
        return fetched.stream().map(table.schema().columns()::get).toList();
    }

    private static DataType.RowType rowType(List<Column> columns) {
        return new DataType.RowType(
                columns.stream()
                        .map(c -> new DataType.Field(c.name(), c.type(), c.comment(), c.id()))
                        .toList(),
                false);
    }

    /** The wanted columns in the wanted order; the others are closed. */
    private VectorSchemaRoot arranged(VectorSchemaRoot decoded, List<Column> held) {
        int rowCount = decoded.getRowCount();
        Map<Integer, FieldVector> byId = new HashMap<>();
        for (int i = 0; i < held.size(); i++) {
            byId.put(held.get(i).id(), decoded.getVector(i));
        }
        List<FieldVector> vectors = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            int id = table.schema().columns().get(wanted.get(i)).id();
            FieldVector vector = byId.remove(id);
            vectors.add(vector == null ? nulls(wantedFields.get(i), rowCount) : vector);
        }
        byId.values().forEach(FieldVector::close);
        return new VectorSchemaRoot(new Schema(wantedFields), vectors, rowCount);
    }

    private FieldVector nulls(Field field, int rowCount) {
        FieldVector vector = field.createVector(allocator);
        vector.setInitialCapacity(rowCount);
        vector.allocateNew();
        vector.setValueCount(rowCount);
        return vector;
    }

    /** The given rows only; closes the root if it makes another. */
    static VectorSchemaRoot cut(VectorSchemaRoot rows, int start, int length) {
        if (start == 0 && length == rows.getRowCount()) {
            return rows;
        }
        try (rows) {
            return rows.slice(start, length);
        }
    }
}
