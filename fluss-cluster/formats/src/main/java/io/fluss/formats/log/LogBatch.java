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
package io.fluss.formats.log;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A view of one log record batch of magic 0, the format that is written (data formats document,
 * section 4.1). It reads the header out of the buffer it was given and never copies. All offsets
 * are in records; ends are exclusive.
 *
 * <pre>
 *  0 base offset i64 | 8 length i32 (batch size - 12) | 12 magic i8 | 13 commit timestamp i64 | 21 crc u32
 * 25 schema id i16 | 27 attributes i8 | 28 last offset delta i32 | 32 writer id i64 | 40 batch sequence i32
 * 44 record count i32 | 48 body
 * </pre>
 *
 * Golden vectors: {@code log-batches.json}.
 */
public final class LogBatch {
    public static final int LENGTH_OFFSET = 8;
    public static final int MAGIC_OFFSET = 12;
    public static final int TIMESTAMP_OFFSET = 13;
    public static final int CRC_OFFSET = 21;
    public static final int SCHEMA_ID_OFFSET = 25;
    public static final int ATTRIBUTES_OFFSET = 27;
    public static final int LAST_OFFSET_DELTA_OFFSET = 28;
    public static final int WRITER_ID_OFFSET = 32;
    public static final int SEQUENCE_OFFSET = 40;
    public static final int RECORD_COUNT_OFFSET = 44;

    /** Size of the header, and of a batch without records. */
    public static final int HEADER_SIZE = 48;

    /** Bytes in front of what the length field counts. */
    public static final int LENGTH_OVERHEAD = 12;

    public static final byte MAGIC = 0;
    public static final long NO_WRITER = -1;
    public static final int NO_SEQUENCE = -1;
    static final int APPEND_ONLY = 1;

    private final ByteBuffer bytes;
    private final int start;
    private final int size;

    private LogBatch(ByteBuffer bytes, int start, int size) {
        this.bytes = bytes;
        this.start = start;
        this.size = size;
    }

