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
package io.fluss.cli;

import io.fluss.client.Connection;
import io.fluss.client.lake.TieringRound;
import io.fluss.client.lake.TieringState;
import io.fluss.client.lake.TieringStatus;
import io.fluss.client.lake.TieringStatuses;
import io.fluss.table.TablePath;
import io.fluss.time.SystemClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fluss tiering status}; {@code fluss tiering} itself runs the job. */
@Command(
        name = "tiering",
        description = "Tells how it stands with the tiering of tables to the lake.",
        synopsisSubcommandLabel = "(status)",
        footer = {
            "%nExamples:",
            "  fluss tiering status",
            "  fluss tiering status shop.orders",
            "  fluss tiering status shop.orders -o json"
        })
final class TieringCommand {
    private static final int ROUNDS_SHOWN = 16;

    private final Terminal terminal;

    TieringCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(
            name = "status",
            description = {
                "Shows state, lag, last rounds and last error of tables with a lake.",
                "",
                "A table is scheduled until its freshness has passed, pending until a tiering"
                        + " service asks for it, tiering while its round runs, failed until a round"
                        + " of it succeeds again. Lag counts what is in the log but not in the"
                        + " lake; its seconds are the age of what the lake lacks longest. Rounds"
                        + " are remembered since the start of the coordinator. A cluster of Apache"
                        + " Fluss tells the lag only."
            },
            footer = {
                "%nEnds with 1 if a table failed.",
                "%nExamples:",
                "  fluss tiering status",
                "  fluss tiering status shop.orders -b localhost:9123",
                "  fluss tiering status -o json"
            })
    int status(
            @Mixin ClusterOptions options,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "DATABASE.TABLE",
                            description = "With each bucket and the last rounds of this table.")
                    @Nullable String name) {
        try (Connection connection = options.connect(terminal)) {
            List<TieringStatus> all =
                    new TieringStatuses(connection, SystemClock.INSTANCE)
                            .read(name == null ? List.of() : List.of(TablePath.parse(name)));
            print(new Answers(terminal, options), all, name != null);
            return all.stream().anyMatch(s -> s.word().equals("failed"))
                    ? ExitCodes.FAILED
                    : ExitCodes.OK;
        }
    }

    private void print(Answers answers, List<TieringStatus> all, boolean isOne) {
        if (answers.isJson()) {
            List<Map<String, @Nullable Object>> documents =
                    all.stream().map(TieringCommand::document).toList();
            answers.json(isOne ? documents.get(0) : documents);
        } else if (isOne) {
            printOne(answers, all.get(0));
        } else if (all.isEmpty()) {
            answers.done("no table has table.datalake.enabled=true");
        } else {
            answers.objects(
                    List.of(
                            "table",
                            "state",
                            "lag_rows",
                            "lag_seconds",
                            "last_rows",
                            "last_seconds",
                            "why"),
                    all.stream().map(TieringCommand::line).toList());
        }
    }

    private void printOne(Answers answers, TieringStatus s) {
        answers.object(about(s));
        if (!s.lag().isEmpty()) {
            terminal.out().println();
            List<String> keys = new ArrayList<>(List.of("bucket", "tiered_to", "end"));
            keys.addAll(List.of("lag_rows", "lag_seconds"));
            if (!s.lag().get(0).partitionName().isEmpty()) {
                keys.add(0, "partition");
            }
            answers.objects(keys, buckets(s));
        }
        if (!s.rounds().isEmpty()) {
            terminal.out().println();
            answers.objects(
                    List.of("ended", "seconds", "rows", "files", "bytes", "lag_rows", "result"),
                    rounds(s));
        }
    }

    private static Map<String, @Nullable Object> line(TieringStatus s) {
        TieringRound last = s.rounds().isEmpty() ? null : s.rounds().get(0);
        return Answers.map(
                "table",
                s.path().toString(),
                "state",
                s.word(),
                "lag_rows",
                value(s.lagRecords()),
                "lag_seconds",
                seconds(s.lagMs()),
                "last_rows",
                last == null ? null : last.sizes().map(TieringRound.Sizes::rows).orElse(null),
                "last_seconds",
                last == null ? null : last.durationMs() / 1e3,
                "why",
                s.word().equals("failed")
                        ? s.why() + ": " + s.lastError().orElse("")
                        : s.lagProblem().orElseGet(s::why));
    }

    private static Map<String, @Nullable Object> about(TieringStatus s) {
        Map<String, @Nullable Object> about =
                Answers.map("table", s.path().toString(), "state", s.word(), "why", s.why());
        s.state()
                .flatMap(TieringState::place)
                .ifPresent(
                        p -> {
                            about.put("since", Instant.ofEpochMilli(p.sinceMs()).toString());
                            about.put("freshness_seconds", p.freshnessMs() / 1e3);
                        });
        about.put("lag_rows", value(s.lagRecords()));
        about.put("lag_seconds", seconds(s.lagMs()));
        s.lagProblem().ifPresent(p -> about.put("lag_problem", p));
        about.put("lake_snapshot", value(s.snapshotId()));
        s.state().ifPresent(t -> about.put("failures_in_row", t.failuresInRow()));
        about.put("last_error", s.lastError().orElse(null));
        return about;
    }

    private static Map<String, @Nullable Object> document(TieringStatus s) {
        Map<String, @Nullable Object> all = about(s);
        all.put("buckets", buckets(s));
        all.put("rounds", rounds(s));
        return all;
    }

    private static List<Map<String, @Nullable Object>> buckets(TieringStatus s) {
        List<Map<String, @Nullable Object>> out = new ArrayList<>();
        for (TieringStatus.BucketLag b : s.lag()) {
            Map<String, @Nullable Object> bucket = Answers.map();
            if (!b.partitionName().isEmpty()) {
                bucket.put("partition", b.partitionName());
            }
            bucket.put("bucket", b.bucket().bucket());
            bucket.put("tiered_to", b.tieredTo() < 0 ? null : b.tieredTo());
            bucket.put("end", b.end());
            bucket.put("lag_rows", b.records());
            bucket.put("lag_seconds", seconds(b.ageMs(s.asOfMs())));
            out.add(bucket);
        }
        return out;
    }

    private static List<Map<String, @Nullable Object>> rounds(TieringStatus s) {
        List<Map<String, @Nullable Object>> out = new ArrayList<>();
        for (TieringRound r : s.rounds().stream().limit(ROUNDS_SHOWN).toList()) {
            Map<String, @Nullable Object> round =
                    Answers.map(
                            "ended",
                            Instant.ofEpochMilli(r.endedMs()).toString(),
                            "seconds",
                            r.durationMs() / 1e3,
                            "rows",
                            r.sizes().map(TieringRound.Sizes::rows).orElse(null),
                            "files",
                            r.sizes().map(TieringRound.Sizes::files).orElse(null),
                            "bytes",
                            r.sizes().map(TieringRound.Sizes::bytes).orElse(null),
                            "lag_rows",
                            r.sizes().map(TieringRound.Sizes::lagRecords).orElse(null),
                            "result",
                            r.error().orElse(r.hasMore() ? "done, more follows at once" : "done"));
            round.put("service", r.service().isEmpty() ? null : r.service());
            out.add(round);
        }
        return out;
    }

    private static @Nullable Long value(OptionalLong v) {
        return v.isEmpty() ? null : v.getAsLong();
    }

    private static @Nullable Double seconds(OptionalLong ms) {
        return ms.isEmpty() ? null : ms.getAsLong() / 1e3;
    }
}
