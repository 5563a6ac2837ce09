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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Offset and time index of a segment as files (data formats document, section 8.2): big-endian
 * entries without trailing zeros. They can be made again from the segment, so that they are not
 * forced; the recovery file has their checksum.
 */
final class IndexFiles {
    static final String OFFSETS = ".index";
    static final String TIMES = ".timeindex";
    static final int OFFSET_ENTRY = 8;
    static final int TIME_ENTRY = 12;

    private IndexFiles() {}

    /**
     * Entries that were read back.
     *
     * @param times pairs as in {@link SegmentView#timeIndex}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Entries(long[] offsets, long[] times) {}

    static Path sibling(Path segment, long baseOffset, String suffix) {
        return segment.resolveSibling(Segment.fileName(baseOffset, suffix));
    }

    static void write(SegmentView s) throws IOException {
        Path log = s.file().path();
        DurableFiles.replaceLazily(sibling(log, s.baseOffset(), TIMES), times(s));
        DurableFiles.replaceLazily(sibling(log, s.baseOffset(), OFFSETS), offsets(s));
    }

    static void delete(Path segment, long baseOffset) throws IOException {
        Files.deleteIfExists(sibling(segment, baseOffset, OFFSETS));
        Files.deleteIfExists(sibling(segment, baseOffset, TIMES));
    }

    static long crc(SegmentView s) {
        return crc(offsets(s), times(s));
    }

    /** The entries the recovery file vouches for; empty if the files do not have them. */
    static Optional<Entries> read(Path segment, RecoveryFile.KnownSegment known)
            throws IOException {
        Path offsetFile = sibling(segment, known.baseOffset(), OFFSETS);
        Path timeFile = sibling(segment, known.baseOffset(), TIMES);
        if (!Files.exists(offsetFile) || !Files.exists(timeFile)) {
            return Optional.empty();
        }
        byte[] o = Files.readAllBytes(offsetFile);
        byte[] t = Files.readAllBytes(timeFile);
        long offsetBytes = (long) known.offsetEntries() * OFFSET_ENTRY;
        long timeBytes = (long) known.timeEntries() * TIME_ENTRY;
        if (o.length < offsetBytes || t.length < timeBytes) {
            return Optional.empty();
        }
        o = Arrays.copyOf(o, (int) offsetBytes);
        t = Arrays.copyOf(t, (int) timeBytes);
        if (crc(o, t) != known.indexCrc()) {
            return Optional.empty();
        }
        ByteBuffer offsets = ByteBuffer.wrap(o);
        ByteBuffer times = ByteBuffer.wrap(t);
        long[] entries = new long[known.offsetEntries()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = offsets.getLong();
        }
        long[] pairs = new long[2 * known.timeEntries()];
        for (int i = 0; i < pairs.length; i += 2) {
            pairs[i] = times.getLong();
            pairs[i + 1] = times.getInt();
        }
        return Optional.of(new Entries(entries, pairs));
    }

    private static long crc(byte[] offsets, byte[] times) {
        CRC32C crc = new CRC32C();
        crc.update(offsets);
        crc.update(times);
        return crc.getValue();
    }

    static byte[] offsets(SegmentView s) {
        ByteBuffer offsets = ByteBuffer.allocate(s.offsetCount() * OFFSET_ENTRY);
        for (int i = 0; i < s.offsetCount(); i++) {
            offsets.putLong(s.offsetIndex()[i]);
        }
        return offsets.array();
    }

    static byte[] times(SegmentView s) {
        ByteBuffer times = ByteBuffer.allocate(s.timeCount() * TIME_ENTRY);
        for (int i = 0; i < s.timeCount(); i++) {
            times.putLong(s.timeIndex()[2 * i]);
            times.putInt((int) s.timeIndex()[2 * i + 1]);
        }
        return times.array();
    }
}
