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

import io.fluss.table.TablePath;
import io.fluss.testkit.ForeignProcess;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The memory that a driver needs for a union read of a lake table of many files, against Spark's
 * own scan of the same table: what the plan holds, and the smallest heap with which a process plans
 * the query and reads. Runs if system property {@code fluss.bench.lake.files} says how many files.
 */
@EnabledIfSystemProperty(named = "fluss.bench.lake.files", matches = "\\d+")
class LakeFilesMemoryIT {
    private static final int FILES = Integer.getInteger("fluss.bench.lake.files", 0);
    private static final long FILE_BYTES_MAX = 4 << 10;
    private static final int HEAP_MIN_MB = 48;
    private static final int HEAP_MAX_MB = 560;
    private static final int HEAP_STEP_MB = 16;

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format", "iceberg",
                                "datalake.iceberg.type", "hadoop",
                                "datalake.iceberg.warehouse", lake()));
        fluss.sql("CREATE NAMESPACE fluss.many");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void logTable() throws Exception {
        measure("log", "id BIGINT NOT NULL", "2");
    }

    @Test
    void keyedTable() throws Exception {
        measure("keyed", "id BIGINT NOT NULL PRIMARY KEY", "3");
    }

    private static void measure(String table, String id, String version) throws Exception {
        create("small_" + table, id, version);
        create(table, id, version);
        long copied = addCopies(table);
        // A round of the other bucket makes the copies readable.
        insert(table, otherBucket(table));
        Tiering.once(fluss, TablePath.of("many", table));
        insert(table, "range(1000, 1005)");
        long mine = table.equals("log") ? 26 : 25;
        assertThat(
                        fluss.rows(
                                "SELECT count(id), count(DISTINCT id) FROM fluss.many."
                                        + table
                                        + " WHERE d1 >= 0"))
                .containsExactly("[" + (mine + copied) + ",25]");

        long ours = retained("fluss", table);
        long stock = retained("lake", table);
        System.out.printf(
                Locale.ROOT,
                "BENCH %s, %d files: the plan of the union read holds %d bytes a file, of Spark's"
                        + " scan %d; smallest heap %d MB and %d MB%n",
                table,
                FILES,
                ours / FILES,
                stock / FILES,
                smallestHeap("fluss", table),
                smallestHeap("lake", table));
        assertThat(ours / FILES).isLessThan(FILE_BYTES_MAX);
    }

    private static void create(String table, String id, String version) throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.many."
                        + table
                        + " ("
                        + id
                        + ", b2 BIGINT, i1 INT, d1 DOUBLE, s1 STRING, s2 STRING) TBLPROPERTIES"
                        + " ('bucket.num' = '2', 'bucket.key' = 'id', 'table.datalake.enabled' ="
                        + " 'true', 'table.datalake.auto-compaction' = 'false',"
                        + " 'iceberg.format-version' = '"
                        + version
                        + "')");
        insert(table, "range(20)");
        Tiering.once(fluss, TablePath.of("many", table));
    }

    private static void insert(String table, String ids) {
        fluss.sql(
                "INSERT INTO fluss.many."
                        + table
                        + " SELECT id, id * 7919, CAST(id AS INT), rand(42), concat('user-', id),"
                        + " concat('session-', id) FROM "
                        + ids);
    }

    /** Files of bucket 0, each there under a name of its own; the rows in them. */
    private static long addCopies(String name) throws Exception {
        try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), lake())) {
            Table table = catalog.loadTable(TableIdentifier.of("many", name));
            DataFile of = firstBucket(table);
            Path path = Path.of(java.net.URI.create(of.location()));
            AppendFiles append = table.newAppend();
            for (int i = 0; i < FILES; i++) {
                Path copy = path.resolveSibling("copy-" + i + ".parquet");
                Files.createLink(copy, path);
                append.appendFile(
                        DataFiles.builder(table.spec())
                                .copy(of)
                                .withPath(copy.toUri().toString())
                                .build());
            }
            append.commit();
            return of.recordCount() * FILES;
        }
    }

    private static DataFile firstBucket(Table table) throws Exception {
        try (CloseableIterable<FileScanTask> files =
                table.newScan().includeColumnStats().planFiles()) {
            for (FileScanTask f : files) {
                if (f.file().partition().get(0, Integer.class) == 0) {
                    return f.file();
                }
            }
        }
        throw new AssertionError("bucket 0 is empty");
    }

    private static String otherBucket(String table) {
        long id =
                fluss.read("many." + table, "read.mode", "hot")
                        .where("_bucket = 1")
                        .select("id")
                        .head()
                        .getLong(0);
        return "range(" + id + ", " + (id + 1) + ")";
    }

    private static long retained(String catalog, String table) throws Exception {
        ForeignProcess done = run(catalog, table, HEAP_MAX_MB);
        assertThat(done.exitCode()).as(done.output()).isZero();
        String line =
                done.output()
                        .lines()
                        .filter(l -> l.startsWith(LakeFilesProgram.MARK))
                        .findFirst()
                        .orElseThrow();
        System.out.println("BENCH " + catalog + " " + table + ": " + line);
        return Long.parseLong(line.substring(LakeFilesProgram.MARK.length()).split(" ", 2)[0]);
    }

    private static int smallestHeap(String catalog, String table) throws Exception {
        int no = HEAP_MIN_MB;
        int yes = HEAP_MAX_MB;
        while (yes - no > HEAP_STEP_MB) {
            int mb = (yes + no) / 2;
            if (run(catalog, table, mb).exitCode() == 0) {
                yes = mb;
            } else {
                no = mb;
            }
        }
        return yes;
    }

    private static ForeignProcess run(String catalog, String table, int heapMb) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--add-opens"))
                .forEach(command::add);
        command.addAll(
                List.of(
                        "-Xmx" + heapMb + "m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        LakeFilesProgram.class.getName(),
                        fluss.bootstrap(),
                        lake(),
                        catalog + ".many.small_" + table,
                        catalog + ".many." + table));
        return ForeignProcess.run(dir, command, Map.of());
    }

    private static String lake() {
        return dir.resolve("lake").toUri().toString();
    }
}
