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

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;

/** Which rows of a piece of a vector have a value. Reused from piece to piece. */
final class Presence {
    private boolean[] present = new boolean[0];
    private int rows;
    private int nulls;

    void read(FieldVector vector, int from, int count) {
        rows = count;
        nulls = 0;
        if (vector.getNullCount() == 0) {
            return;
        }
        if (present.length < count) {
            present = new boolean[count];
        }
        ArrowBuf validity = vector.getValidityBuffer();
        for (int i = 0; i < count; i++) {
            int bit = from + i;
            boolean is = ((validity.getByte(bit >>> 3) >>> (bit & 7)) & 1) != 0;
            present[i] = is;
            nulls += is ? 0 : 1;
        }
    }

    int rows() {
        return rows;
    }

    int nulls() {
        return nulls;
    }

    int values() {
        return rows - nulls;
    }

    boolean at(int i) {
        return nulls == 0 || present[i];
    }

    void appendTo(Bits bits) {
        if (nulls == 0) {
            bits.appendOnes(rows);
        } else {
            bits.append(present, rows);
        }
    }
}
