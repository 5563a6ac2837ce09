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
package io.fluss.formats.row;

import io.fluss.formats.row.FieldShape.Kind;

/** Appends an ARRAY, MAP or ROW as it stands inside of rows and arrays, without its size. */
interface NestedEncoder {
    void encode(RowValues row, int column, RowBytes out);

    /** For other types than those three the encoder must not be called. */
    static NestedEncoder of(FieldShape shape) {
        if (shape.kind() == Kind.ARRAY) {
            ArrayEncoder elements = new ArrayEncoder(shape.children().get(0));
            return (row, column, out) -> elements.encode(row.elements(column), out);
        }
        if (shape.kind() == Kind.MAP) {
            ArrayEncoder keys = new ArrayEncoder(shape.children().get(0));
            ArrayEncoder values = new ArrayEncoder(shape.children().get(1));
            return (row, column, out) -> {
                int at = out.skip(4);
                keys.encode(row.keys(column), out);
                out.set4(at, out.size() - at - 4);
                values.encode(row.values(column), out);
            };
        }
        if (shape.kind() == Kind.ROW) {
            RowEncoder fields =
                    shape.rows().encoder((io.fluss.types.DataType.RowType) shape.type());
            return (row, column, out) -> fields.encode(row.row(column), out);
        }
        return (row, column, out) -> {
            throw new IllegalStateException(shape.type() + " is not nested");
        };
    }
}
