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

import io.fluss.errors.FlussException;
import java.nio.ByteBuffer;

/**
 * A view of one row in a buffer, moved on with {@link #open}. It checks a row when it opens it and
 * nested values when they are asked for, so that no content makes it read outside of the row; the
 * one error is CORRUPT_RECORD. Belongs to one thread; the buffer stays the caller's.
 */
public sealed interface RowReader extends RowValues
        permits CompactedReader, IndexedReader, AlignedReader {

    /**
     * This, at another row.
     *
     * @param bytes little-endian; absolute reads only, its position does not matter
     * @throws FlussException with CORRUPT_RECORD if these bytes are not exactly such a row
     */
    RowReader open(ByteBuffer bytes, int start, int size);
}
