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
package io.fluss.formats.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.bytes.ByteParts;
import io.fluss.formats.GoldenRows;
import io.fluss.formats.GoldenValues;
import io.fluss.formats.GoldenVectors;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArrowBatchesGoldenTest {

    private static Stream<JsonNode> arrowCases() {
        return Stream.of("log-batches.json", "log-batches-arrow-64.json")
                .flatMap(GoldenVectors::cases)
                .filter(c -> c.get("magic").asInt() == 0)
                .filter(c -> c.get("logFormat").asText().equals("ARROW"));
    }

    private static Stream<DynamicTest> tests(Stream<JsonNode> cases, ArrowCase test) {
        return cases.map(
                c ->
                        DynamicTest.dynamicTest(
                                c.get("name").asText(),
                                () -> {
                                    try (BufferAllocator allocator = new RootAllocator()) {
                                        test.run(c, allocator);
                                    }
                                }));
    }

    @TestFactory
    Stream<DynamicTest> decodesPublishedBatches() {
        return tests(
                arrowCases(),
                (c, allocator) -> {
                    LogBatch batch =
                            LogBatch.at(ByteBuffer.wrap(GoldenVectors.hex(c.get("hex"))), 0);
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    assertThat(records(batch, type, allocator)).isEqualTo(list(c.get("records")));
                });
    }

    @TestFactory
    Stream<DynamicTest> decodesWhatItEncodes() {
        return tests(
                arrowCases().filter(c -> c.get("appendOnly").asBoolean()),
                (c, allocator) -> {
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    List<JsonNode> rows = new ArrayList<>();
                    c.get("records").forEach(r -> rows.add(r.get(1)));
                    for (ArrowCompression compression : ArrowCompression.values()) {
                        ByteBuffer bytes;
                        try (VectorSchemaRoot root = GoldenRows.root(type, rows, allocator)) {
                            bytes = ArrowBatches.encode(root, 3, 42, 7, compression, 3);
                        }
                        LogBatch batch = LogBatch.at(bytes, 0);
                        batch.checkCrc();
                        assertThat(batch.size()).isEqualTo(bytes.remaining());
                        assertThat(batch.schemaId()).isEqualTo(3);
                        assertThat(batch.writerId()).isEqualTo(42);
                        assertThat(batch.sequence()).isEqualTo(7);
                        assertThat(records(batch, type, allocator))
                                .isEqualTo(list(c.get("records")));
                    }
                });
    }

    /** One writer for all compressions of a case, since it is used again after each batch. */
    @TestFactory
    Stream<DynamicTest> writesChangelogsRowByRow() {
        return tests(
                arrowCases().filter(c -> !c.get("appendOnly").asBoolean()),
                (c, allocator) -> {
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    for (ArrowCompression compression : ArrowCompression.values()) {
                        try (ChangelogWriter writer =
                                ChangelogWriter.of(
                                        type, LogFormat.ARROW, compression, 3, allocator)) {
                            for (int repetition = 0; repetition < 2; repetition++) {
                                writer.begin(c.get("records").size());
                                for (JsonNode r : c.get("records")) {
                                    writer.add(
                                            RowBatchesGoldenTest.changeType(r.get(0).asText()),
                                            GoldenValues.of(r.get(1), type));
                                }
                                LogBatch batch = LogBatch.at(writer.finish(3, 42, 7), 0);
                                batch.checkCrc();
                                assertThat(batch.isAppendOnly()).isFalse();
                                assertThat(batch.writerId()).isEqualTo(42);
                                assertThat(records(batch, type, allocator))
                                        .isEqualTo(list(c.get("records")));
                            }
                        }
                    }
                });
    }

    @TestFactory
    Stream<DynamicTest> projectsStoredBatches() {
        return tests(
                GoldenVectors.cases("projection.json"),
                (c, allocator) -> {
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    List<Integer> fields = new ArrayList<>();
                    c.get("projectedFields").forEach(f -> fields.add(f.asInt()));
                    DataType.RowType projected =
                            new DataType.RowType(
                                    fields.stream().map(type.fields()::get).toList(), false);
                    ByteBuffer stored = ByteBuffer.wrap(GoldenVectors.hex(c.get("inputHex")));
                    BatchProjection projection = BatchProjection.of(type, fields);

                    LogBatch ours = LogBatch.at(project(projection, stored), 0);
                    LogBatch published =
                            LogBatch.at(ByteBuffer.wrap(GoldenVectors.hex(c.get("outputHex"))), 0);

                    assertThat(records(ours, projected, allocator))
                            .isEqualTo(list(c.get("projectedRecords")))
                            .isEqualTo(records(published, projected, allocator));
                    assertThat(ours.crc()).isEqualTo(published.crc());
                    assertThat(ours.nextOffset()).isEqualTo(published.nextOffset());
                    assertThat(ours.commitTimestampMs()).isEqualTo(published.commitTimestampMs());
                });
    }

    /** As a server does: reads the head first, then the ranges. */
    static ByteBuffer project(BatchProjection projection, ByteBuffer stored) {
        int known = LogBatch.HEADER_SIZE;
        int needed;
        while ((needed = BatchProjection.metadataSize(stored.slice(0, known))) > known) {
            known = needed;
        }
        BatchProjection.Layout layout = projection.layout(stored.slice(0, known));
        ByteBuffer out = ByteBuffer.allocate((int) layout.size());
        try (ByteParts parts = layout.cut(stored)) {
            assertThat(parts.size()).isEqualTo(layout.size());
            parts.parts().forEach(p -> out.put(((ByteParts.Memory) p).bytes().duplicate()));
        }
        return out.flip();
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> all = new ArrayList<>();
        array.forEach(all::add);
        return all;
    }

    private static List<JsonNode> records(
            LogBatch batch, DataType.RowType type, BufferAllocator allocator) {
        List<JsonNode> all = new ArrayList<>();
        ByteBuffer changes = ArrowBatches.changeTypes(batch);
        try (VectorSchemaRoot root = ArrowBatches.decode(batch, type, allocator)) {
            assertThat(root.getRowCount()).isEqualTo(batch.recordCount());
            for (int i = 0; i < root.getRowCount(); i++) {
                all.add(
                        GoldenVectors.MAPPER
                                .createArrayNode()
                                .add(ChangeType.of(changes.get(i)).shortName())
                                .add(GoldenRows.row(root, type, i)));
            }
        }
        return all;
    }

    private interface ArrowCase {
        void run(JsonNode c, BufferAllocator allocator);
    }
}
