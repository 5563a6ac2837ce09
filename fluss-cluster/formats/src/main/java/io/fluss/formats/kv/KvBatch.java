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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A view of one batch of upserts and deletes (data formats document, section 5.1), walked through
 * with {@link #next}. It checks all sizes, so that no content makes it read outside of the batch;
 * the one error is CORRUPT_RECORD. Belongs to one thread; the bytes stay the caller's.
 *
 * <pre>
 *  0 length i32 (batch size - 4) | 4 magic i8 | 5 crc u32 | 9 schema id i16 | 11 attributes i8
 * 12 writer id i64 | 20 batch sequence i32 | 24 record count i32 | 28 records
 * record: length of the rest i32 | varint key size | key | row, or nothing for a delete
 * </pre>
 *
 * Golden vectors: {@code kv-batches.json}.
 */
public final class KvBatch {
    public static final int HEADER_SIZE = 28;
    public static final int LENGTH_OVERHEAD = 4;
    static final int MAGIC_OFFSET = 4;
    static final int CRC_OFFSET = 5;
    static final int SCHEMA_ID_OFFSET = 9;
    static final int ATTRIBUTES_OFFSET = 11;
    static final int WRITER_ID_OFFSET = 12;
    static final int SEQUENCE_OFFSET = 20;
    static final int RECORD_COUNT_OFFSET = 24;
    static final byte MAGIC = 0;

    private final byte[] bytes;
    private final ByteBuffer view;
    private final int end;
    private int index = -1;
    private int recordEnd = HEADER_SIZE;
    private int keyAt;
    private int keySize;

    private KvBatch(byte[] bytes) {
        this.bytes = bytes;
        this.view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.end = bytes.length;
    }

    /**
     * Exactly one batch; its checksum is checked.
     *
     * @throws FlussException with CORRUPT_RECORD, or UNSUPPORTED_VERSION for an unknown magic
     */
    public static KvBatch of(byte[] bytes) {
        KvBatch b = new KvBatch(bytes);
        if (bytes.length < HEADER_SIZE) {
            throw b.corrupt(bytes.length + " bytes are less than a header");
        }
        int length = b.view.getInt(0);
        if (length != bytes.length - LENGTH_OVERHEAD) {
            throw b.corrupt("length field " + length + " in " + bytes.length + " bytes");
        }
        if (bytes[MAGIC_OFFSET] != MAGIC) {
            throw ErrorReason.UNSUPPORTED_VERSION.exception(
                    "upsert batch: magic "
                            + bytes[MAGIC_OFFSET]
                            + " is not supported, only "
                            + MAGIC);
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, SCHEMA_ID_OFFSET, bytes.length - SCHEMA_ID_OFFSET);
        if ((int) crc.getValue() != b.view.getInt(CRC_OFFSET)) {
            throw b.corrupt(
                    "checksum "
                            + Integer.toHexString(b.view.getInt(CRC_OFFSET))
                            + " in the header, but "
                            + Long.toHexString(crc.getValue())
                            + " computed");
        }
        if (b.recordCount() < 0 || b.recordCount() > (bytes.length - HEADER_SIZE) / 5) {
            throw b.corrupt(b.recordCount() + " records in " + bytes.length + " bytes");
        }
        return b;
    }

    /** More records than this are not in a batch, whatever it is; 0 for what is none. */
    public static int recordsMax(ByteBuffer bytes) {
        ByteBuffer b = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (b.limit() < HEADER_SIZE) {
            return 0;
        }
        int most = (b.limit() - HEADER_SIZE) / 5;
        return Math.max(0, Math.min(b.getInt(RECORD_COUNT_OFFSET), most));
    }

    /** The memory that all places refer to. */
    public byte[] array() {
        return bytes;
    }

    public int schemaId() {
        return view.getShort(SCHEMA_ID_OFFSET);
    }

    /** -1 for a writer without idempotence. */
    public long writerId() {
        return view.getLong(WRITER_ID_OFFSET);
    }

    public int sequence() {
        return view.getInt(SEQUENCE_OFFSET);
    }

    public int recordCount() {
        return view.getInt(RECORD_COUNT_OFFSET);
    }

    /** Goes back to before the first record. */
    public void rewind() {
        index = -1;
        recordEnd = HEADER_SIZE;
    }

    /** Goes to the next record, if there is one. */
    public boolean next() {
        int at = recordEnd;
        if (++index == recordCount()) {
            if (at != end) {
                throw corrupt((end - at) + " bytes behind the last record");
            }
            return false;
        }
        int left = end - at - Integer.BYTES;
        int size = left < 0 ? -1 : view.getInt(at);
        if (size < 1 || size > left) {
            throw corrupt("record " + index + " of size " + size + " with " + left + " bytes left");
        }
        recordEnd = at + Integer.BYTES + size;
        key(at + Integer.BYTES);
        return true;
    }

    private void key(int start) {
        long size = 0;
        int at = start;
        for (int shift = 0; ; shift += 7) {
            if (at == recordEnd || shift > 28) {
                throw corrupt("key size of record " + index);
            }
            byte b = bytes[at++];
            size |= (b & 0x7fL) << shift;
            if (b >= 0) {
                break;
            }
        }
        if (size > recordEnd - at) {
            throw corrupt(
                    "key of size "
                            + size
                            + " in record "
                            + index
                            + " with "
                            + (recordEnd - at)
                            + " bytes left");
        }
        keyAt = at;
        keySize = (int) size;
    }

    public int keyAt() {
        return keyAt;
    }

    public int keySize() {
        return keySize;
    }

    /** Whether the record deletes its key; then it has no row. */
    public boolean isDelete() {
        return rowSize() == 0;
    }

    public int rowAt() {
        return keyAt + keySize;
    }

    public int rowSize() {
        return recordEnd - rowAt();
    }

    private FlussException corrupt(String problem) {
        return ErrorReason.CORRUPT_RECORD.exception("upsert batch: " + problem);
    }
}
