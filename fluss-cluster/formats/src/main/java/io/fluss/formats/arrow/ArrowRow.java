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
package io.fluss.formats.arrow;

import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * One row of Arrow vectors at a time, moved on with {@link #at}. Not thread-safe; the vectors stay
 * the caller's.
 */
public final class ArrowRow extends VectorValues {
    private final FieldVector[] vectors;
    private final VectorNest[] nests;
    private int row;

    private ArrowRow(FieldVector[] vectors) {
        this.vectors = vectors;
        this.nests = new VectorNest[vectors.length];
        for (int i = 0; i < nests.length; i++) {
            nests[i] = new VectorNest();
        }
    }

    public static ArrowRow of(VectorSchemaRoot root) {
        return of(root.getFieldVectors());
    }

    /** The vectors as the columns of a row, whatever root they belong to. */
    public static ArrowRow of(List<FieldVector> vectors) {
        return new ArrowRow(vectors.toArray(new FieldVector[0]));
    }

    /** This, at another row. */
    public ArrowRow at(int newRow) {
        this.row = newRow;
        return this;
    }

    @Override
    FieldVector vector(int column) {
        return vectors[column];
    }

    @Override
    int index(int column) {
        return row;
    }

    @Override
    VectorNest nest(int column) {
        return nests[column];
    }
}
