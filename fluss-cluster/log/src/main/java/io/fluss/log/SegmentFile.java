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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open segment file with a count of its users, so that it is not closed under a reader whose
 * bytes are still on their way out. Thread-safe hand-over class: the log holds one count, each
 * reader one; who gives back the last one closes the file. A count of 0 never grows again.
 */
final class SegmentFile {
    private final Path path;
    private final FileChannel channel;
    private final AtomicInteger users = new AtomicInteger(1);
    private volatile boolean isExpired;
    private volatile boolean isRetired;
    private volatile @Nullable MappedWindows windows;

    SegmentFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    /** The log does not hold this segment any more; who reads it goes on. */
    void expire() {
        isExpired = true;
    }

    boolean isExpired() {
        return isExpired;
    }

    /** Tells who has mapped parts of the file. */
    void mappedBy(MappedWindows owner) {
        windows = owner;
    }

    /** Takes a count; false if the file is closed already. */
    boolean retain() {
        while (true) {
            int n = users.get();
            if (n == 0) {
                return false;
            }
            if (users.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    /** The log gives back its count, before it may remove the file or put another in its place. */
    void retire() {
        isRetired = true;
        release();
    }

    /** Whether the path may name another file, or none. */
    boolean isRetired() {
        return isRetired;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            MappedWindows mapped = windows;
            if (mapped != null) {
                mapped.forget(this);
            }
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("close " + path, e);
            }
        }
    }

    /** Fills the buffer from a position on; fewer bytes only at the end of the file. */
    void read(ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int n = channel.read(into, at);
            if (n < 0) {
                return;
            }
            at += n;
        }
    }
}
