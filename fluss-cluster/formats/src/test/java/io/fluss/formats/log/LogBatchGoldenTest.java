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
package io.fluss.formats.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.formats.GoldenVectors;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LogBatchGoldenTest {

    @TestFactory
    Stream<DynamicTest> readsHeaders() {
        return GoldenVectors.cases("log-batches.json")
                .filter(c -> c.get("magic").asInt() == 0)
                .map(c -> DynamicTest.dynamicTest(c.get("name").asText(), () -> readsHeader(c)));
    }

    private static void readsHeader(JsonNode c) {
        byte[] bytes = GoldenVectors.hex(c.get("hex"));
        LogBatch batch = LogBatch.at(ByteBuffer.wrap(bytes), 0);
        batch.checkCrc();
        assertThat(batch.size()).isEqualTo(c.get("sizeInBytes").asInt()).isEqualTo(bytes.length);
        assertThat(batch.baseOffset()).isEqualTo(c.get("baseOffset").asLong());
        assertThat(batch.commitTimestampMs()).isEqualTo(c.get("commitTimestamp").asLong());
        assertThat(batch.schemaId()).isEqualTo(c.get("schemaId").asInt());
        assertThat(batch.isAppendOnly()).isEqualTo(c.get("appendOnly").asBoolean());
        assertThat(batch.writerId()).isEqualTo(c.get("writerId").asLong());
        assertThat(batch.sequence()).isEqualTo(c.get("batchSequence").asInt());
        assertThat(batch.recordCount()).isEqualTo(c.get("recordCount").asInt());
        assertThat(batch.nextOffset()).isEqualTo(c.get("lastOffset").asLong() + 1);
        assertThat("%08x".formatted(batch.crc())).isEqualTo(c.get("crc").asText());
    }

    @Test
    void checksumIsCrc32c() {
        GoldenVectors.cases("hashes.json")
                .forEach(
                        c -> {
                            CRC32C crc = new CRC32C();
                            crc.update(GoldenVectors.hex(c.get("hex")));
                            assertThat("%08x".formatted(crc.getValue()))
                                    .isEqualTo(c.get("crc32c").asText());
                        });
    }
}
