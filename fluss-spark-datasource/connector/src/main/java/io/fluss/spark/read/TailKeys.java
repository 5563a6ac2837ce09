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
package io.fluss.spark.read;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.mask.KeyTable;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the log has changed behind a lake snapshot, for the tasks of a scan in this JVM:
 * read once, by the tasks that need them, each taking the next bucket that nobody has taken.
 * Thread-safe.
 *
 * <p>The tasks hold it; the JVM remembers it until it needs the memory, so that the next task of
 * the scan finds it.
 */
final class TailKeys {
    /** Scans that are remembered. */
    private static final int SCANS_MAX = 16;

    private static final float LOAD_FACTOR = 0.75f;
    private static final Map<String, SoftReference<TailKeys>> JVM =
            new LinkedHashMap<>(SCANS_MAX, LOAD_FACTOR, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, SoftReference<TailKeys>> e) {
                    return size() > SCANS_MAX;
                }
            };

    private final KeyTable keys;
    private final BiConsumer<LogRangePartition, KeyTable> reader;
    private final ArrayDeque<LogRangePartition> open;
    private int inWork;

    /**
     * Nothing is read yet.
     *
     * @param reader puts the keys of a range into the table, from the thread that asks for keys
     */
    TailKeys(
            List<LogRangePartition> ranges,
            KeyTable keys,
            BiConsumer<LogRangePartition, KeyTable> reader) {
        this.keys = keys;
        this.reader = reader;
        this.open = new ArrayDeque<>(ranges);
    }

    /** The keys of a scan; not read yet if this is the first task to ask. */
    static TailKeys of(Tails tails) {
        synchronized (JVM) {
            SoftReference<TailKeys> known = JVM.get(tails.scanId());
            TailKeys found = known == null ? null : known.get();
            if (found == null) {
                found = new TailKeys(tails.ranges(), KeyTable.of(tails.columns()), tails::addKeys);
                JVM.put(tails.scanId(), new SoftReference<>(found));
            }
            return found;
        }
    }

    /**
     * All keys; reads what nobody has read, and waits for what others are reading.
     *
     * @throws io.fluss.errors.FlussException what reading failed with; REQUEST_TIME_OUT if the task
     *     was interrupted, as Spark does when it kills it
     */
    KeyTable read() {
        for (LogRangePartition range = take(); range != null; range = take()) {
            boolean isRead = false;
            try {
                reader.accept(range, keys);
                isRead = true;
            } finally {
                giveBack(range, isRead);
            }
        }
        return keys;
    }

    private synchronized @Nullable LogRangePartition take() {
        try {
            while (open.isEmpty() && inWork > 0) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.REQUEST_TIME_OUT.exception(
                    "interrupted while waiting for the keys of the log", e);
        }
        LogRangePartition next = open.poll();
        if (next != null) {
            inWork++;
        }
        return next;
    }

    /** A range that was not read to its end is read again by another task. */
    private synchronized void giveBack(LogRangePartition range, boolean isRead) {
        inWork--;
        if (!isRead) {
            open.add(range);
        }
        notifyAll();
    }
}
