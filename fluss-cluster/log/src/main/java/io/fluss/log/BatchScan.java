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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Checks stored batches one after the other: lengths, checksums, offsets without a gap, commit
 * times that do not go back. Bytes are read in pieces, so that a large batch takes little memory.
 * For one thread.
 */
final class BatchScan {
    private static final int PIECE_BYTES = 64 << 10;

    private final SegmentFile file;
    private final int limit;
    private final ByteBuffer header =
            ByteBuffer.allocate(LogBatch.HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    private long lastTimestampMs;

    /**
     * @param limit where the stored bytes end
     * @param lastTimestampMs commit time before which no batch may lie
     */
    BatchScan(SegmentFile file, int limit, long lastTimestampMs) {
        this.file = file;
        this.limit = limit;
        this.lastTimestampMs = lastTimestampMs;
    }

    /**
     * The batch at a position.
     *
     * @param expectedOffset its base offset
     * @throws DamagedSegmentException if that is not a good batch
     */
    SegmentView.BatchAt check(int position, long expectedOffset) throws IOException {
        SegmentView.BatchAt b = header(position);
        if (b.baseOffset() != expectedOffset) {
            throw damaged(
                    position, "offset " + b.baseOffset() + " where " + expectedOffset + " belongs");
        }
        checkBody(b);
        return b;
    }

    /** As {@link #check} where only the offset of the last record is known. */
    SegmentView.BatchAt checkLastOffset(int position, long lastOffset) throws IOException {
        SegmentView.BatchAt b = header(position);
        if (b.nextOffset() - 1 != lastOffset) {
            throw damaged(
                    position,
                    "last offset " + (b.nextOffset() - 1) + " where " + lastOffset + " belongs");
        }
        checkBody(b);
        return b;
    }

    private SegmentView.BatchAt header(int position) throws IOException {
        if (limit - position < LogBatch.HEADER_SIZE) {
            throw damaged(position, (limit - position) + " bytes are less than a batch header");
        }
        read(header.clear(), position);
        header.flip();
        int size = header.getInt(LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
        if (size < LogBatch.HEADER_SIZE || size > limit - position) {
            throw damaged(
                    position,
                    "a batch of " + size + " bytes, but " + (limit - position) + " are left");
        }
        byte magic = header.get(LogBatch.MAGIC_OFFSET);
        if (magic != LogBatch.MAGIC) {
            throw damaged(position, "magic " + magic + " is not known");
        }
        int records = header.getInt(LogBatch.RECORD_COUNT_OFFSET);
        int delta = header.getInt(LogBatch.LAST_OFFSET_DELTA_OFFSET);
        if (records < 0 || delta != Math.max(0, records - 1)) {
            throw damaged(position, records + " records, but last offset delta " + delta);
        }
        return new SegmentView.BatchAt(
                position,
                header.getLong(0),
                size,
                delta,
                header.getLong(LogBatch.TIMESTAMP_OFFSET));
    }

    private void checkBody(SegmentView.BatchAt b) throws IOException {
        CRC32C crc = new CRC32C();
        int at = b.position() + LogBatch.SCHEMA_ID_OFFSET;
        while (at < b.end()) {
            int n = Math.min(PIECE_BYTES, b.end() - at);
            read(piece.clear().limit(n), at);
            crc.update(piece.flip());
            at += n;
        }
        long stated = Integer.toUnsignedLong(header.getInt(LogBatch.CRC_OFFSET));
        if (crc.getValue() != stated) {
            throw damaged(
                    b.position(),
                    "checksum "
                            + Long.toHexString(stated)
                            + " in the header, but "
                            + Long.toHexString(crc.getValue())
                            + " computed");
        }
        if (b.timestampMs() < lastTimestampMs) {
            throw damaged(
                    b.position(), "commit time " + b.timestampMs() + " before " + lastTimestampMs);
        }
        lastTimestampMs = b.timestampMs();
    }

    private void read(ByteBuffer into, int position) throws IOException {
        file.read(into, position);
        if (into.hasRemaining()) {
            throw damaged(position, "the file ends there");
        }
    }

    private DamagedSegmentException damaged(int position, String reason) {
        return new DamagedSegmentException(file.path(), position, reason);
    }
}
