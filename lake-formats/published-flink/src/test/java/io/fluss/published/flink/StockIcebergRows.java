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
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/**
 * A program of Iceberg alone: prints the rows of lake tables, the table and the named columns
 * joined by bars. Arguments: warehouse, namespace, tables and columns with commas between them.
 */
final class StockIcebergRows {
    private StockIcebergRows() {}

    public static void main(String[] args) throws Exception {
        Object hadoop =
                Class.forName("org.apache.hadoop.conf.Configuration")
                        .getDeclaredConstructor()
                        .newInstance();
        Catalog catalog =
                CatalogUtil.buildIcebergCatalog(
                        "lake", Map.of("type", "hadoop", "warehouse", args[0]), hadoop);
        for (String table : args[2].split(",")) {
            print(catalog.loadTable(TableIdentifier.of(args[1], table)), table, args[3].split(","));
        }
    }

    private static void print(Table table, String name, String[] columns) throws Exception {
        Map<String, String> summary = table.currentSnapshot().summary();
        System.out.printf(
                "#%s|%s|%s%n",
                name, summary.get("total-equality-deletes"), summary.get("total-position-deletes"));
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            for (Record r : records) {
                System.out.println(
                        name
                                + "|"
                                + Arrays.stream(columns)
                                        .map(c -> String.valueOf(r.getField(c)))
                                        .collect(Collectors.joining("|")));
            }
        }
    }
}
