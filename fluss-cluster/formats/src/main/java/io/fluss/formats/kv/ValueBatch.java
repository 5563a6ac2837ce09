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
package io.fluss.formats.kv;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.row.RowBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Batches of stored values, without keys: the answer of scans of a primary-key table (data formats
 * document, section 5.3). A value is a schema id, two bytes, and a row.
 *
 * <pre>length i32 (batch size - 4) | magic i8 | record count i32 | count × ( length i32 | value )
 * </pre>
 *
 * Golden vectors: {@code value-records.json}.
 */
public final class ValueBatch {
    private static final int HEADER_SIZE = 9;
    private static final byte MAGIC = 0;

    private ValueBatch() {}

    /** Collects values; belongs to one thread. */
    public static final class Writer {
        private final RowBytes out = new RowBytes(1024);
        private int count;

        public Writer() {
            out.skip(HEADER_SIZE);
        }

        /** Adds a value, which is copied. */
        public void add(byte[] value) {
            out.put4(value.length);
            out.put(value);
            count++;
        }

        public int count() {
            return count;
        }

        /** Size of the batch so far. */
        public int size() {
            return out.size();
        }

        public byte[] finish() {
            out.set4(0, out.size() - Integer.BYTES);
            out.set4(5, count);
            return out.toArray();
        }
    }

    /**
     * The values of a batch, little-endian, sharing memory.
     *
     * @throws FlussException with CORRUPT_RECORD
     */
    public static List<ByteBuffer> values(ByteBuffer batch) {
        ByteBuffer b = batch.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (b.limit() < HEADER_SIZE || b.getInt(0) != b.limit() - Integer.BYTES) {
            throw corrupt("a length field that does not fit " + b.limit() + " bytes");
        }
        if (b.get(4) != MAGIC) {
            throw corrupt("magic " + b.get(4));
        }
        int count = b.getInt(5);
        if (count < 0 || count > (b.limit() - HEADER_SIZE) / (Integer.BYTES + Short.BYTES)) {
            throw corrupt(count + " records in " + b.limit() + " bytes");
        }
        List<ByteBuffer> values = new ArrayList<>(count);
        int at = HEADER_SIZE;
        for (int i = 0; i < count; i++) {
            int left = b.limit() - at - Integer.BYTES;
            int size = left < 0 ? -1 : b.getInt(at);
            if (size < Short.BYTES || size > left) {
                throw corrupt("record " + i + " of size " + size + " with " + left + " bytes left");
            }
            at += Integer.BYTES;
            values.add(b.slice(at, size).order(ByteOrder.LITTLE_ENDIAN));
            at += size;
        }
        if (at != b.limit()) {
            throw corrupt((b.limit() - at) + " bytes behind the last record");
        }
        return values;
    }

    private static FlussException corrupt(String problem) {
        return ErrorReason.CORRUPT_RECORD.exception("value batch: " + problem);
    }
}
