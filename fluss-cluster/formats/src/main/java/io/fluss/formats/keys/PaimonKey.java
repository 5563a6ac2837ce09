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
package io.fluss.formats.keys;

import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowEncoder;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.util.List;

/** An aligned row of the key columns; nulls are allowed. */
final class PaimonKey implements KeyEncoder.KeyLayout {
    private final RowEncoder rows;

    PaimonKey(List<DataType.Field> key) {
        KeyEncoder.checkNotNested(key, "a Paimon");
        this.rows = RowFormat.ALIGNED.encoder(new DataType.RowType(key, false));
    }

    @Override
    public void encode(RowValues row, int[] positions, RowBytes out) {
        rows.encode(row, positions, out);
    }
}
