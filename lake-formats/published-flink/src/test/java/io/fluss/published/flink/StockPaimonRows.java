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
package io.fluss.published.flink;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.options.Options;
import org.apache.paimon.reader.RecordReader;
import org.apache.paimon.table.Table;
import org.apache.paimon.table.source.ReadBuilder;

/**
 * A program of Paimon alone: prints the rows of lake tables, the table and the named columns joined
 * by bars. Arguments: warehouse, database, tables and columns with commas between them.
 */
final class StockPaimonRows {
    private StockPaimonRows() {}

    public static void main(String[] args) throws Exception {
        Options options = Options.fromMap(Map.of("warehouse", args[0]));
        try (Catalog catalog = CatalogFactory.createCatalog(CatalogContext.create(options))) {
            for (String name : args[2].split(",")) {
                print(catalog.getTable(Identifier.create(args[1], name)), name, args[3]);
            }
        }
    }

    private static void print(Table table, String name, String columns) throws Exception {
        InternalRow.FieldGetter[] fields =
                Arrays.stream(columns.split(","))
                        .mapToInt(table.rowType()::getFieldIndex)
                        .mapToObj(
                                i -> InternalRow.createFieldGetter(table.rowType().getTypeAt(i), i))
                        .toArray(InternalRow.FieldGetter[]::new);
        ReadBuilder read = table.newReadBuilder();
        try (RecordReader<InternalRow> all =
                read.newRead().createReader(read.newScan().plan().splits())) {
            all.forEachRemaining(
                    row ->
                            System.out.println(
                                    name
                                            + "|"
                                            + Arrays.stream(fields)
                                                    .map(f -> f.getFieldOrNull(row))
                                                    .map(String::valueOf)
                                                    .collect(Collectors.joining("|"))));
        }
    }
}
