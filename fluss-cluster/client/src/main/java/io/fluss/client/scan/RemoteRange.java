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
package io.fluss.client.scan;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.formats.remote.RemoteSegment;
import io.fluss.protocol.messages.PbRemoteLogFetchInfo;
import io.fluss.protocol.messages.PbRemoteLogSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Segments of a remote log that a bucket is read from, and where. Owned by the polling thread. */
final class RemoteRange {
    private final RemoteLogDirectory directory;
    private final List<RemoteSegment> segments;
    private int index;
    private int position;

    private RemoteRange(RemoteLogDirectory directory, List<RemoteSegment> segments, int position) {
        this.directory = directory;
        this.segments = segments;
        this.position = position;
    }

    /**
     * What the leader answered.
     *
     * @throws io.fluss.errors.FlussException with CORRUPT_MESSAGE if that makes no sense
     */
    static RemoteRange of(PbRemoteLogFetchInfo info) {
        try {
            List<RemoteSegment> segments = new ArrayList<>();
            for (PbRemoteLogSegment s : info.getRemoteLogSegmentsList()) {
                segments.add(
                        new RemoteSegment(
                                UUID.fromString(s.getRemoteLogSegmentId()),
                                s.getRemoteLogStartOffset(),
                                s.getRemoteLogEndOffset(),
                                s.getMaxTimestamp(),
                                s.getSegmentSizeInBytes()));
            }
            int position = info.getFirstStartPos();
            if (segments.isEmpty() || position < 0 || position >= segments.get(0).sizeBytes()) {
                throw new IllegalArgumentException(
                        segments.size() + " segments, start at byte " + position);
            }
            return new RemoteRange(
                    new RemoteLogDirectory(info.getRemoteLogTabletDir()), segments, position);
        } catch (IllegalArgumentException e) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "the server names segments of the remote log that cannot be: " + e.getMessage(),
                    e);
        }
    }

    boolean isDone() {
        return index == segments.size();
    }

    String file() {
        return directory.log(segments.get(index));
    }

    int position() {
        return position;
    }

    /** Bytes from the position to the end of the segment. */
    int left() {
        return segments.get(index).sizeBytes() - position;
    }

    /**
     * Whole batches were read.
     *
     * @return offset behind them, if they end the segment; else {@link BucketCursor#NONE}
     */
    long advance(int bytes) {
        position += bytes;
        if (left() > 0) {
            return BucketCursor.NONE;
        }
        long end = segments.get(index).endOffset();
        index++;
        position = 0;
        return end;
    }
}
