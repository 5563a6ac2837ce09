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
import io.fluss.formats.remote.RemoteSegment;
import java.nio.ByteBuffer;

/**
 * Both indexes of one remote segment, in the layout of their files (data formats document, section
 * 8.2). Immutable.
 */
final class SegmentIndex {
    private static final int OFFSET_ENTRY = 8;
    private static final int TIME_ENTRY = 12;

    private final ByteBuffer offsets;
    private final ByteBuffer times;

    private SegmentIndex(ByteBuffer offsets, ByteBuffer times) {
        this.offsets = offsets;
        this.times = times;
    }

    /**
     * Takes over the content of the index files.
     *
     * @throws io.fluss.errors.FlussException with STORAGE if they cannot be those of the segment
     */
    static SegmentIndex of(RemoteSegment segment, byte[] offsets, byte[] times) {
        if (offsets.length % OFFSET_ENTRY != 0 || times.length % TIME_ENTRY != 0) {
            throw unsound(segment, "has index files of " + offsets.length + " and " + times.length);
        }
        SegmentIndex index = new SegmentIndex(ByteBuffer.wrap(offsets), ByteBuffer.wrap(times));
        for (int i = 0; i < offsets.length; i += OFFSET_ENTRY) {
            int position = index.offsets.getInt(i + 4);
            boolean ascends =
                    i == 0
                            || (index.offsets.getInt(i) > index.offsets.getInt(i - OFFSET_ENTRY)
                                    && position > index.offsets.getInt(i - 4));
            if (!ascends || position < 0 || position >= segment.sizeBytes()) {
                throw unsound(segment, "has a wrong offset index entry at byte " + i);
            }
        }
        return index;
    }

    private static RuntimeException unsound(RemoteSegment segment, String problem) {
        return ErrorReason.STORAGE.exception("remote segment " + segment.id() + " " + problem);
    }

    int sizeBytes() {
        return offsets.limit() + times.limit();
    }

    /** Position of a batch at or before the one that holds the offset. */
    int position(long relativeOffset) {
        int low = 0;
        int high = offsets.limit() / OFFSET_ENTRY;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (offsets.getInt(mid * OFFSET_ENTRY) <= relativeOffset) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low == 0 ? 0 : offsets.getInt((low - 1) * OFFSET_ENTRY + 4);
    }

    /** Position of a batch whose time is before the given one, or the first batch. */
    int positionBefore(long timestampMs) {
        int low = 0;
        int high = times.limit() / TIME_ENTRY;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (times.getLong(mid * TIME_ENTRY) < timestampMs) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low == 0 ? 0 : position(times.getInt((low - 1) * TIME_ENTRY + Long.BYTES));
    }
}
