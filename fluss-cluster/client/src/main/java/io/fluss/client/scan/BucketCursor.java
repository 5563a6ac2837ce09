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
package io.fluss.client.scan;

import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableBucket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a bucket is read, and what has been fetched ahead of that. Owned by the polling thread.
 * Bounded: at most {@link #SECTIONS_MAX} answers wait, so a bucket holds two fetches at most.
 */
final class BucketCursor {
    private static final int SECTIONS_MAX = 2;

    /** No offset at all: below the one that stands for the earliest. */
    static final long NONE = Long.MIN_VALUE;

    private final TableBucket bucket;
    private final Deque<Section> sections = new ArrayDeque<>();
    private long position;
    private long fetchOffset;
    private boolean isFetching;
    private boolean isHungry = true;
    private boolean isPaused;
    private boolean isMoved;
    private long pausedUntilNanos;
    private int failures;
    private @Nullable RemoteRange remote;

    BucketCursor(TableBucket bucket, long offset) {
        this.bucket = bucket;
        this.position = offset;
        this.fetchOffset = offset;
    }

    TableBucket bucket() {
        return bucket;
    }

    /** Offset behind what was handed out. */
    long position() {
        return position;
    }

    /** Offset behind what has been fetched. */
    long fetchOffset() {
        return fetchOffset;
    }

    /** Reads segments of the remote log until they are done. */
    void readRemotely(RemoteRange range) {
        remote = range;
        isHungry = true;
    }

    /** The segments that are read now instead of asking the leader. */
    Optional<RemoteRange> remote() {
        return Optional.ofNullable(remote);
    }

    /** Asks the leader again. */
    void leaveRemote() {
        remote = null;
    }

    boolean canFetch() {
        return !isFetching && sections.size() < SECTIONS_MAX;
    }

    /** Whether more is expected to be there already. */
    boolean isHungry() {
        return isHungry;
    }

    /** Bytes that were fetched and not handed out. */
    long heldBytes() {
        long bytes = 0;
        for (Section s : sections) {
            bytes += s.records.remaining();
        }
        return bytes;
    }

    boolean hasData() {
        return !sections.isEmpty();
    }

    void fetchStarted() {
        isFetching = true;
    }

    void fetchEnded() {
        isFetching = false;
    }

    /** Takes the answer of a fetch at {@link #fetchOffset}. */
    void fetched(FetchedFrame frame, ByteBuffer records, long filteredEnd) {
        long end = Math.max(endOf(records), filteredEnd);
        failures = 0;
        isHungry = end > fetchOffset;
        if (!isHungry) {
            return;
        }
        frame.use();
        sections.add(new Section(frame, records, end));
        fetchOffset = end;
    }

    /** Offset behind the last whole batch; {@link #NONE} if there is none. */
    private static long endOf(ByteBuffer records) {
        long end = NONE;
        int at = records.position();
        while (LogBatch.isComplete(records, at)) {
            LogBatch batch = LogBatch.at(records, at);
            end = batch.nextOffset();
            at += batch.size();
        }
        return end;
    }

    /** The next batch that has records at or behind the position; empty ones are passed over. */
    Optional<LogBatch> next() {
        while (!sections.isEmpty()) {
            Section s = sections.getFirst();
            ByteBuffer records = s.records;
            if (LogBatch.isComplete(records, records.position())) {
                LogBatch batch = LogBatch.at(records, records.position());
                if (batch.recordCount() > 0 && batch.nextOffset() > position) {
                    return Optional.of(batch);
                }
                advance(batch);
            } else {
                isMoved |= s.end > position;
                position = Math.max(position, s.end);
                sections.removeFirst();
                s.frame.release();
            }
        }
        return Optional.empty();
    }

    /** Whether the position has moved over batches that did not come, since the last question. */
    boolean takeMoved() {
        boolean moved = isMoved;
        isMoved = false;
        return moved;
    }

    /** Whether the batch that {@link #next} gave holds the projected columns only. */
    boolean isProjected() {
        return sections.getFirst().frame.isProjected();
    }

    /** Leaves the bucket alone for a while, after a failure. */
    void pauseUntil(long nanos) {
        pausedUntilNanos = nanos;
        isPaused = true;
    }

    /** How long the bucket is still left alone; 0 if it is not. */
    long pausedNanos(long nowNanos) {
        if (isPaused && pausedUntilNanos - nowNanos <= 0) {
            isPaused = false;
        }
        return isPaused ? pausedUntilNanos - nowNanos : 0;
    }

    int countFailure() {
        return ++failures;
    }

    /** The batch that {@link #next} gave has been handed out. */
    void passed(LogBatch batch) {
        advance(batch);
        // Frees a frame with its last batch, not when somebody asks for the next one.
        var unused = next();
    }

    private void advance(LogBatch batch) {
        ByteBuffer records = sections.getFirst().records;
        records.position(records.position() + batch.size());
        position = Math.max(position, batch.nextOffset());
    }

    void dropData() {
        remote = null;
        sections.forEach(s -> s.frame.release());
        sections.clear();
    }

    /**
     * Part of an answer.
     *
     * @param records position at the next batch
     * @param end offset behind it
     */
    private record Section(FetchedFrame frame, ByteBuffer records, long end) {}
}
