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
package io.fluss.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.append.WriterSettings;
import io.fluss.client.scan.ScannerSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientSettingsTest {
    @Test
    void hasDefaults() {
        ClientSettings s = ClientSettings.from(Map.of("bootstrap.servers", "a:1"));
        assertThat(s.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(s.connectTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(s.writer())
                .isEqualTo(
                        new WriterSettings(
                                new WriterSettings.Batching(
                                        64L << 20,
                                        2 << 20,
                                        Duration.ofMillis(100),
                                        10 << 20,
                                        Duration.ofMinutes(5)),
                                -1,
                                Integer.MAX_VALUE,
                                true,
                                5,
                                true,
                                Duration.ofMinutes(5),
                                WriterSettings.BucketAssigner.STICKY));
        assertThat(s.scanner())
                .isEqualTo(
                        new ScannerSettings(
                                16 << 20,
                                1 << 20,
                                1,
                                Duration.ofMillis(500),
                                500,
                                128L << 20,
                                ScannerSettings.OutOfRange.ERROR));
    }

    @Test
    void readsEachKey() {
        Map<String, String> options = new HashMap<>();
        options.put("bootstrap.servers", "a:1,b:2");
        options.put("client.request-timeout", "1s");
        options.put("client.connect-timeout", "2s");
        options.put("client.writer.buffer.memory-size", "1mb");
        options.put("client.writer.batch-size", "1kb");
        options.put("client.writer.batch-timeout", "3ms");
        options.put("client.writer.request-max-size", "2kb");
        options.put("client.writer.acks", "1");
        options.put("client.writer.retries", "4");
        options.put("client.writer.enable-idempotence", "false");
        options.put("client.writer.max-inflight-requests-per-bucket", "9");
        options.put("client.writer.dynamic-create-partition.enabled", "false");
        options.put("client.scanner.log.fetch.max-bytes", "5");
        options.put("client.scanner.log.fetch.max-bytes-for-bucket", "6");
        options.put("client.scanner.log.fetch.min-bytes", "7");
        options.put("client.scanner.log.fetch.wait-max-time", "8ms");
        options.put("client.scanner.log.max-poll-records", "10");
        options.put("client.scanner.log.prefetch.memory-size", "11");
        options.put("client.scanner.log.out-of-range", "latest");
        options.put("client.writer.buffer.wait-timeout", "4s");
        options.put("client.writer.delivery-timeout", "6s");
        options.put("client.writer.bucket.no-key-assigner", "round_robin");
        options.put("unknown", "ignored");
        ClientSettings s = ClientSettings.from(options);
        assertThat(s.bootstrap()).hasSize(2);
        assertThat(s.requestTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(s.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(s.writer())
                .isEqualTo(
                        new WriterSettings(
                                new WriterSettings.Batching(
                                        1 << 20,
                                        1 << 10,
                                        Duration.ofMillis(3),
                                        2 << 10,
                                        Duration.ofSeconds(4)),
                                1,
                                4,
                                false,
                                9,
                                false,
                                Duration.ofSeconds(6),
                                WriterSettings.BucketAssigner.ROUND_ROBIN));
        assertThat(s.scanner())
                .isEqualTo(
                        new ScannerSettings(
                                5,
                                6,
                                7,
                                Duration.ofMillis(8),
                                10,
                                11,
                                ScannerSettings.OutOfRange.LATEST));
    }

    @Test
    void namesWhatIsWrong() {
        assertThatThrownBy(() -> ClientSettings.from(Map.of()))
                .hasMessageContaining("bootstrap.servers");
        assertThatThrownBy(() -> with("client.writer.acks", "2"))
                .hasMessageContaining("client.writer.acks");
        assertThatThrownBy(() -> with("client.writer.acks", "1"))
                .hasMessageContaining("enable-idempotence");
        assertThatThrownBy(() -> with("client.writer.batch-size", "0"))
                .hasMessageContaining("client.writer.batch-size");
        assertThatThrownBy(() -> with("client.writer.max-inflight-requests-per-bucket", "0"))
                .hasMessageContaining("max-inflight-requests-per-bucket");
    }

    private static ClientSettings with(String key, String value) {
        return ClientSettings.from(Map.of("bootstrap.servers", "a:1", key, value));
    }
}
