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
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A segment that takes no more batches, as something to copy elsewhere. Immutable, for any thread.
 * Its file may be removed meanwhile (retention, a dropped table); reading then fails.
 */
public final class SealedSegment {
    private final SegmentView view;
    private final List<SegmentView> before;

    /**
     * A segment.
     *
     * @param before the segments of the log that precede it, in order
     */
    SealedSegment(SegmentView view, List<SegmentView> before) {
        this.view = view;
        this.before = before;
    }

    public long baseOffset() {
        return view.baseOffset();
    }

    /** Exclusive. */
    public long endOffset() {
        return view.endOffset();
    }

    public int sizeBytes() {
        return view.size();
    }

    /** Largest commit time in it. */
    public long maxTimestampMs() {
        return view.maxTimestampMs();
    }

    /** The log file. */
    public Path file() {
        return view.file().path();
    }

    /**
     * Makes its bytes durable and checks them, unless that was done before, so that damage is not
     * copied. Blocks.
     *
     * @throws IOException naming file, position and reason if the segment is damaged
     */
    public void persist() throws IOException {
        if (!view.file().retain()) {
            throw new IOException(file() + " is closed");
        }
        try {
            view.check(0, view.size());
            view.file().channel().force(false);
        } finally {
            view.file().release();
        }
    }

    /** The offset index as stored in its file (data formats document, section 8.2). */
    public byte[] offsetIndex() {
        return IndexFiles.offsets(view);
    }

    /** The time index as stored in its file. */
    public byte[] timeIndex() {
        return IndexFiles.times(view);
    }

    /**
     * The writer state at its end as a document: from the file written when the segment was rolled,
     * or, if that is gone, read from the batches. Blocks.
     */
    public byte[] writerSnapshot() throws IOException {
        Path snapshot = sibling(endOffset());
        if (Files.exists(snapshot)) {
            return Files.readAllBytes(snapshot);
        }
        WriterStates writers = new WriterStates();
        int first = before.size();
        while (first > 0) {
            Path earlier = sibling(before.get(first - 1).endOffset());
            if (Files.exists(earlier)) {
                writers.restore(
                        WriterSnapshotFile.read(earlier), before.get(first - 1).endOffset());
                break;
            }
            first--;
        }
        for (int i = first; i < before.size(); i++) {
            replay(before.get(i), writers);
        }
        replay(view, writers);
        return WriterSnapshotFile.bytes(writers.entries());
    }

    private static void replay(SegmentView s, WriterStates writers) throws IOException {
        if (!s.file().retain()) {
            throw new IOException(s.file().path() + " is closed");
        }
        try {
            ByteBuffer map = s.file().channel().map(FileChannel.MapMode.READ_ONLY, 0, s.size());
            BucketLog.replay(map, 0, s.size(), writers);
        } finally {
            s.file().release();
        }
    }

    private Path sibling(long offset) {
        return file().resolveSibling(Segment.fileName(offset, WriterSnapshotFile.SUFFIX));
    }
}
