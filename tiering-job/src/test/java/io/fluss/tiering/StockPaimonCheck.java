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
package io.fluss.tiering;

import java.util.Map;
import java.util.TreeMap;
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
 * Reads a table by Paimon's own reader. Of one with columns id and name it tells whether each id is
 * there once, how many there are, and a digest of all rows; of one without a name whether each id
 * is there once, and how many. Arguments: warehouse, database, table.
 */
final class StockPaimonCheck {
    private StockPaimonCheck() {}

    @SuppressWarnings("try")
    static String check(String... args) throws Exception {
        TreeMap<Long, String> rows = new TreeMap<>();
        int[] doubles = new int[1];
        boolean hasNames;
        try (Catalog catalog =
                CatalogFactory.createCatalog(
                        CatalogContext.create(Options.fromMap(Map.of("warehouse", args[0]))))) {
            Table table = catalog.getTable(Identifier.create(args[1], args[2]));
            int name = table.rowType().getFieldIndex("name");
            hasNames = name >= 0;
            ReadBuilder read = table.newReadBuilder();
            try (RecordReader<InternalRow> all =
                    read.newRead().createReader(read.newScan().plan().splits())) {
                all.forEachRemaining(
                        r -> {
                            String value = hasNames ? r.getString(name).toString() : "";
                            doubles[0] += rows.put(r.getLong(0), value) == null ? 0 : 1;
                        });
            }
        }
        if (doubles[0] > 0) {
            return "DOUBLED " + doubles[0];
        }
        return hasNames
                ? "unique " + StockKeyedCheck.digest(rows)
                : "exact " + rows.size() + " up to " + (rows.isEmpty() ? -1 : rows.lastKey());
    }
}
