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
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Reads a table with columns id and name by Iceberg's own reader and tells whether each id is there
 * once, how many there are, and a digest of all rows. Arguments: catalog type, warehouse,
 * namespace, table.
 */
final class StockKeyedCheck {
    private StockKeyedCheck() {}

    static String check(String... args) throws Exception {
        Catalog catalog =
                CatalogUtil.buildIcebergCatalog(
                        "fluss-iceberg-catalog",
                        Map.of("type", args[0], "warehouse", args[1]),
                        new Configuration());
        Table table = catalog.loadTable(TableIdentifier.of(args[2], args[3]));
        TreeMap<Long, String> rows = new TreeMap<>();
        int doubles = 0;
        if (table.currentSnapshot() != null) {
            try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
                for (Record r : records) {
                    Object before =
                            rows.put((Long) r.getField("id"), r.getField("name").toString());
                    doubles += before == null ? 0 : 1;
                }
            }
        }
        return (doubles == 0 ? "unique " : "DOUBLED " + doubles + " ") + digest(rows);
    }

    /** Number of rows and a digest of them. */
    static String digest(SortedMap<Long, String> rows) {
        return rows.size() + " " + Integer.toHexString(rows.toString().hashCode());
    }
}
