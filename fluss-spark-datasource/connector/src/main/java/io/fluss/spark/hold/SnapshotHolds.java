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
package io.fluss.spark.hold;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.spark.lake.LakeScanProvider;
import io.fluss.table.TablePath;
import io.fluss.time.Clock;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which lake snapshots the queries of a driver use, and those of them that are held in the lake: by
 * one tag for a snapshot, however many queries use it. Thread-safe; what is slow, the lake, is done
 * by one thread that is there while anything is in use.
 *
 * <p>A snapshot is in use as long as a {@link LakeUse} of it can be reached. That is longer than an
 * execution: a cached result, an iterator and a data frame that is collected again read files after
 * it. Since the collector of the JVM comes when it likes, a finished query looks like one that can
 * go on, so the two are told apart by time: a snapshot is held at once when an execution has lasted
 * for the wanted time, otherwise only {@link #COLLECTED_AFTER} later.
 */
final class SnapshotHolds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotHolds.class);

    /** What a driver that was killed leaves behind is gone after this time. */
    static final Duration HOLD_MAX = Duration.ofDays(1);

    /** So often Spark has the memory of a driver collected, to find out what nobody uses. */
    static final Duration COLLECTED_AFTER = Duration.ofMinutes(30);

    static final Duration RETRY_AFTER = Duration.ofMinutes(1);
    static final int TRIES_MAX = 3;
    private static final int WARNED_MAX = 1_000;

    private final Function<String, LakeScanProvider> formats;
    private final Clock clock;
    private final Executor thread;
    private final ReferenceQueue<LakeUse> unreachable = new ReferenceQueue<>();
    private final Map<HeldSnapshot, Entry> entries = new HashMap<>();
    private final Map<Long, Set<Use>> executions = new HashMap<>();
    private final Set<TablePath> warned = new HashSet<>();
    private boolean isRunning;
    private boolean isClosed;

    /**
     * @param formats the provider of a lake format
     * @param thread for one task at a time, which may last as long as the driver
     */
    SnapshotHolds(Function<String, LakeScanProvider> formats, Clock clock, Executor thread) {
        this.formats = formats;
        this.clock = clock;
        this.thread = thread;
    }

    /**
     * Begins to care for a snapshot.
     *
     * @param execution in which it is used first, if it is known
     * @param holdAfter zero: it is held when this method returns
     */
    void register(LakeUse use, HeldSnapshot snapshot, OptionalLong execution, Duration holdAfter) {
        Entry entry;
        synchronized (this) {
            if (isClosed) {
                return;
            }
            entry = entries.computeIfAbsent(snapshot, Entry::new);
            Use u = new Use(use, unreachable, entry, execution, clock.nanoTime(), holdAfter);
            entry.uses.add(u);
            execution.ifPresent(
                    id -> executions.computeIfAbsent(id, none -> new HashSet<>()).add(u));
        }
        if (holdAfter.isZero()) {
            holdIfDue(entry);
        }
        wake();
    }

    /** Nothing is read for an execution any more, as far as it is known. */
    synchronized void executionEnded(long execution) {
        Set<Use> uses = executions.remove(execution);
        if (uses != null) {
            uses.forEach(u -> u.isExecuting = false);
        }
    }

    /**
     * Does what is due.
     *
     * @return how long nothing is, at most; empty if nothing is in use
     */
    OptionalLong step() {
        for (Reference<? extends LakeUse> r = unreachable.poll();
                r != null;
                r = unreachable.poll()) {
            forget(r);
        }
        List<Entry> all;
        synchronized (this) {
            all = List.copyOf(entries.values());
        }
        for (Entry e : all) {
            if (dropIfUnused(e)) {
                release(e);
            } else {
                holdIfDue(e);
            }
        }
        return nextNanos();
    }

    private synchronized OptionalLong nextNanos() {
        long now = clock.nanoTime();
        return entries.values().stream().mapToLong(e -> Math.max(0, e.nextNanos(now) - now)).min();
    }

    private synchronized void forget(Reference<?> r) {
        if (r instanceof Use u) {
            u.entry.uses.remove(u);
            if (u.execution.isPresent()) {
                executions.computeIfPresent(
                        u.execution.getAsLong(),
                        (id, uses) -> {
                            uses.remove(u);
                            return uses.isEmpty() ? null : uses;
                        });
            }
        }
    }

    private synchronized boolean dropIfUnused(Entry e) {
        return e.uses.isEmpty() && entries.remove(e.snapshot, e);
    }

    private void holdIfDue(Entry e) {
        // One thread at a time for a snapshot; others may go on meanwhile.
        synchronized (e.lake) {
            synchronized (this) {
                if (isClosed
                        || e.uses.isEmpty()
                        || e.nextNanos(clock.nanoTime()) > clock.nanoTime()) {
                    return;
                }
            }
            Failure failure = hold(e);
            synchronized (this) {
                long now = clock.nanoTime();
                if (failure == null) {
                    e.held(now);
                } else {
                    e.failed(now, failure.isFinal());
                    warn(e, failure.cause());
                }
            }
        }
    }

    private @Nullable Failure hold(Entry e) {
        try {
            if (formats.apply(e.snapshot.format()).hold(e.snapshot.request(), e.name, HOLD_MAX)) {
                LOG.info("{} is held by tag {} for a query", e.snapshot, e.name);
                return null;
            }
            return new Failure(
                    new UnsupportedOperationException(e.snapshot.format() + " holds nothing"),
                    true);
        } catch (FlussException gone) {
            boolean isGone =
                    gone.reason() == ErrorReason.LAKE_SNAPSHOT_NOT_EXIST
                            || gone.reason() == ErrorReason.TABLE_NOT_EXIST;
            return new Failure(gone, isGone);
        } catch (RuntimeException refused) {
            return new Failure(refused, false);
        }
    }

    /** Once for a table; guarded by this. */
    private void warn(Entry e, RuntimeException cause) {
        boolean isLast = e.isGivenUp || e.tries == TRIES_MAX;
        if (!isLast || warned.size() >= WARNED_MAX || !warned.add(e.snapshot.request().path())) {
            LOG.debug("{} is not held", e.snapshot, cause);
            return;
        }
        LOG.warn(
                "{} cannot be held for a query that is using it. The query goes on; its files are"
                        + " there for lake.tiering.expire.reader-window of the tiering job. Give"
                        + " readers the right to write tags of the lake table, or make the window"
                        + " longer than any query",
                e.snapshot,
                cause);
    }

    private void release(Entry e) {
        synchronized (e.lake) {
            if (!e.isHeld) {
                return;
            }
            try {
                formats.apply(e.snapshot.format()).release(e.snapshot.request(), e.name);
                e.isHeld = false;
            } catch (RuntimeException refused) {
                LOG.warn(
                        "{} is still held by tag {}, up to {} hours",
                        e.snapshot,
                        e.name,
                        HOLD_MAX.toHours(),
                        refused);
            }
        }
    }

    private void wake() {
        // Whoever waits at the queue looks at its time anew.
        new WeakReference<LakeUse>(new LakeUse("", 0), unreachable).enqueue();
        synchronized (this) {
            if (isRunning || isClosed) {
                return;
            }
            isRunning = true;
        }
        thread.execute(this::run);
    }

    private void run() {
        try {
            while (!isDone()) {
                OptionalLong waitNanos = step();
                if (waitNanos.isPresent()) {
                    long millis = Math.max(1, Duration.ofNanos(waitNanos.getAsLong()).toMillis());
                    Reference<? extends LakeUse> r = unreachable.remove(millis);
                    if (r != null) {
                        forget(r);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            synchronized (this) {
                isRunning = false;
            }
        }
    }

    /** Whether the thread can go; it comes again with the next use. */
    private synchronized boolean isDone() {
        if (isClosed || entries.isEmpty()) {
            isRunning = false;
            return true;
        }
        return false;
    }

    /** Releases what is held. */
    @Override
    public void close() {
        List<Entry> all;
        synchronized (this) {
            isClosed = true;
            all = List.copyOf(entries.values());
            entries.clear();
            executions.clear();
        }
        all.forEach(this::release);
        wake();
    }

    /**
     * @param isFinal whether it will not be otherwise in a while
     */
    private record Failure(RuntimeException cause, boolean isFinal) {}

    /** A snapshot that is in use. Guarded by the owner, but what is held by {@link #lake}. */
    private static final class Entry {
        private final HeldSnapshot snapshot;
        private final String name = "fluss-query-" + UUID.randomUUID();
        private final Object lake = new Object();
        private final Set<Use> uses = new HashSet<>();
        private boolean isHeld;
        private boolean isGivenUp;
        private int tries;
        private long againNanos;

        Entry(HeldSnapshot snapshot) {
            this.snapshot = snapshot;
        }

        void held(long now) {
            isHeld = true;
            tries = 0;
            // Long before it would end, so that there is time to try it again.
            againNanos = now + HOLD_MAX.toNanos() / 2;
        }

        void failed(long now, boolean isFinal) {
            tries++;
            againNanos = now + RETRY_AFTER.toNanos();
            isGivenUp = isFinal || (!isHeld && tries >= TRIES_MAX);
        }

        /** When it is to be held, or held anew. */
        long nextNanos(long now) {
            if (isGivenUp) {
                return now + HOLD_MAX.toNanos();
            }
            if (isHeld || tries > 0) {
                return againNanos;
            }
            long next = now + HOLD_MAX.toNanos();
            for (Use u : uses) {
                next = Math.min(next, u.dueNanos());
            }
            return next;
        }
    }

    /** Guarded by the owner. */
    private static final class Use extends WeakReference<LakeUse> {
        /** More is as good as this, and could not be told in nanoseconds. */
        private static final long NEVER_DAYS = 10_000;

        private final Entry entry;
        private final OptionalLong execution;
        private final long plannedNanos;
        private final long holdAfterNanos;
        private boolean isExecuting;

        Use(
                LakeUse use,
                ReferenceQueue<LakeUse> unreachable,
                Entry entry,
                OptionalLong execution,
                long plannedNanos,
                Duration holdAfter) {
            super(use, unreachable);
            this.entry = entry;
            this.execution = execution;
            this.plannedNanos = plannedNanos;
            this.holdAfterNanos =
                    Math.min(holdAfter.toDays(), NEVER_DAYS) == NEVER_DAYS
                            ? Duration.ofDays(NEVER_DAYS).toNanos()
                            : holdAfter.toNanos();
            this.isExecuting = execution.isPresent();
        }

        long dueNanos() {
            boolean isSure = isExecuting || holdAfterNanos == 0;
            return plannedNanos + holdAfterNanos + (isSure ? 0 : COLLECTED_AFTER.toNanos());
        }
    }
}
