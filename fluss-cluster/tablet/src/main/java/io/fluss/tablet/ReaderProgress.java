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

import io.fluss.table.TableBucket;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long the fetches of one connection may wait for data. A reader that was sent data asks at
 * once for the other buckets again, and for those with data when it has used them up; until its
 * first fetch is answered it sends no other. A long wait for buckets at their end would then hold
 * up those that have more. So a fetch waits only briefly while the reader has data that it has not
 * come back for; the time grows with the time since then, so that a reader which stays away does
 * not make the others ask all the time.
 *
 * <p>Thread-safe hand-over class. Bound: {@value #BUCKETS_MAX} buckets; what does not fit is
 * forgotten, which only makes fetches wait longer. Several readers of one connection do not disturb
 * each other as long as they read different buckets.
 */
final class ReaderProgress {
    static final int WAIT_MIN_MS = 3;

    /** A wait takes this part of the time since the reader got data. */
    static final int SHARE = 16;

    private static final int BUCKETS_MAX = 10_000;
    private static final long NANOS_PER_MS = 1_000_000;

    /** An answer with data. */
    private static final class Served {
        private final long atNanos;
        private int bucketsInUse;

        Served(long atNanos, int bucketsInUse) {
            this.atNanos = atNanos;
            this.bucketsInUse = bucketsInUse;
        }
    }

    /** The last answer with data to a fetch of the bucket. */
    private final Map<TableBucket, Served> served = new HashMap<>();

    /** Buckets whose data the reader has not come back for, with the answer that had it. */
    private final Map<TableBucket, Served> inUse = new HashMap<>();

    private int turn;

    /** A number that grows by one with each fetch. */
    synchronized int nextTurn() {
        return turn++;
    }

    /**
     * A fetch arrives.
     *
     * @return milliseconds that it may wait, at most {@code maxWaitMs}
     */
    synchronized int asked(Collection<TableBucket> buckets, int maxWaitMs, long nowNanos) {
        for (TableBucket b : buckets) {
            comesBackFor(b);
        }
        long waitMs = maxWaitMs;
        for (TableBucket b : buckets) {
            Served s = served.get(b);
            if (s != null && s.bucketsInUse > 0) {
                long awayMs = (nowNanos - s.atNanos) / NANOS_PER_MS;
                waitMs = Math.min(waitMs, Math.max(WAIT_MIN_MS, awayMs / SHARE));
            }
        }
        return (int) waitMs;
    }

    private void comesBackFor(TableBucket bucket) {
        Served s = inUse.remove(bucket);
        if (s != null) {
            s.bucketsInUse--;
        }
    }

    /**
     * A fetch is answered.
     *
     * @param buckets all that were asked for
     * @param withData those of them that the answer has records of
     */
    synchronized void answered(
            Collection<TableBucket> buckets, List<TableBucket> withData, long nowNanos) {
        if (withData.isEmpty()) {
            return;
        }
        if (served.size() + buckets.size() > BUCKETS_MAX) {
            served.clear();
            inUse.clear();
            if (buckets.size() > BUCKETS_MAX) {
                return;
            }
        }
        Served s = new Served(nowNanos, withData.size());
        for (TableBucket b : withData) {
            comesBackFor(b);
            inUse.put(b, s);
        }
        for (TableBucket b : buckets) {
            served.put(b, s);
        }
    }
}
