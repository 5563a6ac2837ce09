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

import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowEncoder;
import io.fluss.formats.row.RowValues;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Builds batches of upserts and deletes record by record; used again after each batch. Belongs to
 * one thread.
 */
public final class KvBatchWriter {
    private final RowEncoder rows;
    private final RowBytes out = new RowBytes(1024);
    private int recordCount;

    /**
     * A writer for one table.
     *
     * @param rows in the format and of the schema of the table
     */
    public KvBatchWriter(RowEncoder rows) {
        this.rows = rows;
        reset();
    }

    /**
     * Adds the row of a key.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN for a value that does not
     *     fit its column; the batch stays as it was
     */
    public void upsert(byte[] key, RowValues row) {
        int start = begin(key);
        boolean complete = false;
        try {
            rows.encode(row, out);
            complete = true;
        } finally {
            if (!complete) {
                out.truncate(start);
            }
        }
        end(start);
    }

    /** Adds the row of a key, which is encoded already. */
    public void upsert(byte[] key, byte[] row) {
        int start = begin(key);
        out.put(row);
        end(start);
    }

    /** Adds all records of another writer, which keeps them. */
    public void addAll(KvBatchWriter records) {
        out.put(records.out.array(), KvBatch.HEADER_SIZE, records.out.size() - KvBatch.HEADER_SIZE);
        recordCount += records.recordCount;
    }

    /** Adds the deletion of a key. */
    public void delete(byte[] key) {
        end(begin(key));
    }

    private int begin(byte[] key) {
        int start = out.size();
        out.put4(0);
        int size = key.length;
        for (; size >= 0x80; size >>>= 7) {
            out.put1(size | 0x80);
        }
        out.put1(size);
        out.put(key);
        return start;
    }

    private void end(int start) {
        out.set4(start, out.size() - start - Integer.BYTES);
        recordCount++;
    }

    public int recordCount() {
        return recordCount;
    }

    /** Size of the batch so far. */
    public int size() {
        return out.size();
    }

    /**
     * The batch; what is added next belongs to another one.
     *
     * @return heap buffer from position 0 to limit, little-endian
     */
    public ByteBuffer finish(int schemaId, long writerId, int sequence) {
        ByteBuffer batch = ByteBuffer.wrap(out.toArray()).order(ByteOrder.LITTLE_ENDIAN);
        batch.putInt(0, batch.limit() - KvBatch.LENGTH_OVERHEAD);
        batch.put(KvBatch.MAGIC_OFFSET, KvBatch.MAGIC);
        batch.putShort(KvBatch.SCHEMA_ID_OFFSET, (short) schemaId);
        batch.put(KvBatch.ATTRIBUTES_OFFSET, (byte) 0);
        batch.putInt(KvBatch.RECORD_COUNT_OFFSET, recordCount);
        stamp(batch, writerId, sequence);
        reset();
        return batch;
    }

    /**
     * Gives a batch its place among those of a writer, which the checksum covers.
     *
     * @param batch little-endian, with an array
     */
    public static void stamp(ByteBuffer batch, long writerId, int sequence) {
        batch.putLong(KvBatch.WRITER_ID_OFFSET, writerId);
        batch.putInt(KvBatch.SEQUENCE_OFFSET, sequence);
        CRC32C crc = new CRC32C();
        crc.update(batch.slice(KvBatch.SCHEMA_ID_OFFSET, batch.limit() - KvBatch.SCHEMA_ID_OFFSET));
        batch.putInt(KvBatch.CRC_OFFSET, (int) crc.getValue());
    }

    /** Forgets the records, keeps the memory. */
    public void reset() {
        out.clear();
        out.skip(KvBatch.HEADER_SIZE);
        recordCount = 0;
    }
}
