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
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.formats.remote.KvSnapshotDirectory;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KvSnapshotGoldenTest {

    @TestFactory
    Stream<DynamicTest> readsAndWritesMetadata() {
        return cases("kvSnapshotMetadata")
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("metadataFile").asText(),
                                        () -> {
                                            byte[] json = utf8(c.get("json").asText());
                                            KvSnapshot s = KvSnapshotJson.read(json);
                                            assertThat(KvSnapshotJson.write(s))
                                                    .asString(StandardCharsets.UTF_8)
                                                    .isEqualTo(c.get("json").asText());
                                            assertThat(s.location() + "/_METADATA")
                                                    .isEqualTo(c.get("metadataFile").asText());
                                            assertThat(s.sizeBytes())
                                                    .isEqualTo(s.incrementalBytes());
                                        }));
    }

    @TestFactory
    Stream<DynamicTest> namesFilesLikeThePublishedServer() {
        return cases("remotePaths")
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("remoteKvTabletDir").asText(), () -> names(c)));
    }

    private static void names(JsonNode c) {
        Optional<String> partition =
                c.get("partitionName").isNull()
                        ? Optional.empty()
                        : Optional.of(c.get("partitionName").asText());
        KvSnapshotDirectory dir =
                KvSnapshotDirectory.of(
                        c.get("remoteDataDir").asText(),
                        TablePath.of(c.get("database").asText(), c.get("table").asText()),
                        partition,
                        TableBucket.of(
                                c.get("tableId").asLong(),
                                partition.isPresent()
                                        ? OptionalLong.of(c.get("partitionId").asLong())
                                        : OptionalLong.empty(),
                                c.get("bucket").asInt()));
        assertThat(dir.uri()).isEqualTo(c.get("remoteKvTabletDir").asText());
        assertThat(dir.snapshot(9)).isEqualTo(c.get("kvSnapshotDir(9)").asText());
        assertThat(dir.shared()).isEqualTo(c.get("kvSharedDir").asText());
    }

    @Test
    void refusesMetadataThatIsNotSound() {
        String json =
                new String(
                        KvSnapshotJson.write(
                                new KvSnapshot(
                                        TableBucket.of(1, 0),
                                        3,
                                        "file:///x/snap-3",
                                        List.of(),
                                        List.of(new KvSnapshot.File("file:///x/y", 4, "CURRENT")),
                                        4,
                                        9,
                                        OptionalLong.empty(),
                                        List.of())),
                        StandardCharsets.UTF_8);
        refused(json.replace("\"version\":1", "\"version\":2"), "version 2");
        refused(json.replace("\"CURRENT\"", "\"../CURRENT\""), "private_file_handles[0]");
        refused(json.replace("\"log_offset\":9", "\"log_offset\":-9"), "not sound");
        refused(json.replace("\"size\":4", "\"size\":\"x\""), "size");
    }

    private static void refused(String json, String why) {
        assertThatThrownBy(() -> KvSnapshotJson.read(utf8(json)))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining(why);
    }

    private static Stream<JsonNode> cases(String kind) {
        return GoldenVectors.cases("remote.json").filter(c -> c.get("kind").asText().equals(kind));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
