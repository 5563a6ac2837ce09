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

import io.fluss.formats.log.LogBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What one bucket remembers of its idempotent writers: the last {@value #BATCHES_MAX} batches of
 * each, to answer a repeated batch with its first result and to refuse a gap. Pure: no clock, no
 * file; owned by the bucket's loop.
 */
final class WriterStates {
    /** As many batches as a writer may have in flight. */
    static final int BATCHES_MAX = 5;

    private final Map<Long, Deque<Entry>> writers = new HashMap<>();

    /**
     * One remembered batch.
     *
     * @param offsetDelta last offset minus base offset
     */
    record Entry(int sequence, long baseOffset, int offsetDelta, long timestampMs) {
        long endOffset() {
            return baseOffset + offsetDelta + 1;
        }
    }

    /** What to do with a batch. */
    sealed interface Check {
        /** Append it. */
        record Accepted() implements Check {}

        /** It is in the log already. */
        record Duplicate(Entry original) implements Check {}

        /**
         * Refuse it.
         *
         * @param lastSequence -1 for a writer that is not known
         */
        record OutOfOrder(int expectedSequence, int lastSequence) implements Check {}
    }

    private static final Check ACCEPTED = new Check.Accepted();

    /** Judges the next batch of a writer; changes nothing. */
    Check check(long writerId, int sequence) {
        if (writerId == LogBatch.NO_WRITER) {
            return ACCEPTED;
        }
        Deque<Entry> entries = writers.get(writerId);
        if (entries == null) {
            return sequence == 0 ? ACCEPTED : new Check.OutOfOrder(0, LogBatch.NO_SEQUENCE);
        }
        int last = entries.getLast().sequence();
        if (sequence == next(last)) {
            return ACCEPTED;
        }
        for (Entry e : entries) {
            if (e.sequence() == sequence) {
                return new Check.Duplicate(e);
            }
        }
        return new Check.OutOfOrder(next(last), last);
    }

    /** The sequence behind one; after the largest comes 0. */
    static int next(int sequence) {
        return sequence == Integer.MAX_VALUE ? 0 : sequence + 1;
    }

    /** Remembers a batch that is in the log; used by appends and by recovery alike. */
    void appended(LogBatch batch, long baseOffset, long timestampMs) {
        appended(
                batch.writerId(),
                new Entry(batch.sequence(), baseOffset, batch.lastOffsetDelta(), timestampMs));
    }

    void appended(long writerId, Entry entry) {
        if (writerId == LogBatch.NO_WRITER) {
            return;
        }
        Deque<Entry> entries =
                writers.computeIfAbsent(writerId, id -> new ArrayDeque<>(BATCHES_MAX));
        if (entries.size() == BATCHES_MAX) {
            entries.removeFirst();
        }
        entries.addLast(entry);
    }

    /** Forgets the writers whose last batch is not younger than {@code expiryMs}. */
    int expire(long nowMs, long expiryMs) {
        int before = writers.size();
        writers.values().removeIf(entries -> nowMs - entries.getLast().timestampMs() >= expiryMs);
        return before - writers.size();
    }

    int size() {
        return writers.size();
    }

    /** The remembered batches by writer, oldest first. */
    Map<Long, List<Entry>> entries() {
        Map<Long, List<Entry>> copy = new HashMap<>();
        writers.forEach((id, entries) -> copy.put(id, List.copyOf(entries)));
        return copy;
    }

    /** Takes over what a snapshot holds; batches at or behind {@code endOffset} are left out. */
    void restore(Map<Long, List<Entry>> snapshot, long endOffset) {
        writers.clear();
        snapshot.forEach(
                (id, entries) -> {
                    List<Entry> kept = new ArrayList<>(entries);
                    kept.removeIf(e -> e.endOffset() > endOffset);
                    kept.forEach(e -> appended(id, e));
                });
    }

    @Override
    public String toString() {
        Iterator<Long> ids = writers.keySet().iterator();
        return writers.size() + " writers" + (ids.hasNext() ? ", one is " + ids.next() : "");
    }
}
