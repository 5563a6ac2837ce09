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
package io.fluss.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenVectors;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.formats.remote.RemoteSegment;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class RemoteLogGoldenTest {

    @TestFactory
    Stream<DynamicTest> readsAndWritesManifests() {
        return cases("remoteLogManifest")
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("json").asText(),
                                        () -> {
                                            byte[] json = utf8(c.get("json").asText());
                                            assertThat(
                                                            RemoteLogManifestJson.write(
                                                                    RemoteLogManifestJson.read(
                                                                            json)))
                                                    .asString(StandardCharsets.UTF_8)
                                                    .isEqualTo(c.get("json").asText());
                                        }));
    }

    @TestFactory
    Stream<DynamicTest> namesFilesLikeThePublishedServer() {
        return cases("remotePaths")
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("remoteLogTabletDir").asText(), () -> names(c)));
    }

    private static void names(JsonNode c) {
        Optional<String> partition =
                c.get("partitionName").isNull()
                        ? Optional.empty()
                        : Optional.of(c.get("partitionName").asText());
        RemoteLogDirectory dir =
                RemoteLogDirectory.of(
                        c.get("remoteDataDir").asText(),
                        TablePath.of(c.get("database").asText(), c.get("table").asText()),
                        partition,
                        TableBucket.of(
                                c.get("tableId").asLong(),
                                partition.isPresent()
                                        ? OptionalLong.of(c.get("partitionId").asLong())
                                        : OptionalLong.empty(),
                                c.get("bucket").asInt()));
        UUID id = UUID.fromString("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
        RemoteSegment s = new RemoteSegment(id, 1000, 2500, 1, 1);
        assertThat(dir.uri()).isEqualTo(c.get("remoteLogTabletDir").asText());
        assertThat(dir.manifest(UUID.fromString("11111111-2222-3333-4444-555555555555")))
                .isEqualTo(c.get("manifest(11111111-2222-3333-4444-555555555555)").asText());
        assertThat(dir.segment(id)).isEqualTo(c.get("segmentDir(" + id + ")").asText());
        assertThat(dir.log(s)).isEqualTo(c.get("segmentFile(start 1000)").asText());
        assertThat(dir.offsetIndex(s)).isEqualTo(c.get("offsetIndex").asText());
        assertThat(dir.timeIndex(s)).isEqualTo(c.get("timeIndex").asText());
        assertThat(dir.writerSnapshot(s)).isEqualTo(c.get("writerSnapshot(end 2500)").asText());
    }

    @Test
    void refusesManifestsThatAreNotSound() {
        String gap =
                """
                {"version":1,"database":"d","table":"t","table_id":1,"bucket_id":0,
                 "remote_log_segments":[
                  {"segment_id":"11111111-2222-3333-4444-555555555555","start_offset":0,
                   "end_offset":5,"max_timestamp":1,"size_in_bytes":9},
                  {"segment_id":"11111111-2222-3333-4444-555555555556","start_offset":6,
                   "end_offset":7,"max_timestamp":1,"size_in_bytes":9}]}
                """;
        assertThatThrownBy(() -> RemoteLogManifestJson.read(utf8(gap)))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("does not follow");
        assertThatThrownBy(
                        () -> RemoteLogManifestJson.read(utf8(gap.replace("1,\"data", "2,\"da"))))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> RemoteLogManifestJson.read(utf8(gap.replace("11111111-", "zz-"))))
                .isInstanceOf(FlussException.class);
        assertThatThrownBy(
                        () ->
                                RemoteLogManifestJson.read(
                                        utf8(gap.replace("\"end_offset\":5", "\"end_offset\":0"))))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("remote_log_segments[0]");
    }

    private static Stream<JsonNode> cases(String kind) {
        return GoldenVectors.cases("remote.json").filter(c -> c.get("kind").asText().equals(kind));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
