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
package io.fluss.lake.parquet;

import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;

/** Truth values, one bit each. */
final class BooleanColumn extends ColumnWriter {
    private final Bits page = new Bits();
    private boolean[] staged = new boolean[0];
    private boolean hasTrue;
    private boolean hasFalse;

    BooleanColumn(ColumnDescriptor descriptor, ParquetLayout layout) {
        super(descriptor, layout, Set.of(MinorType.BIT));
    }

    @Override
    int fitting(FieldVector vector, int from, int room) {
        return room;
    }

    @Override
    void take(FieldVector vector, int from, Presence slots) {
        if (staged.length < slots.rows()) {
            staged = new boolean[slots.rows()];
        }
        ArrowBuf data = vector.getDataBuffer();
        int n = 0;
        for (int i = 0; i < slots.rows(); i++) {
            if (slots.at(i)) {
                int bit = from + i;
                boolean value = ((data.getByte(bit >>> 3) >>> (bit & 7)) & 1) != 0;
                hasTrue |= value;
                hasFalse |= !value;
                staged[n++] = value;
            }
        }
        page.append(staged, n);
    }

    @Override
    int pageBytes() {
        return page.byteCount();
    }

    @Override
    Values endValues() {
        BytesInput bytes = BytesInput.from(page.array().clone(), 0, page.byteCount());
        page.clear();
        hasTrue = false;
        hasFalse = false;
        return new Values(bytes, Encoding.PLAIN);
    }

    @Override
    void addMinMax(Statistics<?> statistics) {
        statistics.updateStats(!hasFalse);
        statistics.updateStats(hasTrue);
    }

    @Override
    void endDictionary(PageWriter target) {}
}
