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

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Direct buffers of one size for bytes on their way from a file to a socket. Thread-safe pool;
 * keeps at most {@value #KEPT_MAX} free ones.
 */
final class DirectBuffers {
    static final int SIZE = 256 << 10;
    private static final int KEPT_MAX = 64;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT_MAX);
    private final AtomicInteger out = new AtomicInteger();

    ByteBuffer take() {
        out.incrementAndGet();
        ByteBuffer b = free.poll();
        return b == null ? ByteBuffer.allocateDirect(SIZE) : b.clear();
    }

    void giveBack(ByteBuffer buffer) {
        out.decrementAndGet();
        // Refused when enough are kept: then it is left to the garbage collector.
        free.offer(buffer);
    }

    /** Buffers that were taken and not given back. */
    int inUse() {
        return out.get();
    }
}
