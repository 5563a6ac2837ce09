package io.fluss.tablet;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Direct buffers of one size for bytes on their way from a file to a socket. Thread-safe pool;
 * keeps at most {@value #KEPT_MAX} free ones.
 */
final class DirectBuffers {
    static final int SIZE = 256 << 10;
    private static final int KEPT_MAX = 64;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT_MAX);

    ByteBuffer take() {
        ByteBuffer b = free.poll();
        return b == null ? ByteBuffer.allocateDirect(SIZE) : b.clear();
    }

    void giveBack(ByteBuffer buffer) {
        // Refused when enough are kept: then it is left to the garbage collector.
        free.offer(buffer);
    }
}
