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

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;

/**
 * A program of Iceberg alone: reads a lake table without any class of this project's and prints
 * {@code rows distinct offsetsPath}. Arguments: warehouse, namespace, table.
 */
final class StockIcebergReader {
    private StockIcebergReader() {}

    public static void main(String[] args) throws Exception {
        try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), args[0])) {
            Table table = catalog.loadTable(TableIdentifier.of(Namespace.of(args[1]), args[2]));
            long rows = 0;
            Map<String, Integer> flights = new HashMap<>();
            try (CloseableIterable<Record> all = IcebergGenerics.read(table).build()) {
                for (Record r : all) {
                    rows++;
                    flights.merge(
                            r.getField("time_hour")
                                    + "|"
                                    + r.getField("carrier")
                                    + "|"
                                    + r.getField("flight")
                                    + "|"
                                    + r.getField("origin")
                                    + "|"
                                    + r.getField("sched_dep_time"),
                            1,
                            Integer::sum);
                }
            }
            BitSet counts = new BitSet();
            flights.values().forEach(counts::set);
            System.out.println(
                    "result "
                            + rows
                            + " "
                            + flights.size()
                            + " "
                            + table.currentSnapshot().summary().get("fluss-offsets"));
        }
    }
}
