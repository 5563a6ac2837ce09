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

import io.fluss.types.DataType;
import java.util.List;

/** How the fields of a row are laid out (data formats document, section 2). */
public enum RowFormat {
    COMPACTED,
    INDEXED,
    ALIGNED;

    /** Writes rows of these columns; immutable. */
    public RowEncoder encoder(DataType.RowType type) {
        List<FieldShape> fields = FieldShape.ofFields(type, this);
        return switch (this) {
            case COMPACTED -> new CompactedEncoder(fields);
            case INDEXED -> new IndexedEncoder(fields);
            case ALIGNED -> new AlignedEncoder(fields);
        };
    }

    /** Reads rows of these columns, one at a time. */
    public RowReader reader(DataType.RowType type) {
        return reader(FieldShape.ofFields(type, this));
    }

    RowReader reader(List<FieldShape> fields) {
        return switch (this) {
            case COMPACTED -> new CompactedReader(fields);
            case INDEXED -> new IndexedReader(fields);
            case ALIGNED -> new AlignedReader(fields);
        };
    }
}
