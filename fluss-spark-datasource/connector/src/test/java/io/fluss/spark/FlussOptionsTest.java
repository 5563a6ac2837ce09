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

import io.fluss.client.append.MergeMode;
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.stream.StreamOptions;
import io.fluss.spark.stream.StreamOptions.StartupMode;
import io.fluss.table.TablePath;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.Test;

class FlussOptionsTest {
    @Test
    void hasDefaults() {
        FlussOptions o = parse(Map.of("bootstrap.servers", "h:1"));

        assertThat(o.clientSettings()).containsExactly(Map.entry("bootstrap.servers", "h:1"));
        assertThat(o.readMode()).isEqualTo(ReadMode.UNION);
        StreamOptions stream = o.stream();
        assertThat(stream.startupMode()).isEqualTo(StartupMode.FULL);
        assertThat(stream.failOnDataLoss()).isTrue();
        assertThat(stream.limits().rowsMax()).isEmpty();
        assertThat(stream.limits().bytesMax()).isEmpty();
        assertThat(stream.limits().rowsMin()).isEmpty();
        assertThat(stream.limits().delayMax()).isEqualTo(Duration.ofMinutes(15));
        assertThat(o.split().recordsMax()).isEmpty();
        assertThat(o.split().bytesMax()).isEqualTo(128L << 20);
        assertThat(o.isChangelog()).isFalse();
        assertThat(o.write().columns()).isEmpty();
        assertThat(o.write().mergeMode()).isEqualTo(MergeMode.DEFAULT);
    }

    @Test
    void takesWhatIsWrittenToTablesWithAKey() {
        FlussOptions o =
                parse(
                        Map.of(
                                "bootstrap.servers", "h:1",
                                "write.columns", "id , name",
                                "write.merge-mode", "Overwrite",
                                "read.changelog", "true"));

        assertThat(o.write().columns()).contains(List.of("id", "name"));
        assertThat(o.write().mergeMode()).isEqualTo(MergeMode.OVERWRITE);
        assertThat(o.isChangelog()).isTrue();
        assertThatThrownBy(() -> parse(Map.of("bootstrap.servers", "h:1", "write.merge-mode", "x")))
                .hasMessageContaining("write.merge-mode");
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
        assertThat(o.stream().startupMode()).isEqualTo(StartupMode.LATEST);
        assertThat(o.stream().limits().rowsMax()).hasValue(10);
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
    void readsTheLimitsOfAMicroBatch() {
        StreamOptions.Limits limits =
                parse(
                                Map.of(
                                        "bootstrap.servers", "h:1",
                                        "maxRowsPerTrigger", "10",
                                        "maxBytesPerTrigger", "2mb",
                                        "minOffsetsPerTrigger", "4",
                                        "maxTriggerDelay", "30s"))
                        .stream()
                        .limits();

        assertThat(limits.rowsMax()).hasValue(10);
        assertThat(limits.bytesMax()).hasValue(2L << 20);
        assertThat(limits.rowsMin()).hasValue(4);
        assertThat(limits.delayMax()).isEqualTo(Duration.ofSeconds(30));
        refuses("mean the same", "maxRowsPerTrigger", "1", "maxOffsetsPerTrigger", "2");
        refuses("'minRowsPerTrigger' = 3", "minRowsPerTrigger", "3", "maxRowsPerTrigger", "2");
    }

    @Test
    void readsTheTimeToStartAt() {
        assertThat(
                        parse(
                                        Map.of(
                                                "bootstrap.servers", "h:1",
                                                "scan.startup.mode", "timestamp",
                                                "scan.startup.timestamp", "1700000000000"))
                                .stream()
                                .startupTimestampMs())
                .hasValue(1_700_000_000_000L);
        refuses("'scan.startup.timestamp' is required", "scan.startup.mode", "timestamp");
        refuses(
                "'scan.startup.timestamp' is 'yesterday'",
                "scan.startup.mode",
                "timestamp",
                "scan.startup.timestamp",
                "yesterday");
    }

    private static void refuses(String message, String... options) {
        Map<String, String> all = new java.util.HashMap<>(Map.of("bootstrap.servers", "h:1"));
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        assertThatThrownBy(() -> parse(all)).hasMessageContaining(message);
    }

    @Test
    void cutsTasksByRecordsAndBytes() {
        FlussOptions.Split byBytes =
                parse(Map.of("bootstrap.servers", "h:1", "scan.max-bytes-per-partition", "1kb"))
                        .split();
        FlussOptions.Split byRecords =
                parse(Map.of("bootstrap.servers", "h:1", "scan.max-records-per-partition", "7"))
                        .split();

        assertThat(byBytes.recordsMax(100)).isEqualTo(10);
        assertThat(byBytes.recordsMax(100_000)).isEqualTo(1);
        assertThat(byRecords.recordsMax(100)).isEqualTo(7);
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
