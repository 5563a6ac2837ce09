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
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
 * <p>The Python test runs if {@code python3}, or the Python that system property {@code
 * fluss.it.python} names, has pyspark 4.1; with {@code -Dfluss.it.pyspark.install=true} it installs
 * pyspark into an environment of its own first (some 400 MB).
 */
class StockSparkIT {
    @TempDir static Path dir;
    private static LocalCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalCluster.start(dir.resolve("cluster"), 0, Map.of());
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

        SparkProcess spark = SparkProcess.run(dir, command, Map.of("SPARK_LOCAL_IP", "127.0.0.1"));

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
        SparkProcess spark =
                SparkProcess.run(
                        dir,
                        List.of(
                                python(),
                                script.toString(),
                                RuntimeJar.path().toString(),
                                cluster.bootstrap(),
                                dir.resolve("python-checkpoint").toString()),
                        Map.of("SPARK_LOCAL_IP", "127.0.0.1"));

        assertThat(spark.output())
                .contains("READ [(1, 'lamp'), (2, 'chair'), (3, 'desk')]")
                .contains("STREAM [(1, 'lamp'), (2, 'chair'), (3, 'desk')]");
        assertThat(spark.exitCode()).isZero();
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

    static boolean hasPySpark() throws Exception {
        if (Boolean.getBoolean("fluss.it.pyspark.install")) {
            Path venv = Files.createTempDirectory("fluss-pyspark");
            SparkProcess made =
                    SparkProcess.run(
                            venv,
                            List.of("python3", "-m", "venv", venv.resolve("env").toString()),
                            Map.of());
            String python = venv.resolve("env/bin/python").toString();
            SparkProcess installed =
                    SparkProcess.run(
                            venv,
                            List.of(python, "-m", "pip", "install", "-q", "pyspark==4.1.*"),
                            Map.of());
            assertThat(made.exitCode() + installed.exitCode()).as(installed.output()).isZero();
            System.setProperty("fluss.it.python", python);
        }
        try {
            SparkProcess found =
                    SparkProcess.run(
                            Path.of("."),
                            List.of(python(), "-c", "import pyspark; print(pyspark.__version__)"),
                            Map.of());
            return found.exitCode() == 0 && found.output().startsWith("4.1.");
        } catch (IOException noPython) {
            return false;
        }
    }

    private static String python() {
        return System.getProperty("fluss.it.python", "python3");
    }
}
