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
package io.fluss.client.lake;

import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How it stands with the tiering of a table: its place in the schedule, its last rounds, and what
 * the lake lacks. Immutable; see {@link TieringStatuses}.
 *
 * @param state empty if the cluster does not tell, as published ones
 * @param snapshotId of the lake snapshot that the cluster knows; empty if nothing was tiered yet
 * @param lag of each bucket
 * @param lagProblem why the lag is not known; empty if it is
 * @param asOfMs when it was read
 */
public record TieringStatus(
        TablePath path,
        long tableId,
        Optional<TieringState> state,
        OptionalLong snapshotId,
        List<BucketLag> lag,
        Optional<String> lagProblem,
        long asOfMs) {
    /** After this time somebody should look whether there is a service at all. */
    private static final long PENDING_LONG_MS = 60_000;

    public TieringStatus {
        lag = List.copyOf(lag);
    }

    /**
     * What the lake lacks of a bucket.
     *
     * @param partitionName empty text if the table is not partitioned
     * @param tieredTo log offset up to which (exclusive) the lake holds it; -1 if it holds nothing
     * @param end of the log
     * @param records in the log but not in the lake; in a table with a primary key, changes
     * @param oldestMs when the first of them was committed; empty if there is none, or not known
     */
    public record BucketLag(
            TableBucket bucket,
            String partitionName,
            long tieredTo,
            long end,
            long records,
            OptionalLong oldestMs) {
        /** Age of what the lake lacks longest; 0 if it lacks nothing, empty if not known. */
        public OptionalLong ageMs(long nowMs) {
            return records == 0
                    ? OptionalLong.of(0)
                    : oldestMs.isEmpty()
                            ? oldestMs
                            : OptionalLong.of(Math.max(0, nowMs - oldestMs.getAsLong()));
        }
    }

    /** In a word: scheduled, pending, tiering, failed, off or unknown. */
    public String word() {
        if (state.isEmpty()) {
            return "unknown";
        }
        TieringState s = state.get();
        if (s.place().isEmpty()) {
            return "off";
        }
        boolean isFailed =
                s.failuresInRow() > 0
                        && (s.place().get().phase() != TieringState.Phase.TIERING || isResting(s));
        return isFailed ? "failed" : s.place().get().phase().name().toLowerCase(Locale.ROOT);
    }

    /** What it waits for, or does. */
    public String why() {
        if (state.isEmpty()) {
            return "the cluster does not tell how it schedules tiering";
        }
        TieringState s = state.get();
        return s.place().map(p -> why(s, p)).orElse("the lake of the table is off");
    }

    private static String why(TieringState s, TieringState.Place p) {
        String forLong = span(Math.max(0, s.asOfMs() - p.sinceMs()));
        return switch (p.phase()) {
            case SCHEDULED ->
                    "its freshness of "
                            + span(p.freshnessMs())
                            + " passes in "
                            + span(Math.max(0, p.dueMs() - s.asOfMs()));
            case PENDING -> pending(s, p, forLong);
            case TIERING ->
                    isResting(s)
                            ? "failed "
                                    + times(s.failuresInRow())
                                    + ", is tried again in "
                                    + span(restsUntilMs(s) - s.asOfMs())
                            : "in work for " + forLong;
        };
    }

    private static String pending(TieringState s, TieringState.Place p, String forLong) {
        String text =
                p.ahead() == 0
                        ? "due; no tiering service has asked for it for " + forLong
                        : "due for "
                                + forLong
                                + "; "
                                + p.ahead()
                                + (p.ahead() == 1 ? " table is" : " tables are")
                                + " ahead of it";
        return s.asOfMs() - p.sinceMs() < PENDING_LONG_MS
                ? text
                : text + "; is a tiering job running?";
    }

    private static String times(int count) {
        return count == 1 ? "once" : count + " times in a row";
    }

    /** The service holds the table, but leaves it alone for a while after a failure. */
    private static boolean isResting(TieringState s) {
        return s.failuresInRow() > 0 && restsUntilMs(s) > s.asOfMs();
    }

    private static long restsUntilMs(TieringState s) {
        return s.rounds().isEmpty()
                ? Long.MIN_VALUE
                : s.rounds().get(0).endedMs() + s.rounds().get(0).restMs();
    }

    /** Why the newest round that failed did; empty if none of those that are known did. */
    public Optional<String> lastError() {
        return rounds().stream().flatMap(r -> r.error().stream()).findFirst();
    }

    /** The last rounds, newest first. */
    public List<TieringRound> rounds() {
        return state.map(TieringState::rounds).orElse(List.of());
    }

    /** Records in the log but not in the lake; empty if not known. */
    public OptionalLong lagRecords() {
        return lagProblem.isPresent()
                ? OptionalLong.empty()
                : OptionalLong.of(lag.stream().mapToLong(BucketLag::records).sum());
    }

    /** Age of what the lake lacks longest; 0 if it lacks nothing, empty if not known. */
    public OptionalLong lagMs() {
        long oldest = 0;
        for (BucketLag b : lag) {
            OptionalLong age = b.ageMs(asOfMs);
            if (age.isEmpty()) {
                return age;
            }
            oldest = Math.max(oldest, age.getAsLong());
        }
        return lagProblem.isPresent() ? OptionalLong.empty() : OptionalLong.of(oldest);
    }

    /** A span of time for people, in its two largest units. */
    static String span(long ms) {
        if (ms < 1_000) {
            return ms + " ms";
        }
        long seconds = ms / 1_000;
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return units(seconds / 60, "min", seconds % 60, "s");
        }
        return seconds < 86_400
                ? units(seconds / 3_600, "h", seconds / 60 % 60, "min")
                : units(seconds / 86_400, "d", seconds / 3_600 % 24, "h");
    }

    private static String units(long large, String unit, long small, String smallUnit) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }
}
