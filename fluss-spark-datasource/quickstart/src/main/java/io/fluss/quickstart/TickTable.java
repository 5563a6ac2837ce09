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
package io.fluss.quickstart;

import java.io.PrintStream;
import java.util.Locale;

/** The live table on the terminal: one line a tick. Used by one thread. */
final class TickTable {
    private static final String FORMAT = "%7s  %-16s %9s %9s %8s %7s %11s %8s  %s%n";

    private final PrintStream out;
    private final long startedNanos;
    private int count;
    private int wrong;

    TickTable(PrintStream out, long startedNanos) {
        this.out = out;
        this.startedNanos = startedNanos;
    }

    void header() {
        out.println();
        out.printf(
                FORMAT,
                "time",
                "event time",
                "written",
                "in lake",
                "in log",
                "lag",
                "union count",
                "query",
                "");
    }

    void row(FlightsFeed.Part part, UnionOracle.Tick tick) {
        line(part.lastEventTime().substring(0, Math.min(16, part.lastEventTime().length())), tick);
    }

    void last(UnionOracle.Tick tick) {
        line("end of the year", tick);
    }

    int count() {
        return count;
    }

    /** Ticks at which the union query did not count what was written. */
    int wrong() {
        return wrong;
    }

    private void line(String label, UnionOracle.Tick tick) {
        count++;
        if (!tick.isRight()) {
            wrong++;
        }
        out.printf(
                FORMAT,
                seconds(System.nanoTime() - startedNanos),
                label,
                number(tick.written()),
                number(tick.lake()),
                number(tick.written() - tick.lake()),
                seconds(tick.lagMs() * 1_000_000),
                number(tick.union()),
                tick.queryMs() + " ms",
                tick.isRight() ? "=" : "DIFFERENT");
        out.flush();
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
