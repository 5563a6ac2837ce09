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
import io.fluss.formats.statistics.BatchStatistics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A view of one log record batch (data formats document, sections 4.1 and 4.2). It reads the header
 * out of the buffer it was given and never copies. All offsets are in records; ends are exclusive.
 *
 * <pre>
 *  0 base offset i64 | 8 length i32 (batch size - 12) | 12 magic i8 | 13 commit timestamp i64 | 21 crc u32
 * 25 schema id i16 | 27 attributes i8 | 28 last offset delta i32 | 32 writer id i64 | 40 batch sequence i32
 * 44 record count i32 | magic 0: 48 body | magic 1: 48 statistics length i32 | 52 statistics | body
 * </pre>
 *
 * Magic 2 is magic 1 with a leader epoch i32 at 21 and all that follows 4 bytes later; it is read
 * by clients, and never written or stored. Golden vectors: {@code log-batches.json}, {@code
 * log-batches-newer-magic.json}.
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

    /** Size of the header of magic 0, and of a batch without records. */
    public static final int HEADER_SIZE = 48;

    /** Size of the header of magic 1, with the length of the statistics. */
    public static final int STATISTICS_HEADER_SIZE = 52;

    /** Bytes in front of what the length field counts. */
    public static final int LENGTH_OVERHEAD = 12;

    public static final byte MAGIC = 0;

    /** With column statistics between header and body. */
    public static final byte MAGIC_STATISTICS = 1;

    private static final byte MAGIC_EPOCH = 2;
    public static final long NO_WRITER = -1;
    public static final int NO_SEQUENCE = -1;
    static final int APPEND_ONLY = 1;

    private final ByteBuffer bytes;
    private final int start;
    private final int size;

    /** How much later than in magic 0 everything from the checksum on stands. */
    private final int shift;

    private final int headerSize;
    private final int statisticsSize;

    private LogBatch(ByteBuffer bytes, int start, int size) {
        this.bytes = bytes;
        this.start = start;
        this.size = size;
        byte magic = bytes.get(start + MAGIC_OFFSET);
        this.shift = shift(magic);
        this.headerSize = headerSize(magic);
        this.statisticsSize =
                magic == MAGIC || size < headerSize
                        ? 0
                        : bytes.getInt(start + headerSize - Integer.BYTES);
    }

    /** Size of the header, with the length of the statistics where there is one. */
    static int headerSize(byte magic) {
        return magic == MAGIC ? HEADER_SIZE : STATISTICS_HEADER_SIZE + shift(magic);
    }

    static boolean isKnown(byte magic) {
        return magic >= MAGIC && magic <= MAGIC_EPOCH;
    }

    private static int shift(byte magic) {
        return magic == MAGIC_EPOCH ? Integer.BYTES : 0;
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
        if (!isKnown(magic)) {
            throw ErrorReason.UNSUPPORTED_VERSION.exception(
                    "log batch at byte "
                            + position
                            + ": magic "
                            + magic
                            + " is not supported, only "
                            + MAGIC
                            + " to "
                            + MAGIC_EPOCH);
        }
        LogBatch b = new LogBatch(le, position, length + LENGTH_OVERHEAD);
        if (b.size < b.headerSize
                || b.statisticsSize < 0
                || b.statisticsSize > b.size - b.headerSize) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "log batch at byte "
                            + position
                            + ": "
                            + b.size
                            + " bytes with magic "
                            + magic
                            + " and statistics of "
                            + b.statisticsSize
                            + " bytes");
        }
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
        writeHeader(batch, MAGIC, recordCount, isAppendOnly, schemaId, writerId, sequence);
    }

    /**
     * As above for a batch of magic 1, whose statistics and body stand already behind the header.
     *
     * @param statisticsSize bytes of statistics, 0 for none
     */
    public static void writeStatisticsHeader(
            ByteBuffer batch,
            int statisticsSize,
            int recordCount,
            int schemaId,
            long writerId,
            int sequence) {
        batch.putInt(STATISTICS_HEADER_SIZE - Integer.BYTES, statisticsSize);
        writeHeader(batch, MAGIC_STATISTICS, recordCount, true, schemaId, writerId, sequence);
    }

    private static void writeHeader(
            ByteBuffer batch,
            byte magic,
            int recordCount,
            boolean isAppendOnly,
            int schemaId,
            long writerId,
            int sequence) {
        int size = batch.limit();
        batch.putInt(LENGTH_OFFSET, size - LENGTH_OVERHEAD);
        batch.put(MAGIC_OFFSET, magic);
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
        return bytes.getInt(start + shift + LAST_OFFSET_DELTA_OFFSET);
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
        return bytes.getShort(start + shift + SCHEMA_ID_OFFSET);
    }

    /**
     * Whether every record is an append; otherwise a change type stands for each record in front of
     * the Arrow data.
     */
    public boolean isAppendOnly() {
        return (bytes.get(start + shift + ATTRIBUTES_OFFSET) & APPEND_ONLY) != 0;
    }

    /** {@link #NO_WRITER} for a writer without idempotence. */
    public long writerId() {
        return bytes.getLong(start + shift + WRITER_ID_OFFSET);
    }

    public int sequence() {
        return bytes.getInt(start + shift + SEQUENCE_OFFSET);
    }

    /** 0 for a batch that only takes up one offset. */
    public int recordCount() {
        return bytes.getInt(start + shift + RECORD_COUNT_OFFSET);
    }

    public long crc() {
        return Integer.toUnsignedLong(bytes.getInt(start + shift + CRC_OFFSET));
    }

    /** CRC-32C from the schema id to the end, as it is. */
    public long computedCrc() {
        CRC32C crc = new CRC32C();
        int covered = SCHEMA_ID_OFFSET + shift;
        crc.update(slice(covered, size - covered));
        return crc.getValue();
    }

    /**
     * Checks that the checksum of the header fits the bytes behind it. It does not cover the magic
     * byte: that a batch of magic 0 has not become one with statistics is seen by these.
     *
     * @throws FlussException with {@link ErrorReason#CORRUPT_RECORD} if the checksum does not fit
     */
    public void checkCrc() {
        if (statisticsSize > 0 && !BatchStatistics.isPossible(statistics())) {
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "log batch with base offset "
                            + baseOffset()
                            + ": magic "
                            + magic()
                            + ", but no statistics behind the header");
        }
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

    /** The bytes behind header and statistics, sharing memory. */
    public ByteBuffer body() {
        int at = headerSize + statisticsSize;
        return slice(at, size - at);
    }

    /** The bytes of the column statistics, sharing memory; nothing if there are none. */
    public ByteBuffer statistics() {
        return slice(headerSize, statisticsSize);
    }

    public byte magic() {
        return bytes.get(start + MAGIC_OFFSET);
    }

    /**
     * This batch with magic 0 and a new checksum: what every reader understands. A batch of magic 0
     * itself.
     */
    public LogBatch withoutStatistics() {
        if (magic() == MAGIC) {
            return this;
        }
        ByteBuffer body = body();
        ByteBuffer plain =
                ByteBuffer.allocate(HEADER_SIZE + body.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        plain.putLong(0, baseOffset());
        plain.putLong(TIMESTAMP_OFFSET, commitTimestampMs());
        plain.put(HEADER_SIZE, body, 0, body.remaining());
        writeHeader(plain, recordCount(), isAppendOnly(), schemaId(), writerId(), sequence());
        return at(plain, 0);
    }

    /**
     * The first {@link #CRC_OFFSET} bytes of this batch with base offset and commit time filled in.
     * What follows them stays as it was sent; the checksum does not cover these bytes.
     */
    public ByteBuffer stampedPrefix(long baseOffset, long commitTimestampMs) {
        ByteBuffer prefix = ByteBuffer.allocate(CRC_OFFSET).order(ByteOrder.LITTLE_ENDIAN);
        prefix.putLong(baseOffset);
        prefix.putInt(size - LENGTH_OVERHEAD);
        prefix.put(magic());
        prefix.putLong(commitTimestampMs);
        return prefix.flip();
    }

    private ByteBuffer slice(int offset, int length) {
        return bytes.slice(start + offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
