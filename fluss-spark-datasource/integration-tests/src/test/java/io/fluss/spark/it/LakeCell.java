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
package io.fluss.spark.it;

import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A kind of table with a lake: id, day, version and text, with {@link #DAYS} as days.
 *
 * @param image what the changelog of a table with a primary key holds
 */
record LakeCell(Lake lake, boolean isKeyed, boolean isPartitioned, boolean isLegacy, String image) {
    static final String DATABASE = "matrix";
    static final List<String> DAYS = List.of("d1", "d2", "d3");

    /** A lake format as tables choose it. */
    enum Lake {
        ICEBERG_V2("iceberg", Map.of("iceberg.format-version", "2")),
        ICEBERG_V3("iceberg", Map.of("iceberg.format-version", "3")),
        PAIMON("paimon", Map.of("table.datalake.auto-compaction", "true")),
        PAIMON_DELETION_VECTORS(
                "paimon",
                Map.of(
                        "table.datalake.auto-compaction",
                        "true",
                        "paimon.deletion-vectors.enabled",
                        "true"));

        private final String format;
        private final Map<String, String> properties;

        Lake(String format, Map<String, String> properties) {
            this.format = format;
            this.properties = properties;
        }

        String format() {
            return format;
        }

        /** Settings of a cluster with that lake. */
        Map<String, String> cluster(Path warehouse) {
            return Map.of(
                    "datalake.format",
                    format,
                    "datalake." + format + ".warehouse",
                    warehouse.toUri().toString(),
                    format.equals("iceberg")
                            ? "datalake.iceberg.type"
                            : "datalake.paimon.metastore",
                    format.equals("iceberg") ? "hadoop" : "filesystem");
        }
    }

    /** All tables of a lake. */
    static List<LakeCell> of(Lake lake) {
        List<LakeCell> cells = new ArrayList<>();
        for (boolean isKeyed : List.of(false, true)) {
            for (boolean isPartitioned : List.of(false, true)) {
                for (boolean isLegacy : List.of(false, true)) {
                    cells.add(new LakeCell(lake, isKeyed, isPartitioned, isLegacy, "FULL"));
                }
            }
        }
        cells.add(new LakeCell(lake, true, true, false, "WAL"));
        return cells;
    }

    TablePath path() {
        return TablePath.of(
                DATABASE,
                (isKeyed ? "keyed" : "log")
                        + (isPartitioned ? "_by_day" : "")
                        + (isLegacy ? "_legacy" : "")
                        + (image.equals("WAL") ? "_wal" : ""));
    }

    /** As a row of the table of results begins. */
    String title() {
        return lake.name().toLowerCase(Locale.ROOT).replace('_', ' ')
                + " | "
                + (isKeyed ? "primary key" : "log")
                + (image.equals("WAL") ? ", WAL image" : "")
                + " | "
                + (isPartitioned ? "yes" : "no")
                + " | "
                + (isLegacy ? "legacy" : "clean");
    }

    String ddl() {
        Map<String, String> all = new TreeMap<>(lake.properties);
        all.put("bucket.num", "2");
        all.put("table.datalake.enabled", "true");
        all.put("table.datalake.freshness", "1s");
        all.put("table.datalake.layout", isLegacy ? "legacy" : "clean");
        if (isKeyed) {
            all.put("table.changelog.image", image);
        } else if (isPartitioned != isLegacy) {
            // So that all layouts are there without and with one.
            all.put("bucket.key", "id");
        }
        return "CREATE TABLE fluss."
                + path()
                + " (id BIGINT NOT NULL, day STRING NOT NULL, version BIGINT NOT NULL, text STRING"
                + (isKeyed ? ", PRIMARY KEY (id" + (isPartitioned ? ", day)" : ")") : "")
                + ")"
                + (isPartitioned ? " PARTITIONED BY (day)" : "")
                + " TBLPROPERTIES ("
                + all.entrySet().stream()
                        .map(e -> "'" + e.getKey() + "' = '" + e.getValue() + "'")
                        .collect(Collectors.joining(", "))
                + ")";
    }

    /** A key stays in its partition; where the day is no key, it changes with the version. */
    String day(long id, long version) {
        return DAYS.get((int) ((isKeyed && isPartitioned ? id / 2 : version) % DAYS.size()));
    }

    /** Null in some rows. */
    static String text(long id, long version) {
        return version % 7 == 3 ? null : "row " + id + " in version " + version;
    }
}
