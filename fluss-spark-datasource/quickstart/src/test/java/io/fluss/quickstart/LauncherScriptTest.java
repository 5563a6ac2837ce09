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
package io.fluss.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

/** The command's script must open to Spark what Spark asks for. */
class LauncherScriptTest {
    @Test
    void opensWhatSparkNeeds() throws IOException {
        Path script = Path.of(System.getProperty("fluss.home"), "bin", "fluss");
        List<String> opened =
                Files.readAllLines(script).stream()
                        .map(String::strip)
                        .filter(l -> l.startsWith("--add-opens"))
                        .toList();
        List<String> needed =
                Arrays.stream(JavaModuleOptions.defaultModuleOptionArray())
                        .filter(o -> o.startsWith("--add-opens"))
                        .toList();
        assertThat(new TreeSet<>(opened)).containsAll(needed);
    }
}
