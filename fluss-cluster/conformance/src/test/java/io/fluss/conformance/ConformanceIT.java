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
package io.fluss.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.TagFilter.excludeTags;
import static org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder.request;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs all cases: against a cluster of this project, whose failures must be exactly those that are
 * listed as open; or, with the system property {@code bootstrap}, against any cluster, which must
 * pass them all.
 */
class ConformanceIT {
    private static final Path OPEN = Path.of("src", "test", "resources", "open-cases.txt");

    @Test
    void allCasesButTheOpenOnesPass(@TempDir Path directory) throws Exception {
        String given = System.getProperty("bootstrap", "");
        if (!given.isEmpty()) {
            assertThat(failed(run())).as("cases that fail on %s", given).isEmpty();
            return;
        }
        try (LocalServer server = LocalServer.start(directory)) {
            System.setProperty("bootstrap", server.bootstrap());
            SortedMap<String, Boolean> passed = run();
            assertThat(server.isAlive()).as("the server is alive").isTrue();
            List<String> open = open();
            System.out.printf(
                    "%d of %d cases pass, %d are open%n",
                    passed.values().stream().filter(p -> p).count(), passed.size(), open.size());
            assertThat(failed(passed))
                    .as(
                            "cases that fail; one that is listed in %s and passes is to be taken"
                                    + " off the list",
                            OPEN)
                    .containsExactlyInAnyOrderElementsOf(open);
        } finally {
            System.clearProperty("bootstrap");
        }
    }

    private static SortedMap<String, Boolean> run() {
        Outcomes outcomes = new Outcomes();
        LauncherFactory.create()
                .execute(
                        request()
                                .selectors(selectPackage("io.fluss.conformance"))
                                .filters(includeClassNamePatterns(cases()), excludeTags("secured"))
                                .configurationParameters(parallel())
                                .build(),
                        outcomes,
                        new Report());
        assertThat(outcomes.passed()).as("cases").isNotEmpty();
        return outcomes.passed();
    }

    private static String cases() {
        return ".*\\." + System.getProperty("cases", ".*Test");
    }

    /** Four classes at a time; a case that hangs fails. */
    private static Map<String, String> parallel() {
        String prefix = "junit.jupiter.execution.";
        return Map.of(
                prefix + "parallel.enabled", "true",
                prefix + "parallel.mode.default", "same_thread",
                prefix + "parallel.mode.classes.default", "concurrent",
                prefix + "parallel.config.strategy", "fixed",
                prefix + "parallel.config.fixed.parallelism", "4",
                prefix + "parallel.config.fixed.max-pool-size", "4",
                prefix + "timeout.default", "60s",
                prefix + "timeout.threadmode.default", "SEPARATE_THREAD");
    }

    private static TreeSet<String> failed(SortedMap<String, Boolean> passed) {
        TreeSet<String> out = new TreeSet<>();
        passed.forEach(
                (name, isPassed) -> {
                    if (!isPassed) {
                        out.add(name);
                    }
                });
        return out;
    }

    private static List<String> open() throws IOException {
        return Files.readAllLines(OPEN).stream()
                .filter(l -> !l.isBlank() && !l.startsWith("#"))
                .toList();
    }
}
