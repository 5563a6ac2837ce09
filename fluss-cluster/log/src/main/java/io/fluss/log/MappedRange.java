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
package io.fluss.log;

import io.fluss.bytes.ByteParts;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A range of a segment file in memory, to be sent but not to be looked at (see {@link
 * MappedWindows}). The bytes must not be touched after {@link #close()}, which is called once.
 */
public final class MappedRange implements AutoCloseable {
    private final List<ByteBuffer> pieces;
    private final Runnable release;

    MappedRange(List<ByteBuffer> pieces, Runnable release) {
        this.pieces = pieces;
        this.release = release;
    }

    /** Adds the bytes from a position in this range on, in as many parts as there are windows. */
    public void addTo(List<ByteParts.Part> parts, int from, int length) {
        int skip = from;
        int left = length;
        for (ByteBuffer piece : pieces) {
            int n = Math.min(left, piece.capacity() - skip);
            if (n > 0) {
                parts.add(new ByteParts.Memory(piece.slice(skip, n)));
                left -= n;
                skip = 0;
            } else if (left > 0) {
                skip -= piece.capacity();
            }
        }
        if (left > 0) {
            throw new IndexOutOfBoundsException(
                    length + " bytes from " + from + " are not in the mapped range");
        }
    }

    @Override
    public void close() {
        release.run();
    }
}
