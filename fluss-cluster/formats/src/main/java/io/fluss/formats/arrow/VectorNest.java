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

import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/** Views of the nested values of one column of vectors, made when first needed and used again. */
final class VectorNest {
    private @Nullable Elements first;
    private @Nullable Elements second;
    private @Nullable ArrowRow row;

    ListValues elements(ListVector list, int index) {
        if (first == null) {
            first = new Elements(list.getDataVector());
        }
        return first.at(list, index);
    }

    ListValues keys(ListVector map, int index) {
        if (first == null) {
            first = new Elements(entries(map, 0));
        }
        return first.at(map, index);
    }

    ListValues values(ListVector map, int index) {
        if (second == null) {
            second = new Elements(entries(map, 1));
        }
        return second.at(map, index);
    }

    RowValues row(StructVector struct, int index) {
        if (row == null) {
            row = ArrowRow.of(struct.getChildrenFromFields());
        }
        return row.at(index);
    }

    private static FieldVector entries(ListVector map, int child) {
        return ((StructVector) map.getDataVector()).getChildrenFromFields().get(child);
    }

    /** A range of a vector. */
    private static final class Elements extends VectorValues implements ListValues {
        private final FieldVector vector;
        private final VectorNest nest = new VectorNest();
        private int start;
        private int count;

        Elements(FieldVector vector) {
            this.vector = vector;
        }

        Elements at(ListVector list, int index) {
            this.start = list.getElementStartIndex(index);
            this.count = list.getElementEndIndex(index) - start;
            return this;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        FieldVector vector(int column) {
            return vector;
        }

        @Override
        int index(int column) {
            return start + column;
        }

        @Override
        VectorNest nest(int column) {
            return nest;
        }
    }
}
