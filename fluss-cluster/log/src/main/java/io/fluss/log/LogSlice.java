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

import io.fluss.bytes.ByteParts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whole batches in ranges of segment files. The files stay open until {@link #close}, or until the
 * bytes made of it by {@link #toParts} are closed; the one replaces the other.
 */
public final class LogSlice implements AutoCloseable {
    private final List<Range> ranges;
    private final long size;
    private final AtomicBoolean closed = new AtomicBoolean();

    LogSlice(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
        long sum = 0;
        for (Range r : ranges) {
            sum += r.size();
        }
        this.size = sum;
    }

    public List<Range> ranges() {
        return ranges;
    }

    public long size() {
        return size;
    }

    /** The bytes as they lie in the files; closing them closes this. */
    public ByteParts toParts() {
        return ByteParts.of(
                ranges.stream().<ByteParts.Part>map(r -> r.part(0, r.size())).toList(),
                this::close);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            ranges.forEach(r -> r.file.release());
        }
    }

    /** A position in a segment file; what lies there never changes. */
    public record Place(Object file, int position) {}

    /** Bytes of one segment file that begin and end at batch borders. */
    public static final class Range {
        private final SegmentFile file;
        private final int position;
        private final int size;

        Range(SegmentFile file, int position, int size) {
            this.file = file;
            this.position = position;
            this.size = size;
        }

        SegmentFile file() {
            return file;
        }

        public int size() {
            return size;
        }

        /** A piece of this range that keeps the file open on its own. */
        Range retained(int from, int length) {
            if (!file.retain()) {
                throw new IllegalStateException(file.path() + " was closed under a slice of it");
            }
            return new Range(file, position + from, length);
        }

        /** A piece of this range, by position from its start. */
        public ByteParts.Part part(int from, int length) {
            return new ByteParts.FileRange(file.channel(), (long) position + from, length);
        }

        /**
         * This range mapped into memory; closed before the slice is.
         *
         * @return empty if the system refuses it
         */
        public Optional<MappedRange> map(MappedWindows windows) {
            return windows.map(file, position, size);
        }

        /** Names a position in this range for as long as the server runs. */
        public Place placeOf(int from) {
            return new Place(file, position + from);
        }

        /** Fills the buffer with the bytes from a position in this range on. */
        public void read(ByteBuffer into, int from) throws IOException {
            file.read(into, (long) position + from);
            if (into.hasRemaining()) {
                throw new IOException(
                        file.path() + " ends before byte " + ((long) position + from));
            }
        }
    }
}
