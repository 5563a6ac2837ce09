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
package io.fluss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.FlussOptions.StartupMode;
import io.fluss.table.TablePath;
import java.util.Map;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.Test;

class FlussOptionsTest {
    @Test
    void hasDefaults() {
        FlussOptions o = parse(Map.of("bootstrap.servers", "h:1"));

        assertThat(o.clientSettings()).containsExactly(Map.entry("bootstrap.servers", "h:1"));
        assertThat(o.readMode()).isEqualTo(ReadMode.UNION);
        assertThat(o.startupMode()).isEqualTo(StartupMode.EARLIEST);
        assertThat(o.maxOffsetsPerTrigger()).isEmpty();
        assertThat(o.maxRecordsPerPartition()).isEmpty();
    }

    @Test
    void sortsOptionsByWhomTheyAreFor() {
        FlussOptions o =
                parse(
                        Map.of(
                                "BOOTSTRAP.servers", "h:1",
                                "client.request-timeout", "3s",
                                "datalake.iceberg.jdbc.password", "secret",
                                "read.mode", "Hot",
                                "scan.startup.mode", "latest",
                                "maxOffsetsPerTrigger", "10"));

        assertThat(o.clientSettings()).containsEntry("client.request-timeout", "3s").hasSize(2);
        assertThat(o.lakeOverrides("iceberg"))
                .containsExactly(Map.entry("jdbc.password", "secret"));
        assertThat(o.lakeOverrides("paimon")).isEmpty();
        assertThat(o.readMode()).isEqualTo(ReadMode.HOT);
        assertThat(o.startupMode()).isEqualTo(StartupMode.LATEST);
        assertThat(o.maxOffsetsPerTrigger()).hasValue(10);
    }

    @Test
    void namesTheOptionThatIsMissingOrWrong() {
        assertThatThrownBy(() -> parse(Map.of()))
                .hasMessageContaining("'bootstrap.servers' is required");
        assertThatThrownBy(
                        () ->
                                parse(
                                        Map.of(
                                                "bootstrap.servers",
                                                "h:1",
                                                "maxOffsetsPerTrigger",
                                                "0")))
                .hasMessageContaining("'maxOffsetsPerTrigger'");
        assertThatThrownBy(() -> parse(Map.of("bootstrap.servers", "h:1", "read.mode", "warm")))
                .hasMessageContaining("'read.mode'");
        assertThatThrownBy(() -> FlussOptions.table(CaseInsensitiveStringMap.empty()))
                .hasMessageContaining("'table' is required");
    }

    @Test
    void readsTheTableName() {
        assertThat(FlussOptions.table(new CaseInsensitiveStringMap(Map.of("table", "a.b"))))
                .isEqualTo(TablePath.of("a", "b"));
    }

    private static FlussOptions parse(Map<String, String> options) {
        return FlussOptions.parse(new CaseInsensitiveStringMap(options));
    }
}
