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
import io.fluss.client.lookup.LookupOptions;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.lookup.PrefixLookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.ScanRecord;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.ChangeType;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fluss lookup}. */
@Command(
        name = "lookup",
        description = "Prints the row of a key, or all rows whose keys begin with the bucket key.",
        footer = {
            "%nThe exit code is 1 if there is none.",
            "%nExamples:",
            "  fluss lookup shop.users id=7",
            "  fluss lookup shop.carts region=eu user=7 -o json",
            "  fluss lookup shop.carts region=eu user=7 item=pear --columns count"
        })
final class LookupCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin private ClusterOptions options = new ClusterOptions();

    @Parameters(index = "0", paramLabel = "DATABASE.TABLE", description = "Table to look in.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COLUMN=VALUE",
            description =
                    "All columns of the primary key; or those of bucket key and partition, if the"
                            + " primary key begins with them.")
    private Map<String, String> key = new LinkedHashMap<>();

    @Option(
            names = "--columns",
            paramLabel = "COLUMN[,...]",
            hideParamSyntax = true,
            split = ",",
            description = "Only these columns, in this order.")
    private List<String> columns = new ArrayList<>();

    LookupCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        TablePath path = TablePath.parse(name);
        try (Connection connection = options.connect(terminal)) {
            TableInfo table = ClusterOptions.get(connection.admin().tableInfo(path));
            List<String> wanted =
                    columns.isEmpty()
                            ? table.schema().columnNames()
                            : columns.stream().map(String::trim).toList();
            List<Row> rows = found(connection, table, wanted);
            RecordWriter writer =
                    new RecordWriter(
                            terminal.out(), options.format(), wanted, false, false, r -> "");
            if (!rows.isEmpty()) {
                var unused = writer.write(rows.stream().map(r -> record(table, r)).toList());
                return ExitCodes.OK;
            }
            terminal.err().println(path + " has no row with " + key);
            return ExitCodes.FAILED;
        }
    }

    private static ScanRecord record(TableInfo table, Row row) {
        return new ScanRecord(
                TableBucket.of(table.tableId(), 0),
                ScanRecord.NONE,
                ScanRecord.NONE,
                ChangeType.INSERT,
                row);
    }

    private List<Row> found(Connection connection, TableInfo table, List<String> wanted) {
        GenericRow given = new RowText(table).row(key);
        Set<String> primaryKey = new HashSet<>(table.schema().primaryKey());
        if (!table.hasPrimaryKey() || primaryKey.equals(key.keySet())) {
            try (Lookuper lookuper =
                    connection.lookuper(table, new LookupOptions(Optional.of(wanted), false))) {
                return ClusterOptions.get(lookuper.lookup(given)).stream().toList();
            }
        }
        Optional<PrefixLookuper> prefix = prefixLookuper(connection, table, wanted);
        try {
            if (prefix.isPresent() && key.keySet().equals(new HashSet<>(prefix.get().columns()))) {
                return ClusterOptions.get(prefix.get().lookup(given));
            }
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table.path()
                            + ": a lookup needs the columns "
                            + table.schema().primaryKey()
                            + prefix.map(p -> " or " + p.columns()).orElse("")
                            + ", but got "
                            + key.keySet());
        } finally {
            prefix.ifPresent(PrefixLookuper::close);
        }
    }

    private static Optional<PrefixLookuper> prefixLookuper(
            Connection connection, TableInfo table, List<String> wanted) {
        try {
            return Optional.of(connection.prefixLookuper(table, Optional.of(wanted)));
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.INVALID_TABLE) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
