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
package io.fluss.spark.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.server.LocalCluster;
import io.fluss.testkit.ForeignProcess;
import io.fluss.testkit.PythonEnvironment;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark as it is published, in a process of its own that gets the runtime jar by {@code --jars} or
 * {@code spark.jars} and has nothing else of ours.
 *
 * <p>The Python test installs pyspark 4.1 from the package index into an environment of its own in
 * the build directory (some 400 MB, once), unless {@code -Dfluss.it.python} names a Python that has
 * it. Where that does not work - no Python, no index - the test is left out.
 */
class StockSparkIT {
    @TempDir static Path dir;
    private static LocalCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster =
                LocalCluster.start(
                        dir.resolve("cluster"),
                        0,
                        Map.of(
                                "datalake.format", "iceberg",
                                "datalake.iceberg.type", "hadoop",
                                "datalake.iceberg.warehouse",
                                        dir.resolve("lake").toUri().toString()));
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @Test
    void worksWithSparkSubmit() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("fluss.spark.jvm.opens", "").split(" ")));
        command.addAll(
                List.of(
                        "-Xmx512m",
                        "-cp",
                        sparkJars(),
                        "org.apache.spark.deploy.SparkSubmit",
                        "--master",
                        "local[2]",
                        "--jars",
                        RuntimeJar.path().toString(),
                        "--conf",
                        "spark.ui.enabled=false",
                        "--conf",
                        "spark.driver.host=127.0.0.1",
                        "--conf",
                        "spark.driver.bindAddress=127.0.0.1",
                        "--conf",
                        "spark.sql.shuffle.partitions=2",
                        "--conf",
                        "spark.sql.catalog.fluss=io.fluss.spark.FlussCatalog",
                        "--conf",
                        "spark.sql.catalog.fluss.bootstrap.servers=" + cluster.bootstrap(),
                        "--class",
                        StockApplication.class.getName(),
                        applicationJar().toString(),
                        cluster.bootstrap(),
                        dir.resolve("submit-checkpoint").toString()));

        ForeignProcess spark =
                ForeignProcess.run(dir, command, Map.of("SPARK_LOCAL_IP", "127.0.0.1"));

        assertThat(spark.output()).contains("RESULT [100,100,4950]");
        assertThat(spark.output()).contains("COUNT [100]");
        assertThat(spark.exitCode()).isZero();
    }

    @Test
    @EnabledIf("hasPySpark")
    void worksWithPySpark() throws Exception {
        Path script = dir.resolve("stock_spark.py");
        try (InputStream in = StockSparkIT.class.getResourceAsStream("/stock_spark.py")) {
            Files.copy(in, script);
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                python().orElseThrow(),
                                script.toString(),
                                RuntimeJar.path() + "," + icebergJar(),
                                cluster.bootstrap(),
                                dir.resolve("python-checkpoint").toString()));
        command.addAll(tieringOnce());

        ForeignProcess spark =
                ForeignProcess.run(dir, command, Map.of("SPARK_LOCAL_IP", "127.0.0.1"));

        assertThat(spark.output())
                .contains("READ [(1, 'lamp'), (2, 'chair'), (3, 'desk')]")
                .contains("STREAM [(1, 'lamp'), (2, 'chair'), (3, 'desk')]")
                .contains("RESUMED [(1, 'lamp'), (2, 'chair'), (3, 'desk'), (4, 'shelf')]")
                .contains("LAKE [(1, 'lamp'), (2, 'chair')]")
                .contains("UNION [(1, 'lamp'), (2, 'chair'), (3, 'desk')]")
                .contains("PRICES [(2, 39.0), (3, 6.0)]")
                .contains("LOOKUP [(2, 39.0)]")
                .contains("CHANGES [('insert', 19.9), ('delete', 19.9)]")
                .contains("ROWS [(2, 39.0, 'insert'), (3, 6.0, 'insert')]");
        assertThat(spark.exitCode()).isZero();
    }

    /** One round of tiering, in a process of its own. */
    private static List<String> tieringOnce() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("fluss.spark.jvm.opens", "").split(" ")));
        command.addAll(
                List.of(
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.fluss.tiering.TieringJob",
                        "--bootstrap",
                        cluster.bootstrap(),
                        "--once"));
        return command;
    }

    private static String icebergJar() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(
                        p ->
                                Path.of(p)
                                        .getFileName()
                                        .toString()
                                        .startsWith("iceberg-spark-runtime"))
                .findFirst()
                .orElseThrow();
    }

    /** Everything that a build with only Spark would have: all of this class path but our own. */
    private static String sparkJars() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(p -> p.endsWith(".jar"))
                .filter(p -> !Path.of(p).getFileName().toString().startsWith("fluss-"))
                .filter(p -> !p.contains("iceberg"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path applicationJar() throws IOException {
        Path jar = dir.resolve("application.jar");
        String name = StockApplication.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                InputStream in = StockSparkIT.class.getClassLoader().getResourceAsStream(name)) {
            out.putNextEntry(new JarEntry(name));
            in.transferTo(out);
            out.closeEntry();
        }
        return jar;
    }

    static boolean hasPySpark() {
        return python().isPresent();
    }

    /** A Python with pyspark, installed now if there was none. */
    private static synchronized Optional<String> python() {
        String given = System.getProperty("fluss.it.python", "");
        if (!given.isEmpty()) {
            return Optional.of(given);
        }
        Path home = Path.of(System.getProperty("fluss.it.python.directory"));
        return PythonEnvironment.with(home, List.of("pyspark==4.1.*"), List.of("pyspark"));
    }
}
