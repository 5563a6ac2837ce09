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
package io.fluss.table;

import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;

/** Gives ids to columns and to the fields of their nested rows, depth first. Not thread-safe. */
final class FieldIds {
    private int next;

    FieldIds(int first) {
        this.next = first;
    }

    /** The id given last, or the one before the first if none was given. */
    int last() {
        return next - 1;
    }

    Column assign(Column column) {
        int id = next++;
        return column.withId(id).withType(assign(column.type()));
    }

    private DataType assign(DataType type) {
        if (type instanceof DataType.ArrayType a) {
            return new DataType.ArrayType(assign(a.elementType()), a.isNullable());
        }
        if (type instanceof DataType.MapType m) {
            return new DataType.MapType(assign(m.keyType()), assign(m.valueType()), m.isNullable());
        }
        if (type instanceof DataType.RowType r) {
            List<DataType.Field> fields = new ArrayList<>();
            for (DataType.Field f : r.fields()) {
                int id = next++;
                fields.add(f.withId(id).withType(assign(f.type())));
            }
            return new DataType.RowType(fields, r.isNullable());
        }
        return type;
    }
}
