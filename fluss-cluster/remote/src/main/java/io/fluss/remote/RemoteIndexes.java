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
package io.fluss.remote;

import io.fluss.errors.ErrorReason;
import io.fluss.filestore.FileStore;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.formats.remote.RemoteSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * Finds positions and times in remote segments. Keeps the indexes that were used last, bounded by
 * bytes. Thread-safe: the one lock guards the cache and is not held over I/O.
 */
public final class RemoteIndexes {
    /** Enough for the headers of many small batches in one read. */
    private static final int HEADERS_READ_BYTES = 16 << 10;

    private final FileStore files;
    private final long bytesMax;
    private final Map<UUID, SegmentIndex> cache = new LinkedHashMap<>(16, 0.75f, true);
    private long cachedBytes;

    public RemoteIndexes(FileStore files, long bytesMax) {
        this.files = files;
        this.bytesMax = bytesMax;
    }

    /** As {@link #position} from memory only; empty if the index is not there. Never blocks. */
    public OptionalInt cachedPosition(RemoteSegment segment, long offset) {
        synchronized (cache) {
            SegmentIndex index = cache.get(segment.id());
            return index == null
                    ? OptionalInt.empty()
                    : OptionalInt.of(index.position(offset - segment.startOffset()));
        }
    }

    /**
     * Byte position of a batch at or before the one that holds the offset, about 4 KiB before it at
     * most. Blocks if the index has to be read.
     */
    public int position(RemoteLogDirectory directory, RemoteSegment segment, long offset) {
        return index(directory, segment).position(offset - segment.startOffset());
    }

    /**
     * Base offset of the first batch whose commit time is at or after the given one; the end offset
     * of the segment if there is none. Blocks.
     */
    public long offsetAtTime(RemoteLogDirectory directory, RemoteSegment segment, long timeMs) {
        String uri = directory.log(segment);
        long position = index(directory, segment).positionBefore(timeMs);
        ByteBuffer read =
                ByteBuffer.allocate(HEADERS_READ_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
        long start = position;
        while (position < segment.sizeBytes()) {
            int at = Math.toIntExact(Math.min(Integer.MAX_VALUE, position - start));
            if (at + LogBatch.HEADER_SIZE > read.limit()) {
                start = position;
                at = 0;
                read.clear();
                OptionalInt n = files.read(uri, position, read);
                read.flip();
                if (n.orElse(0) < LogBatch.HEADER_SIZE) {
                    throw ErrorReason.STORAGE.exception(
                            "'" + uri + "' is missing or ends before byte " + position);
                }
            }
            if (read.getLong(at + LogBatch.TIMESTAMP_OFFSET) >= timeMs) {
                return read.getLong(at);
            }
            int size = read.getInt(at + LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
            if (size < LogBatch.HEADER_SIZE) {
                throw ErrorReason.STORAGE.exception(
                        "'" + uri + "': batch at byte " + position + " has the size " + size);
            }
            position += size;
        }
        return segment.endOffset();
    }

    private SegmentIndex index(RemoteLogDirectory directory, RemoteSegment segment) {
        synchronized (cache) {
            SegmentIndex known = cache.get(segment.id());
            if (known != null) {
                return known;
            }
        }
        SegmentIndex read =
                SegmentIndex.of(
                        segment,
                        content(directory.offsetIndex(segment)),
                        content(directory.timeIndex(segment)));
        keep(segment.id(), read);
        return read;
    }

    private byte[] content(String uri) {
        Optional<byte[]> content = files.read(uri);
        return content.orElseThrow(
                () -> ErrorReason.STORAGE.exception("'" + uri + "' does not exist"));
    }

    private void keep(UUID id, SegmentIndex index) {
        synchronized (cache) {
            SegmentIndex old = cache.put(id, index);
            cachedBytes += index.sizeBytes() - (old == null ? 0 : old.sizeBytes());
            Iterator<SegmentIndex> oldest = cache.values().iterator();
            while (cachedBytes > bytesMax && cache.size() > 1) {
                cachedBytes -= oldest.next().sizeBytes();
                oldest.remove();
            }
        }
    }
}
