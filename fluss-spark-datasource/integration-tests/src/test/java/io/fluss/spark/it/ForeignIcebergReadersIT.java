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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;

/** Iceberg tables of both format versions and layouts, read by pyiceberg and DuckDB. */
class ForeignIcebergReadersIT extends ForeignReaders {
    @BeforeAll
    static void start() throws Exception {
        start(
                Map.of(
                        "datalake.format",
                        "iceberg",
                        "datalake.iceberg.type",
                        "hadoop",
                        "datalake.iceberg.warehouse",
                        dir.resolve("lake").toString()));
    }

    @Override
    List<Variant> variants() {
        List<Variant> all = new ArrayList<>();
        for (boolean isKeyed : List.of(false, true)) {
            for (String version : List.of("2", "3")) {
                for (String layout : List.of("clean", "legacy")) {
                    boolean isPartitioned = version.equals("2") == layout.equals("clean");
                    all.add(
                            new Variant(
                                    (isKeyed ? "keyed_v" : "log_v") + version + "_" + layout,
                                    isKeyed,
                                    isPartitioned,
                                    Map.of(
                                            "table.datalake.layout",
                                            layout,
                                            "iceberg.format-version",
                                            version)));
                }
            }
        }
        return all;
    }

    @Override
    int readers() {
        return 2;
    }

    @Override
    Map<String, String> place(String table) throws IOException {
        Path home = dir.resolve("lake/open").resolve(table);
        return Map.of("format", "iceberg", "metadata", metadata(home).toString());
    }

    /** The newest metadata file of a table in a Hadoop catalog. */
    private static Path metadata(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table.resolve("metadata"))) {
            return files.filter(f -> f.toString().endsWith(".metadata.json"))
                    .max(Comparator.comparingInt(ForeignIcebergReadersIT::version))
                    .orElseThrow();
        }
    }

    private static int version(Path metadata) {
        return Integer.parseInt(
                metadata.getFileName().toString().replaceAll("^v(\\d+)\\..*", "$1"));
    }
}
