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
package io.fluss.bytes;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A sequence of bytes in pieces: memory and ranges of files, sent one after the other without being
 * copied together. The holder calls {@link #close()} exactly once when the bytes have been sent or
 * are not wanted any more; it gives back what the pieces refer to (an open segment file, a pooled
 * buffer).
 */
public final class ByteParts implements AutoCloseable {
    private static final ByteParts EMPTY = new ByteParts(List.of(), () -> {});

    private final List<Part> parts;
    private final long size;
    private final Runnable release;

    private ByteParts(List<Part> parts, Runnable release) {
        this.parts = List.copyOf(parts);
        this.release = release;
        long sum = 0;
        for (Part p : parts) {
            sum += p.size();
        }
        this.size = sum;
    }

    public static ByteParts empty() {
        return EMPTY;
    }

    public static ByteParts of(List<Part> parts, Runnable release) {
        return new ByteParts(parts, release);
    }

    public static ByteParts of(ByteBuffer memory) {
        return new ByteParts(List.of(new Memory(memory)), () -> {});
    }

    public List<Part> parts() {
        return parts;
    }

    /** Total number of bytes. */
    public long size() {
        return size;
    }

    /** The pieces of this followed by those of the other; closing the result closes both. */
    public ByteParts plus(ByteParts other) {
        List<Part> all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new ByteParts(
                all,
                () -> {
                    close();
                    other.close();
                });
    }

    @Override
    public void close() {
        release.run();
    }

    /** One piece. */
    public sealed interface Part {
        long size();
    }

    /**
     * Bytes between position and limit of a buffer; the buffer's position is never moved by readers
     * of this.
     */
    public record Memory(ByteBuffer bytes) implements Part {
        @Override
        public long size() {
            return bytes.remaining();
        }
    }

    /** Bytes {@code [position, position + size)} of an open file. */
    public record FileRange(FileChannel file, long position, long size) implements Part {}
}
