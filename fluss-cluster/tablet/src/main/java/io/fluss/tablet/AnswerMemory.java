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
package io.fluss.tablet;

import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.log.LogSlice;
import io.fluss.log.MappedRange;
import io.fluss.log.MappedWindows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one answer takes its bytes from: windows of segment files for large ranges, pooled buffers
 * for small ones, which many share. Used by one thread until the answer is handed on; closed once,
 * when it was sent.
 */
final class AnswerMemory implements AutoCloseable {
    /** A smaller range is read: that is cheaper than touching pages of a mapping. */
    static final int MAPPED_MIN = 64 << 10;

    private final MappedWindows windows;
    private final DirectBuffers pool;
    private final List<ByteBuffer> taken = new ArrayList<>(2);
    private final List<MappedRange> mapped = new ArrayList<>(2);

    AnswerMemory(MappedWindows windows, DirectBuffers pool) {
        this.windows = windows;
        this.pool = pool;
    }

    /** The bytes of a slice as they are; closing them closes the slice. */
    ByteParts whole(LogSlice slice) {
        List<ByteParts.Part> parts = new ArrayList<>(slice.ranges().size());
        boolean done = false;
        try {
            for (LogSlice.Range range : slice.ranges()) {
                Optional<MappedRange> m = map(range);
                if (m.isPresent()) {
                    m.get().addTo(parts, 0, range.size());
                } else if (range.size() <= DirectBuffers.SIZE) {
                    parts.add(new ByteParts.Memory(read(range, 0, range.size())));
                } else {
                    parts.add(range.part(0, range.size()));
                }
            }
            done = true;
            return ByteParts.of(parts, slice::close);
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception("cannot read the log: " + e, e);
        } finally {
            if (!done) {
                slice.close();
            }
        }
    }

    /** The range in memory, until this is closed; empty if it is better read. */
    Optional<MappedRange> map(LogSlice.Range range) {
        if (range.size() < MAPPED_MIN) {
            return Optional.empty();
        }
        Optional<MappedRange> m = range.map(windows);
        m.ifPresent(mapped::add);
        return m;
    }

    /** At most {@link DirectBuffers#SIZE} bytes of a range, until this is closed. */
    ByteBuffer read(LogSlice.Range range, int from, int length) throws IOException {
        ByteBuffer last = taken.isEmpty() ? null : taken.get(taken.size() - 1);
        if (last == null || last.capacity() - last.position() < length) {
            last = pool.take();
            taken.add(last);
        }
        ByteBuffer bytes = last.slice(last.position(), length);
        range.read(bytes, from);
        last.position(last.position() + length);
        return bytes.flip();
    }

    @Override
    public void close() {
        taken.forEach(pool::giveBack);
        mapped.forEach(MappedRange::close);
    }
}
