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

import java.util.List;

/** Data formats document, section 2.2. */
final class CompactedEncoder extends RowEncoder {
    private final CompactedFields encoders;

    CompactedEncoder(List<FieldShape> fields) {
        super(fields);
        this.encoders = new CompactedFields(fields);
    }

    @Override
    public void encode(RowValues row, int[] positions, RowBytes out) {
        int nulls = out.skip((fields.length + 7) / 8);
        for (int i = 0; i < fields.length; i++) {
            if (row.isNull(positions[i])) {
                out.setBit(nulls, i);
            } else {
                encoders.encode(i, row, positions[i], out);
            }
        }
    }
}
