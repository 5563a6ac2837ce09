package io.fluss.spark.connection;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** Arrow memory of this JVM; each reader and writer has a child of it, closed with the task. */
public final class TaskMemory {
    private static final RootAllocator ROOT = new RootAllocator(Long.MAX_VALUE);

    private TaskMemory() {}

    public static BufferAllocator child(String name) {
        return ROOT.newChildAllocator(name, 0, Long.MAX_VALUE);
    }

    /** Bytes in use by all readers and writers. */
    public static long allocatedBytes() {
        return ROOT.getAllocatedMemory();
    }
}
