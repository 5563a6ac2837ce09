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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lake tables read by engines that have nothing of ours, from the Python package index. Without a
 * package index the test is left out.
 */
abstract class ForeignReaders {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARK = "FOREIGN ";

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    /** Starts a cluster with that lake. */
    static void start(Map<String, String> lake) throws Exception {
        fluss = SparkOnFluss.start(dir.resolve("cluster"), lake);
        fluss.sql("CREATE NAMESPACE fluss.open");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    /** The tables of the test. */
    abstract List<Variant> variants();

    /** Number of programs that read each table. */
    abstract int readers();

    /** How a table is found by those programs. */
    abstract Map<String, String> place(String table) throws IOException;

    /**
     * A table.
     *
     * @param properties as in the statement that creates it
     */
    record Variant(
            String name, boolean isKeyed, boolean isPartitioned, Map<String, String> properties) {
        String ddl() {
            Map<String, String> all = new TreeMap<>(properties);
            all.put("bucket.num", "2");
            all.put("table.datalake.enabled", "true");
            all.put("table.datalake.freshness", "1s");
            return "CREATE TABLE fluss.open."
                    + name
                    + " (id BIGINT NOT NULL, name STRING, price DECIMAL(10, 2), day STRING"
                    + (isKeyed ? " NOT NULL" : "")
                    + (isKeyed ? ", PRIMARY KEY (id" + (isPartitioned ? ", day))" : "))") : ")")
                    + (isPartitioned ? " PARTITIONED BY (day)" : "")
                    + " TBLPROPERTIES ("
                    + all.entrySet().stream()
                            .map(e -> "'" + e.getKey() + "' = '" + e.getValue() + "'")
                            .collect(Collectors.joining(", "))
                    + ")";
        }
    }

    @Test
    void everyReaderFindsTheRowsOfTheUnionRead() throws Exception {
        Optional<String> python = python();
        assumeThat(python).as("a Python with readers of lake tables").isPresent();
        for (Variant v : variants()) {
            fluss.sql(v.ddl());
        }
        for (int round = 0; round < 3; round++) {
            for (Variant v : variants()) {
                change(v, round);
            }
            assertThat(TieringJob.run("--bootstrap", fluss.bootstrap(), "--once")).isZero();
        }

        ForeignProcess reading = read(python.get());

        assertThat(reading.exitCode()).as(reading.output()).isZero();
        int found = 0;
        for (String line : reading.output().lines().filter(l -> l.startsWith(MARK)).toList()) {
            JsonNode answer = JSON.readTree(line.substring(MARK.length()));
            String table = answer.get("name").asText();
            assertThat(rows(answer.get("rows")))
                    .as(answer.get("reader").asText() + " of " + table)
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(expected(table));
            found++;
        }
        assertThat(found).as("answers").isEqualTo(readers() * variants().size());
    }

    /** A log table gets new rows; of one with a primary key, rows are replaced and deleted, too. */
    private static void change(Variant table, int round) {
        fluss.sql(
                "INSERT INTO fluss.open."
                        + table.name()
                        + " SELECT id + "
                        + (table.isKeyed() ? 50 : 100) * round
                        + " AS id, if(id % 7 = 0, null, concat('name-"
                        + round
                        + "-', id)), cast(id / 4 AS DECIMAL(10, 2)),"
                        + " concat('2026-01-0', 1 + (id + "
                        + (table.isKeyed() ? 50 : 100) * round
                        + ") % 3) FROM range(100)");
        if (table.isKeyed() && round > 0) {
            fluss.sql("DELETE FROM fluss.open." + table.name() + " WHERE id % 10 = " + round);
        }
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

    private ForeignProcess read(String python) throws Exception {
        List<Map<String, String>> spec = new ArrayList<>();
        for (Variant v : variants()) {
            Map<String, String> entry = new TreeMap<>(place(v.name()));
            entry.put("name", v.name());
            spec.add(entry);
        }
        Path file = dir.resolve("tables.json");
        JSON.writeValue(file.toFile(), spec);
        Path script = dir.resolve("foreign_readers.py");
        try (InputStream in = ForeignReaders.class.getResourceAsStream("/foreign_readers.py")) {
            Files.copy(in, script);
        }
        return ForeignProcess.run(
                dir, List.of(python, script.toString(), file.toString()), Map.of());
    }

    /** A Python with readers of lake tables, if there can be one. */
    static Optional<String> python() {
        String given = System.getProperty("fluss.it.python.lake", "");
        return given.isEmpty()
                ? PythonEnvironment.with(
                        Path.of(System.getProperty("fluss.it.python.directory")),
                        List.of("pyiceberg[pyarrow]==0.12.*", "duckdb==2.0.*", "pypaimon==2.1.*"),
                        List.of("pyiceberg", "duckdb", "pypaimon", "pyarrow"))
                : Optional.of(given);
    }
}
