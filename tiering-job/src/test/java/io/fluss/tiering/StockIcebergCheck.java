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

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Types;

/**
 * Of Iceberg alone: says whether a lake table holds every row below the offsets of its snapshot
 * exactly once: a legacy table by the offsets in its rows, a clean one by its ids and by Iceberg's
 * own bucket function. Arguments: catalog type, warehouse, namespace, table.
 */
final class StockIcebergCheck {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+");

    private StockIcebergCheck() {}

    static String check(String... args) throws Exception {
        Catalog catalog =
                CatalogUtil.buildIcebergCatalog(
                        "fluss-iceberg-catalog",
                        Map.of("type", args[0], "warehouse", args[1]),
                        new Configuration());
        Table table = catalog.loadTable(TableIdentifier.of(args[2], args[3]));
        if (table.currentSnapshot() == null) {
            return "exact 0 []";
        }
        long[] ends = ends(table.currentSnapshot().summary().get("fluss-offsets"));
        boolean isLegacy = table.schema().findField("__timestamp") != null;
        BitSet[] seen = new BitSet[ends.length];
        Arrays.setAll(seen, b -> new BitSet());
        long[] rows = new long[ends.length];
        Set<Long> ids = new HashSet<>();
        long all = 0;
        Function<Long, Integer> bucket =
                id -> Transforms.bucket(ends.length).bind(Types.LongType.get()).apply(id);
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            for (Record r : records) {
                long id = (Long) r.getField("id");
                int b = isLegacy ? (Integer) r.getField("__bucket") : bucket.apply(id);
                if (isLegacy) {
                    seen[b].set(Math.toIntExact((Long) r.getField("__offset")));
                }
                rows[b]++;
                ids.add(id);
                all++;
            }
        }
        boolean isExact = ids.size() == all;
        for (int b = 0; b < ends.length; b++) {
            isExact &= rows[b] == ends[b];
            isExact &= !isLegacy || seen[b].nextClearBit(0) == ends[b];
            isExact &= !isLegacy || seen[b].cardinality() == ends[b];
        }
        return (isExact ? "exact " : "WRONG ")
                + all
                + " "
                + Arrays.toString(ends)
                + " rows "
                + Arrays.toString(rows)
                + " ids "
                + ids.size();
    }

    private static long[] ends(String offsetsUri) throws Exception {
        String json = Files.readString(Path.of(offsetsUri.replaceFirst("^file:/*", "/")));
        Matcher m = NUMBER.matcher(json.substring(json.indexOf('[')));
        List<Long> found = new java.util.ArrayList<>();
        while (m.find()) {
            found.add(Long.parseLong(m.group()));
        }
        return found.stream().mapToLong(e -> Math.max(0, e)).toArray();
    }
}
