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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fluss.testkit.ForeignProcess;
import io.fluss.testkit.PythonEnvironment;
import io.fluss.tiering.TieringJob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lake tables read by engines that have nothing of ours: pyiceberg and DuckDB, from the package
 * index. Without a package index the test is left out.
 */
class ForeignReadersIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARK = "FOREIGN ";

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "datalake.iceberg.type",
                                "hadoop",
                                "datalake.iceberg.warehouse",
                                dir.resolve("lake").toString()));
        fluss.sql("CREATE NAMESPACE fluss.open");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void everyReaderFindsTheRowsOfTheUnionRead() throws Exception {
        Optional<String> python = python();
        assumeThat(python).as("a Python with pyiceberg and DuckDB").isPresent();
        List<String> tables = new ArrayList<>();
        for (String version : List.of("2", "3")) {
            for (String layout : List.of("clean", "legacy")) {
                for (boolean isPartitioned : List.of(false, true)) {
                    tables.add(createLog(version, layout, isPartitioned));
                }
            }
        }
        for (int round = 0; round < 2; round++) {
            for (String table : tables) {
                append(table, round);
            }
            assertThat(TieringJob.run("--bootstrap", fluss.bootstrap(), "--once")).isZero();
        }

        ForeignProcess reading = read(python.get(), tables);

        assertThat(reading.exitCode()).as(reading.output()).isZero();
        int found = 0;
        for (String line : reading.output().lines().filter(l -> l.startsWith(MARK)).toList()) {
            JsonNode answer = JSON.readTree(line.substring(MARK.length()));
            String table = answer.get("name").asText();
            assertThat(rows(answer.get("rows")))
                    .as(answer.get("reader").asText() + " of " + table)
                    .containsExactlyInAnyOrderElementsOf(expected(table));
            found++;
        }
        assertThat(found).as("answers of two readers").isEqualTo(2 * tables.size());
    }

    private static String createLog(String version, String layout, boolean isPartitioned) {
        String table = "log_v" + version + "_" + layout + (isPartitioned ? "_by_day" : "");
        fluss.sql(
                "CREATE TABLE fluss.open."
                        + table
                        + " (id BIGINT NOT NULL, name STRING, price DECIMAL(10, 2), day STRING)"
                        + (isPartitioned ? " PARTITIONED BY (day)" : "")
                        + " TBLPROPERTIES ('bucket.num' = '2', 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.freshness' = '1s', 'table.datalake.layout' = '"
                        + layout
                        + "', 'iceberg.format-version' = '"
                        + version
                        + "')");
        return table;
    }

    private static void append(String table, int round) {
        fluss.sql(
                "INSERT INTO fluss.open."
                        + table
                        + " SELECT id + "
                        + 100 * round
                        + ", if(id % 7 = 0, null, concat('name-', id)), cast(id / 4 AS DECIMAL(10, 2)),"
                        + " concat('2026-01-0', 1 + id % 3) FROM range(100)");
    }

    private static List<List<String>> expected(String table) {
        return fluss
                .read("open." + table)
                .selectExpr("id", "name", "price", "day")
                .collectAsList()
                .stream()
                .map(
                        row ->
                                Stream.of(0, 1, 2, 3)
                                        .map(i -> row.isNullAt(i) ? "None" : row.get(i).toString())
                                        .toList())
                .toList();
    }

    private static List<List<String>> rows(JsonNode rows) {
        List<List<String>> out = new ArrayList<>();
        for (JsonNode row : rows) {
            List<String> values = new ArrayList<>();
            row.forEach(v -> values.add(v.asText()));
            out.add(values);
        }
        return out;
    }

    private static ForeignProcess read(String python, List<String> tables) throws Exception {
        List<Map<String, String>> spec = new ArrayList<>();
        for (String table : tables) {
            spec.add(
                    Map.of(
                            "name",
                            table,
                            "format",
                            "iceberg",
                            "metadata",
                            metadata(dir.resolve("lake/open").resolve(table)).toString()));
        }
        Path file = dir.resolve("tables.json");
        JSON.writeValue(file.toFile(), spec);
        Path script = dir.resolve("foreign_readers.py");
        try (InputStream in = ForeignReadersIT.class.getResourceAsStream("/foreign_readers.py")) {
            Files.copy(in, script);
        }
        return ForeignProcess.run(
                dir, List.of(python, script.toString(), file.toString()), Map.of());
    }

    /** The newest metadata file of a table in a Hadoop catalog. */
    private static Path metadata(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table.resolve("metadata"))) {
            return files.filter(f -> f.toString().endsWith(".metadata.json"))
                    .max(Comparator.comparingInt(ForeignReadersIT::version))
                    .orElseThrow();
        }
    }

    private static int version(Path metadata) {
        return Integer.parseInt(
                metadata.getFileName().toString().replaceAll("^v(\\d+)\\..*", "$1"));
    }

    private static Optional<String> python() {
        String given = System.getProperty("fluss.it.python.lake", "");
        return given.isEmpty()
                ? PythonEnvironment.with(
                        Path.of(System.getProperty("fluss.it.python.directory")),
                        List.of("pyiceberg[pyarrow]==0.12.*", "duckdb==2.0.*", "pypaimon==2.1.*"),
                        List.of("pyiceberg", "duckdb", "pypaimon", "pyarrow"))
                : Optional.of(given);
    }
}
