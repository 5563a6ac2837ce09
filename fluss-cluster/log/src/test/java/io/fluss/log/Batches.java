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

import io.fluss.formats.log.LogBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Batches with a body of arbitrary bytes, as a client would send them. */
final class Batches {
    private Batches() {}

    static LogBatch of(long writerId, int sequence, int records, int bodySize) {
        ByteBuffer b =
                ByteBuffer.allocate(LogBatch.HEADER_SIZE + bodySize).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(LogBatch.LENGTH_OFFSET, b.capacity() - LogBatch.LENGTH_OVERHEAD);
        b.putShort(LogBatch.SCHEMA_ID_OFFSET, (short) 1);
        b.put(LogBatch.ATTRIBUTES_OFFSET, (byte) 1);
        b.putInt(LogBatch.LAST_OFFSET_DELTA_OFFSET, Math.max(0, records - 1));
        b.putLong(LogBatch.WRITER_ID_OFFSET, writerId);
        b.putInt(LogBatch.SEQUENCE_OFFSET, sequence);
        b.putInt(LogBatch.RECORD_COUNT_OFFSET, records);
        for (int i = 0; i < bodySize; i++) {
            b.put(LogBatch.HEADER_SIZE + i, (byte) (i * 31 + records + sequence));
        }
        CRC32C crc = new CRC32C();
        crc.update(b.slice(LogBatch.SCHEMA_ID_OFFSET, b.capacity() - LogBatch.SCHEMA_ID_OFFSET));
        b.putInt(LogBatch.CRC_OFFSET, (int) crc.getValue());
        return LogBatch.at(b, 0);
    }

    static LogBatch of(int records, int bodySize) {
        return of(LogBatch.NO_WRITER, LogBatch.NO_SEQUENCE, records, bodySize);
    }
}
