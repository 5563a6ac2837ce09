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
package io.fluss.client.append;

import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.VectorFill;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.VectorSchemaRootAppender;
import org.jspecify.annotations.Nullable;

/** Rows that will be a log batch, kept in vectors. */
final class VectorRows implements BatchRows {
    private final VectorSchemaRoot rows;
    private final DataType.RowType type;
    private final BatchCodec codec;
    private @Nullable VectorFill fill;
    private int rowCount;

    VectorRows(DataType.RowType type, BufferAllocator allocator, BatchCodec codec) {
        this.rows = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator);
        this.rows.allocateNew();
        this.type = type;
        this.codec = codec;
    }

    /** Adds rows; returns the index of the first. */
    int add(VectorSchemaRoot more) {
        complete();
        fill = null;
        VectorSchemaRootAppender.append(false, rows, more);
        int first = rowCount;
        rowCount += more.getRowCount();
        return first;
    }

    /** Adds a row; returns its index. */
    int add(RowValues row) {
        VectorFill to = fill;
        if (to == null) {
            to = VectorFill.onto(rows, type);
            fill = to;
        }
        to.add(row);
        return rowCount++;
    }

    private void complete() {
        if (fill != null) {
            fill.finish();
        }
    }

    @Override
    public ByteBuffer encode() {
        complete();
        return codec.encode(rows);
    }

    @Override
    public void close() {
        rows.close();
    }
}
