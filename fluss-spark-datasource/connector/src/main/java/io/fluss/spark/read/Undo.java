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
package io.fluss.spark.read;

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * What a bucket of a table with a primary key held before some changes, for the keys that they
 * changed. Owns the rows that it keeps. Owned by one task thread.
 */
final class Undo implements AutoCloseable {
    private final TableInfo table;
    private final List<Integer> columns;
    private final KeyEncoder encoder;
    private final Map<ByteBuffer, Optional<VectorSchemaRoot>> before = new HashMap<>();

    /**
     * @param columns positions of the columns of all rows, with those of the primary key
     */
    Undo(TableInfo table, List<Integer> columns) {
        this.table = table;
        this.columns = List.copyOf(columns);
        this.encoder = KeyEncoder.forPrimaryKey(table.descriptor());
    }

    /** Takes in all changes of a range, which the caller closes. */
    void read(LogRangeReader changes) {
        for (Optional<ScanBatch> b = changes.next(); b.isPresent(); b = changes.next()) {
            try (ScanBatch batch = b.get()) {
                add(batch);
            }
        }
    }

    private void add(ScanBatch batch) {
        List<ByteBuffer> keys = keys(batch.rows());
        for (int i = 0; i < keys.size(); i++) {
            ByteBuffer key = keys.get(i);
            if (before.containsKey(key)) {
                continue;
            }
            switch (batch.changeType(i)) {
                case APPEND, INSERT -> before.put(key, Optional.empty());
                case UPDATE_BEFORE, DELETE ->
                        before.put(key, Optional.of(batch.rows().slice(i, 1)));
                case UPDATE_AFTER -> {
                    // A changelog without the rows before: the row stays as it is now.
                }
            }
        }
    }

    /** The parts of a root whose rows were not changed; the caller closes them and the root. */
    List<VectorSchemaRoot> unchanged(VectorSchemaRoot rows) {
        List<VectorSchemaRoot> parts = new ArrayList<>();
        List<ByteBuffer> keys = keys(rows);
        int from = 0;
        for (int i = 0; i <= keys.size(); i++) {
            if (i == keys.size() || before.containsKey(keys.get(i))) {
                if (i > from) {
                    parts.add(rows.slice(from, i - from));
                }
                from = i + 1;
            }
        }
        return parts;
    }

    /** The rows before the changes, one each; the caller closes them. */
    List<VectorSchemaRoot> takeRows() {
        List<VectorSchemaRoot> rows = before.values().stream().flatMap(Optional::stream).toList();
        before.clear();
        return rows;
    }

    private List<ByteBuffer> keys(VectorSchemaRoot rows) {
        List<FieldVector> vectors = new ArrayList<>();
        for (Column c : table.schema().columns()) {
            vectors.add(new NullVector(c.name(), rows.getRowCount()));
        }
        for (int i = 0; i < columns.size(); i++) {
            vectors.set(columns.get(i), rows.getVector(i));
        }
        ArrowRow row = ArrowRow.of(vectors);
        List<ByteBuffer> keys = new ArrayList<>();
        for (int i = 0; i < rows.getRowCount(); i++) {
            keys.add(ByteBuffer.wrap(encoder.encode(row.at(i))));
        }
        return keys;
    }

    @Override
    public void close() {
        takeRows().forEach(VectorSchemaRoot::close);
    }
}
