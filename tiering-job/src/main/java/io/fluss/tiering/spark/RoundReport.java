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
package io.fluss.tiering.spark;

import io.fluss.table.TablePath;
import io.fluss.tiering.round.RoundOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the rounds of a run did, in words for people. Owned by the service loop. */
final class RoundReport {
    private final Map<TablePath, Sums> tables = new TreeMap<>();

    private static final class Sums {
        private int rounds;
        private int failed;
        private long rows;
        private long sizeBytes;
        private long files;
        private double seconds;
        private long lagRecords;
    }

    /** Notes a round and describes it in a line. */
    String line(TablePath path, RoundOutcome o, double seconds) {
        Sums s = tables.computeIfAbsent(path, p -> new Sums());
        s.rounds++;
        s.seconds += seconds;
        s.lagRecords = o.lagRecords();
        if (o.isFailed()) {
            s.failed++;
            return text(
                    "tiering %s: FAILED after %.1f s, lag %,d rows: %s",
                    path,
                    seconds,
                    o.lagRecords(),
                    String.valueOf(o.failure().orElseThrow().getMessage()));
        }
        s.rows += o.rows();
        s.sizeBytes += o.sizeBytes();
        s.files += o.files();
        return text(
                "tiering %s: %,d rows, %.2f MB, %d files, %.1f s, lag %,d rows%s",
                path,
                o.rows(),
                megabytes(o.sizeBytes()),
                o.files(),
                seconds,
                o.lagRecords(),
                o.isCut() ? ", more follows at once" : "");
    }

    /** Whether no round was noted. */
    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** A table of all rounds so far. */
    List<String> summary() {
        List<String> out = new ArrayList<>();
        String format = "%-40s %7s %7s %15s %10s %7s %8s %12s";
        out.add(text(format, "table", "rounds", "failed", "rows", "MB", "files", "seconds", "lag"));
        tables.forEach(
                (path, s) ->
                        out.add(
                                text(
                                        format,
                                        path,
                                        s.rounds,
                                        s.failed,
                                        text("%,d", s.rows),
                                        text("%.2f", megabytes(s.sizeBytes)),
                                        s.files,
                                        text("%.1f", s.seconds),
                                        text("%,d", s.lagRecords))));
        return out;
    }

    private static double megabytes(long sizeBytes) {
        return sizeBytes / 1e6;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
