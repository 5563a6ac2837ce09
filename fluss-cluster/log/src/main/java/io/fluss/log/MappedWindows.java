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
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Windows of segment files mapped into memory, shared by all logs of a server. What is sent out of
 * them is copied once, from the page cache into the socket; {@code sendfile} costs twice of that
 * for sender and receiver where both are on one machine, because it hands over single pages.
 *
 * <p>The bytes are for the system calls that send them: Java code that touches a page whose disk
 * has failed would get an error that names nothing, a system call fails cleanly.
 *
 * <p>Thread-safe. Bound: the number of windows that are kept; the one that was not used for the
 * longest time goes. A window is unmapped when it is not kept any more and nobody sends from it, so
 * that a deleted file gives back its disk space without a garbage collection.
 */
public final class MappedWindows {
    private static final Logger LOG = LoggerFactory.getLogger(MappedWindows.class);

    /** One window is one of the 65,530 mappings that Linux gives a process by default. */
    private static final int WINDOWS_MAX = 1024;

    private static final int WINDOW_BYTES = 64 << 20;

    private final int windowsMax;
    private final int windowBytes;

    /** In the order of use; guarded by this, as are the counts in the windows. */
    private final Map<Key, Window> kept = new LinkedHashMap<>(64, 0.75f, true);

    private int mapped;
    private int leases;
    private volatile boolean isRefused;

    private record Key(SegmentFile file, int index) {}

    /** The mapped start of a window; a longer one takes its place when the file has grown. */
    private static final class Window {
        private final ByteBuffer bytes;
        private int users = 1;

        Window(ByteBuffer bytes) {
            this.bytes = bytes;
        }
    }

    public MappedWindows() {
        this(WINDOWS_MAX, WINDOW_BYTES);
    }

    /**
     * @param windowBytes a multiple of the page size
     */
    public MappedWindows(int windowsMax, int windowBytes) {
        this.windowsMax = windowsMax;
        this.windowBytes = windowBytes;
    }

    /**
     * Maps a range that lies within the file, which the caller keeps open.
     *
     * @return the range until it is closed; empty if the system refuses: then it has to be read
     */
    Optional<MappedRange> map(SegmentFile file, int position, int size) {
        if (isRefused) {
            return Optional.empty();
        }
        List<Window> used = new ArrayList<>(2);
        List<ByteBuffer> pieces = new ArrayList<>(2);
        boolean done = false;
        try {
            file.mappedBy(this);
            for (int at = position; at < position + size; ) {
                int index = at / windowBytes;
                int from = at - index * windowBytes;
                int length = Math.min(position + size - at, windowBytes - from);
                Window w = window(new Key(file, index), from + length);
                used.add(w);
                pieces.add(w.bytes.slice(from, length));
                at += length;
            }
            done = true;
            return Optional.of(new MappedRange(pieces, () -> close(used)));
        } catch (NoSuchFileException e) {
            LOG.debug("{} was deleted, who still reads it reads the open file", file.path(), e);
            return Optional.empty();
        } catch (IOException | OutOfMemoryError e) {
            LOG.warn("segments are read from now on, {} cannot be mapped", file.path(), e);
            isRefused = true;
            return Optional.empty();
        } finally {
            if (!done) {
                close(used);
            }
        }
    }

    /** A window with one user more. */
    private Window window(Key key, int end) throws IOException {
        synchronized (this) {
            Window known = kept.get(key);
            if (known != null && known.bytes.capacity() >= end) {
                return use(known);
            }
        }
        Window made = new Window(mapped(key, end));
        List<Window> unused = new ArrayList<>(1);
        try {
            synchronized (this) {
                mapped++;
                Window known = kept.get(key);
                if (known != null && known.bytes.capacity() >= end) {
                    unused.add(made);
                    return use(known);
                }
                if (known != null) {
                    unused.add(known);
                }
                kept.put(key, made);
                Iterator<Window> oldest = kept.values().iterator();
                while (kept.size() > windowsMax) {
                    unused.add(oldest.next());
                    oldest.remove();
                }
                return use(made);
            }
        } finally {
            release(unused);
        }
    }

    private Window use(Window w) {
        w.users++;
        leases++;
        return w;
    }

    /**
     * Maps what there is of a window. By a channel of its own, and with no lock held: the one that
     * the log writes with is locked for as long as an append lasts.
     */
    private ByteBuffer mapped(Key key, int end) throws IOException {
        long start = (long) key.index() * windowBytes;
        SegmentFile file = key.file();
        try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            if (file.isRetired()) {
                // What was opened may be another file of the same name.
                throw new NoSuchFileException(file.path().toString());
            }
            long length = Math.min(windowBytes, channel.size() - start);
            if (length < end) {
                throw new IOException("the file ends before byte " + (start + end));
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, start, length);
        }
    }

    /** The file is closed: nobody sends from it any more. */
    void forget(SegmentFile file) {
        List<Window> unused = new ArrayList<>();
        synchronized (this) {
            for (int i = 0; i <= Integer.MAX_VALUE / windowBytes; i++) {
                Window w = kept.remove(new Key(file, i));
                if (w != null) {
                    unused.add(w);
                }
            }
        }
        release(unused);
    }

    private void close(List<Window> used) {
        synchronized (this) {
            leases -= used.size();
        }
        release(used);
    }

    private void release(List<Window> windows) {
        for (Window w : windows) {
            boolean isLast;
            synchronized (this) {
                isLast = --w.users == 0;
                mapped -= isLast ? 1 : 0;
            }
            if (isLast) {
                Unmapping.unmap(w.bytes);
            }
        }
    }

    /** Windows that are mapped now, kept or in use. */
    public synchronized int size() {
        return mapped;
    }

    /** Ranges that were mapped and not closed, each counted once a window. */
    public synchronized int inUse() {
        return leases;
    }

    /** Gives a mapping back at once. */
    private static final class Unmapping {
        private static final @Nullable MethodHandle CLEANER = cleaner();

        private static @Nullable MethodHandle cleaner() {
            try {
                Class<?> unsafe = Class.forName("sun.misc.Unsafe");
                Field instance = unsafe.getDeclaredField("theUnsafe");
                instance.setAccessible(true);
                return MethodHandles.lookup()
                        .findVirtual(
                                unsafe,
                                "invokeCleaner",
                                MethodType.methodType(void.class, ByteBuffer.class))
                        .bindTo(instance.get(null));
            } catch (ReflectiveOperationException | RuntimeException e) {
                LOG.warn("mapped segments are given back by the garbage collector only", e);
                return null;
            }
        }

        static void unmap(ByteBuffer bytes) {
            if (CLEANER == null) {
                return;
            }
            try {
                CLEANER.invokeExact(bytes);
            } catch (Throwable e) {
                LOG.warn("a mapped segment is left to the garbage collector", e);
            }
        }
    }
}
