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
package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JobArgumentsTest {
    @Test
    void takesDottedSettingsInAllForms() {
        JobArguments a =
                JobArguments.of(
                        "--once",
                        "--fluss.bootstrap.servers",
                        "h:1",
                        "--datalake.iceberg.type=hadoop",
                        "-Ddatalake.iceberg.uri=jdbc:x?a=b",
                        "--table",
                        "t",
                        "--lake.tiering.auto-expire-snapshot",
                        "false");
        assertThat(a.options()).containsExactly("--once", "--table", "t");
        assertThat(a.settings())
                .containsEntry("fluss.bootstrap.servers", "h:1")
                .containsEntry("datalake.iceberg.type", "hadoop")
                .containsEntry("datalake.iceberg.uri", "jdbc:x?a=b")
                .containsEntry("lake.tiering.auto-expire-snapshot", "false")
                .hasSize(4);
    }

    @Test
    void namesASettingWithoutValue() {
        assertThatThrownBy(() -> JobArguments.of("--datalake.format", "--once"))
                .hasMessage("--datalake.format needs a value");
    }

    @Test
    void refusesSettingsThatCannotWorkBeforeAnythingIsStarted() {
        String[][] wrong = {
            {"--poll-interval", "0"},
            {"--poll-interval", "soon"},
            {"--parallel-tables", "0"},
            {"--split-records", "-1"}
        };
        for (String[] option : wrong) {
            assertThat(TieringJob.run("--bootstrap", "127.0.0.1:1", option[0], option[1]))
                    .as(option[0] + " " + option[1])
                    .isEqualTo(2);
        }
        assertThat(TieringJob.run("--once")).as("no cluster named").isEqualTo(2);
    }
}