    /**
     * The batch that starts at a position of the buffer. Checks magic and sizes, not the checksum.
     *
     * @throws FlussException with {@link ErrorReason#CORRUPT_MESSAGE} for an impossible size,
     *     {@link ErrorReason#UNSUPPORTED_VERSION} for an unknown magic
     */
    public static LogBatch at(ByteBuffer buffer, int position) {
        ByteBuffer le = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int remaining = le.limit() - position;
        if (remaining < HEADER_SIZE) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "log batch at byte "
                            + position
                            + ": "
                            + remaining
                            + " bytes are less than a header");
        }
        int length = le.getInt(position + LENGTH_OFFSET);
        if (length < HEADER_SIZE - LENGTH_OVERHEAD || length > remaining - LENGTH_OVERHEAD) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "log batch at byte "
                            + position
                            + ": length field "
                            + length
                            + ", but "
                            + remaining
                            + " bytes remain");
        }
        byte magic = le.get(position + MAGIC_OFFSET);
        if (magic != MAGIC) {
            throw ErrorReason.UNSUPPORTED_VERSION.exception(
                    "log batch at byte "
                            + position
                            + ": magic "
                            + magic
                            + " is not supported, only "
                            + MAGIC);
        }
        LogBatch b = new LogBatch(le, position, length + LENGTH_OVERHEAD);
        int count = b.recordCount();
        if (count < 0 || b.lastOffsetDelta() != Math.max(0, count - 1)) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "log batch at byte "
                            + position
                            + ": "
                            + count
                            + " records, but last offset delta "
                            + b.lastOffsetDelta());
        }
        return b;
    }

    /** Whether a whole batch lies at the position; false for a cut-off tail. */
    public static boolean isComplete(ByteBuffer buffer, int position) {
        int remaining = buffer.limit() - position;
        if (remaining < LENGTH_OVERHEAD) {
            return false;
        }
        int length =
                buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(position + LENGTH_OFFSET);
        return length <= remaining - LENGTH_OVERHEAD;
    }

    /**
     * Writes the header of a batch whose body stands already behind it, base offset 0 and no commit
     * time, and the checksum.
     *
     * @param batch exactly one batch, from 0 to its limit, little-endian, header zeroed
     * @param isAppendOnly looked at if there are records
     */
    public static void writeHeader(
            ByteBuffer batch,
            int recordCount,
            boolean isAppendOnly,
            int schemaId,
            long writerId,
            int sequence) {
        int size = batch.limit();
        batch.putInt(LENGTH_OFFSET, size - LENGTH_OVERHEAD);
        batch.put(MAGIC_OFFSET, MAGIC);
        batch.putShort(SCHEMA_ID_OFFSET, (short) schemaId);
        batch.put(ATTRIBUTES_OFFSET, (byte) (recordCount > 0 && isAppendOnly ? APPEND_ONLY : 0));
        batch.putInt(LAST_OFFSET_DELTA_OFFSET, Math.max(0, recordCount - 1));
        batch.putLong(WRITER_ID_OFFSET, writerId);
        batch.putInt(SEQUENCE_OFFSET, sequence);
        batch.putInt(RECORD_COUNT_OFFSET, recordCount);
        CRC32C crc = new CRC32C();
        crc.update(batch.slice(SCHEMA_ID_OFFSET, size - SCHEMA_ID_OFFSET));
        batch.putInt(CRC_OFFSET, (int) crc.getValue());
    }

    /** Position in the buffer where this batch starts. */
    public int position() {
        return start;
    }

    /** Size of the whole batch in bytes. */
    public int size() {
        return size;
    }

    public long baseOffset() {
        return bytes.getLong(start);
    }

    public int lastOffsetDelta() {
        return bytes.getInt(start + LAST_OFFSET_DELTA_OFFSET);
    }

    /** The offset behind this batch; an empty batch occupies one offset. */
    public long nextOffset() {
        return baseOffset() + lastOffsetDelta() + 1;
    }

    /** Milliseconds since the epoch, given by the leader. */
    public long commitTimestampMs() {
        return bytes.getLong(start + TIMESTAMP_OFFSET);
    }

    public int schemaId() {
        return bytes.getShort(start + SCHEMA_ID_OFFSET);
    }

    /**
     * Whether every record is an append; otherwise a change type stands for each record in front of
     * the Arrow data.
     */
    public boolean isAppendOnly() {
        return (bytes.get(start + ATTRIBUTES_OFFSET) & APPEND_ONLY) != 0;
    }

    /** {@link #NO_WRITER} for a writer without idempotence. */
    public long writerId() {
        return bytes.getLong(start + WRITER_ID_OFFSET);
    }

    public int sequence() {
        return bytes.getInt(start + SEQUENCE_OFFSET);
    }

    /** 0 for a batch that only takes up one offset. */
    public int recordCount() {
        return bytes.getInt(start + RECORD_COUNT_OFFSET);
    }

    public long crc() {
        return Integer.toUnsignedLong(bytes.getInt(start + CRC_OFFSET));
    }

    /** CRC-32C from the schema id to the end, as it is. */
    public long computedCrc() {
        CRC32C crc = new CRC32C();
        crc.update(slice(SCHEMA_ID_OFFSET, size - SCHEMA_ID_OFFSET));
        return crc.getValue();
    }

    /**
     * Checks that the checksum of the header fits the bytes behind it.
     *
     * @throws FlussException with {@link ErrorReason#CORRUPT_RECORD} if the checksum does not fit
     */
    public void checkCrc() {
        long computed = computedCrc();
        if (computed != crc()) {
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "log batch with base offset "
                            + baseOffset()
                            + ": checksum "
                            + Long.toHexString(crc())
                            + " in the header, but "
                            + Long.toHexString(computed)
                            + " computed");
        }
    }

    /** All bytes of the batch, little-endian, sharing memory. */
    public ByteBuffer bytes() {
        return slice(0, size);
    }

    /** The bytes behind the header, sharing memory. */
    public ByteBuffer body() {
        return slice(HEADER_SIZE, size - HEADER_SIZE);
    }

    /**
     * The first {@link #CRC_OFFSET} bytes of this batch with base offset and commit time filled in.
     * What follows them stays as it was sent; the checksum does not cover these bytes.
     */
    public ByteBuffer stampedPrefix(long baseOffset, long commitTimestampMs) {
        ByteBuffer prefix = ByteBuffer.allocate(CRC_OFFSET).order(ByteOrder.LITTLE_ENDIAN);
        prefix.putLong(baseOffset);
        prefix.putInt(size - LENGTH_OVERHEAD);
        prefix.put(MAGIC);
        prefix.putLong(commitTimestampMs);
        return prefix.flip();
    }

    private ByteBuffer slice(int offset, int length) {
        return bytes.slice(start + offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
