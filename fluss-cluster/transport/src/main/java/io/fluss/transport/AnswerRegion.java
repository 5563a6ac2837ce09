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
package io.fluss.transport;

import io.fluss.bytes.ByteParts;
import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer on its way out as a single message: its header, and pieces of memory and files, which
 * are closed when it has left or cannot leave. All memory up to the next file goes to the socket in
 * one gathering write. Owned by the channel's event loop.
 */
final class AnswerRegion extends AbstractReferenceCounted implements FileRegion {
    private final ByteParts body;

    /** Pieces in order; in each place one of the two arrays has an element. */
    private final @Nullable ByteBuffer[] memory;

    private final ByteParts.@Nullable FileRange[] files;
    private final long count;
    private int next;
    private long sentOfFile;
    private long transferred;

    AnswerRegion(ByteBuffer header, ByteParts body) {
        this.body = body;
        this.count = header.remaining() + body.size();
        List<ByteParts.Part> parts = body.parts();
        this.memory = new ByteBuffer[1 + parts.size()];
        this.files = new ByteParts.FileRange[1 + parts.size()];
        memory[0] = header;
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) instanceof ByteParts.Memory m) {
                memory[1 + i] = m.bytes().duplicate();
            } else {
                files[1 + i] = (ByteParts.FileRange) parts.get(i);
            }
        }
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    @Deprecated
    public long transfered() {
        return transferred;
    }

    @Override
    public long transferred() {
        return transferred;
    }

    @Override
    public long count() {
        return count;
    }

    /** Sends as much as the socket takes at once of the memory, or the file, that is next. */
    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
        if (position != transferred) {
            throw new IllegalArgumentException(
                    "an answer is sent from front to back: " + position + ", not " + transferred);
        }
        skipSent();
        if (next == memory.length) {
            return 0;
        }
        ByteParts.FileRange file = files[next];
        long n = file == null ? memoryTo((GatheringByteChannel) target) : fileTo(target, file);
        transferred += n;
        return n;
    }

    private long memoryTo(GatheringByteChannel target) throws IOException {
        int end = next;
        while (end < memory.length && files[end] == null) {
            end++;
        }
        long n = target.write(memory, next, end - next);
        skipSent();
        return n;
    }

    private long fileTo(WritableByteChannel target, ByteParts.FileRange file) throws IOException {
        long from = file.position() + sentOfFile;
        long n = file.file().transferTo(from, file.size() - sentOfFile, target);
        if (n <= 0 && file.file().size() < file.position() + file.size()) {
            throw new EOFException("the file ends before byte " + (file.position() + file.size()));
        }
        sentOfFile += Math.max(0, n);
        return Math.max(0, n);
    }

    private void skipSent() {
        while (next < memory.length && isSent(memory[next], files[next])) {
            next++;
            sentOfFile = 0;
        }
    }

    private boolean isSent(@Nullable ByteBuffer bytes, ByteParts.@Nullable FileRange file) {
        if (bytes != null) {
            return !bytes.hasRemaining();
        }
        return file == null || sentOfFile == file.size();
    }

    @Override
    protected void deallocate() {
        body.close();
    }

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }
}
