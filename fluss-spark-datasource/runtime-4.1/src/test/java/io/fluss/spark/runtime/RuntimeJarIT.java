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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

class RuntimeJarIT {
    private static final long SIZE_MAX = 20L << 20;

    @Test
    void holdsNothingThatCouldMeetTheClassesOfSpark() throws IOException {
        try (JarFile jar = new JarFile(RuntimeJar.path().toFile())) {
            List<String> foreign =
                    jar.stream()
                            .map(e -> e.getName())
                            .filter(n -> n.endsWith(".class"))
                            .map(n -> n.replaceFirst("^META-INF/versions/\\d+/", ""))
                            .filter(n -> !n.startsWith("io/fluss/"))
                            .toList();
            assertThat(foreign).isEmpty();
        }
    }

    @Test
    void holdsThesePackages() throws IOException {
        TreeSet<String> packages = new TreeSet<>();
        TreeSet<String> files = new TreeSet<>();
        try (JarFile jar = new JarFile(RuntimeJar.path().toFile())) {
            jar.stream()
                    .map(e -> e.getName())
                    .forEach(
                            n -> {
                                String[] parts = n.split("/");
                                if (n.endsWith(".class") && n.startsWith("io/fluss/")) {
                                    packages.add(
                                            parts[2].equals("shaded")
                                                    ? "shaded." + parts[3]
                                                    : parts[2]);
                                } else if (!n.endsWith(".class") && !n.endsWith("/")) {
                                    files.add(n);
                                }
                            });
        }
        assertThat(packages)
                .containsExactly(
                        "bytes",
                        "client",
                        "errors",
                        "filestore",
                        "formats",
                        "lake",
                        "loop",
                        "protocol",
                        "settings",
                        "shaded.jackson",
                        "shaded.netty",
                        "shaded.protobuf",
                        "spark",
                        "table",
                        "time",
                        "transport",
                        "types");
        assertThat(files)
                .contains(
                        "META-INF/services/org.apache.spark.sql.sources.DataSourceRegister",
                        "META-INF/services/io.fluss.spark.lake.LakeScanProvider")
                .noneMatch(n -> n.endsWith(".so") || n.endsWith(".dll") || n.endsWith(".jnilib"))
                .noneMatch(n -> n.startsWith("META-INF/services/com.fasterxml"));
        assertThat(Files.size(RuntimeJar.path())).isLessThan(SIZE_MAX);
    }

    @Test
    void namesTheSourceForSpark() throws IOException {
        try (JarFile jar = new JarFile(RuntimeJar.path().toFile())) {
            var entry =
                    jar.getEntry(
                            "META-INF/services/org.apache.spark.sql.sources.DataSourceRegister");
            try (var in = jar.getInputStream(entry)) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).trim())
                        .isEqualTo("io.fluss.spark.FlussSource");
            }
        }
    }
}
