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
import io.fluss.client.append.MergeMode;
import io.fluss.client.append.UpsertOptions;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fluss produce}. */
@Command(
        name = "produce",
        description =
                "Writes rows from a file or from standard input to a table: they are appended, or"
                        + " where the table has a primary key upserted.",
        footer = {
            "%nA row is one JSON object a line, or a record of CSV with a header. Times are in ISO",
            "form, bytes in Base64; an empty CSV field is null, \"\" is empty text. What consume",
            "prints of a table with a primary key is done again: +I and +U upsert, -D deletes.",
            "%nExamples:",
            "  echo '{\"id\": 1, \"price\": 9.99}' | fluss produce shop.orders",
            "  fluss produce shop.orders orders.csv",
            "  echo '{\"id\": 1}' | fluss produce shop.users --delete",
            "  fluss produce shop.orders --format csv --delimiter ';' --on-error skip < orders.txt"
        })
final class ProduceCommand implements Callable<Integer> {
    private static final int SKIPPED_SHOWN_MAX = 20;

    private final Terminal terminal;

    @Mixin private ClusterOptions options = new ClusterOptions();

    @Parameters(index = "0", paramLabel = "DATABASE.TABLE", description = "Table to write to.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "Where to read. Default: standard input, as with -.")
    private @Nullable Path file;

    @Option(
            names = {"-f", "--format"},
            description = "${COMPLETION-CANDIDATES}. Default: csv for a FILE.csv, else json.")
    private @Nullable InputFormat format;

    @Option(names = "--delimiter", description = "Between fields of CSV. Default: comma.")
    private char delimiter = ',';

    @Option(
            names = "--on-error",
            description =
                    "${COMPLETION-CANDIDATES}: what happens at a row that does not fit. Default:"
                            + " stop; the rows before it are stored then.")
    private OnError onError = OnError.STOP;

    @Option(
            names = "--delete",
            description =
                    "Deletes the rows whose keys are given, of a table with a primary key. Other"
                            + " columns may be given and do not count.")
    private boolean isDelete;

    @Option(
            names = "--columns",
            paramLabel = "COLUMN[,...]",
            hideParamSyntax = true,
            split = ",",
            description =
                    "Writes only these columns of a table with a primary key, key included; the"
                            + " others stay as they are.")
    private List<String> columns = new ArrayList<>();

    @Option(
            names = {"-q", "--quiet"},
            description = "Does not say how many rows were written.")
    private boolean isQuiet;

    private final AtomicLong storedCount = new AtomicLong();
    private final AtomicReference<FlussException> loss = new AtomicReference<>();
    private long skippedCount;

    ProduceCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** How rows are written. */
    enum InputFormat {
        JSON,
        CSV;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What happens at a bad row. */
    enum OnError {
        STOP,
        SKIP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() throws IOException {
        TablePath path = TablePath.parse(name);
        String done = "appended";
        try (Connection connection = options.connect(terminal);
                BufferedReader in = new BufferedReader(open())) {
            TableInfo table = ClusterOptions.get(connection.admin().tableInfo(path));
            checkOptions(table);
            if (table.hasPrimaryKey()) {
                done = isDelete ? "deleted" : "upserted";
            }
            Optional<FlussException> bad = produce(connection, table, reader(in));
            if (bad.isPresent()) {
                terminal.err()
                        .println(
                                rows(storedCount.get())
                                        + " before the bad one stored; --on-error skip passes over"
                                        + " bad rows");
                throw bad.get();
            }
        }
        if (!isQuiet) {
            terminal.err()
                    .println(
                            done
                                    + " "
                                    + rows(storedCount.get())
                                    + (isDelete ? " from " : " to ")
                                    + path
                                    + (skippedCount > 0 ? ", skipped " + skippedCount : ""));
        }
        return ExitCodes.OK;
    }

    private static String rows(long count) {
        return count == 1 ? "1 row" : count + " rows";
    }

    private Reader open() throws IOException {
        Path from = file;
        if (from == null || from.toString().equals("-")) {
            return new InputStreamReader(terminal.in(), StandardCharsets.UTF_8);
        }
        try {
            // Unlike Files.newBufferedReader this replaces bytes that are no text; the row then
            // shows where.
            return new InputStreamReader(Files.newInputStream(from), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw ErrorReason.INVALID_CONFIG.exception("file '" + from + "' does not exist", e);
        }
    }

    private RecordReader reader(BufferedReader in) {
        InputFormat chosen = format;
        if (chosen == null) {
            boolean isCsv =
                    file != null && file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
            chosen = isCsv ? InputFormat.CSV : InputFormat.JSON;
        }
        return chosen == InputFormat.CSV ? new CsvReader(in, delimiter) : new JsonLines(in);
    }

    /** Appends all rows, or those before a bad one, which is the result. */
    private Optional<FlussException> produce(
            Connection connection, TableInfo table, RecordReader reader) throws IOException {
        RowText text = new RowText(table);
        Optional<FlussException> bad = Optional.empty();
        try (RowSink sink = sink(connection, table)) {
            boolean isOpen = true;
            while (isOpen && bad.isEmpty() && loss.get() == null) {
                try {
                    isOpen = writeNext(sink, reader, text);
                } catch (FlussException e) {
                    bad = refused(e, reader);
                }
            }
        }
        return bad;
    }

    private void checkOptions(TableInfo table) {
        if (!table.hasPrimaryKey() && (isDelete || !columns.isEmpty())) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.path()
                            + " has no primary key; leave "
                            + (isDelete ? "--delete" : "--columns")
                            + " out");
        }
    }

    private RowSink sink(Connection connection, TableInfo table) {
        if (!table.hasPrimaryKey()) {
            return RowSink.appending(connection.appendWriter(table));
        }
        List<String> target = columns.stream().map(String::trim).toList();
        return RowSink.upserting(
                connection.upsertWriter(
                        table,
                        new UpsertOptions(
                                target.isEmpty() ? Optional.empty() : Optional.of(target),
                                MergeMode.DEFAULT)),
                table.schema().primaryKey(),
                isDelete);
    }

    private boolean writeNext(RowSink sink, RecordReader reader, RowText text) throws IOException {
        Optional<Map<String, @Nullable Object>> row = reader.next();
        if (row.isEmpty()) {
            return false;
        }
        var unused =
                sink.write(row.get(), text)
                        .whenComplete(
                                (done, failure) -> {
                                    if (failure == null) {
                                        storedCount.incrementAndGet();
                                    } else {
                                        loss.compareAndSet(null, FlussException.from(failure));
                                    }
                                });
        return true;
    }

    private Optional<FlussException> refused(FlussException e, RecordReader reader) {
        if (!isOfTheRow(e)) {
            throw e;
        }
        FlussException named =
                e.reason().exception("line " + reader.line() + ": " + e.getMessage(), e);
        if (onError == OnError.STOP) {
            return Optional.of(named);
        }
        if (++skippedCount <= SKIPPED_SHOWN_MAX) {
            terminal.err().println("skipped " + named.getMessage());
        } else if (skippedCount == SKIPPED_SHOWN_MAX + 1) {
            terminal.err().println("skipped more; they are counted only");
        }
        return Optional.empty();
    }

    private static boolean isOfTheRow(FlussException e) {
        return e.reason() == ErrorReason.INVALID_TARGET_COLUMN
                || e.reason() == ErrorReason.PARTITION_SPEC_INVALID
                || e.reason() == ErrorReason.RECORD_TOO_LARGE;
    }
}
