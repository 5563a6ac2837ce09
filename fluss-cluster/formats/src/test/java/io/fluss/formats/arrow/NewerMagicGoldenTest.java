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
import io.fluss.formats.GoldenRows;
import io.fluss.formats.GoldenVectors;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.BatchStatistics;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.table.TableOptions.ArrowCompression;
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

class NewerMagicGoldenTest {
    private static final String FILE = "log-batches-newer-magic.json";

    private static Stream<DynamicTest> tests(java.util.function.Consumer<JsonNode> test) {
        return GoldenVectors.cases(FILE)
                .map(c -> DynamicTest.dynamicTest(c.get("name").asText(), () -> test.accept(c)));
    }

    private static List<JsonNode> rows(JsonNode c) {
        List<JsonNode> rows = new ArrayList<>();
        c.get("records").forEach(r -> rows.add(r.get(1)));
        return rows;
    }

    private static List<Integer> columns(JsonNode c) {
        List<Integer> columns = new ArrayList<>();
        c.path("statisticsColumns").forEach(n -> columns.add(n.asInt()));
        return columns;
    }

    private static void checkContent(LogBatch batch, JsonNode c) {
        DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = ArrowBatches.decode(batch, type, allocator)) {
            ByteBuffer changes = ArrowBatches.changeTypes(batch);
            for (int i = 0; i < c.get("records").size(); i++) {
                JsonNode record = c.get("records").get(i);
                assertThat(ChangeType.of(changes.get(i)).shortName())
                        .isEqualTo(record.get(0).asText());
                assertThat(GoldenRows.row(root, type, i)).isEqualTo(record.get(1));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> readsHeadersStatisticsAndRows() {
        return tests(
                c -> {
                    byte[] bytes = GoldenVectors.hex(c.get("hex"));
                    LogBatch batch = LogBatch.at(ByteBuffer.wrap(bytes), 0);
                    batch.checkCrc();
                    assertThat(batch.magic()).isEqualTo((byte) c.get("magic").asInt());
                    assertThat(batch.size()).isEqualTo(bytes.length);
                    assertThat(batch.baseOffset()).isEqualTo(c.get("baseOffset").asLong());
                    assertThat(batch.commitTimestampMs())
                            .isEqualTo(c.get("commitTimestamp").asLong());
                    assertThat(batch.schemaId()).isEqualTo(c.get("schemaId").asInt());
                    assertThat(batch.isAppendOnly()).isEqualTo(c.get("appendOnly").asBoolean());
                    assertThat(batch.writerId()).isEqualTo(c.get("writerId").asLong());
                    assertThat(batch.sequence()).isEqualTo(c.get("batchSequence").asInt());
                    assertThat(batch.recordCount()).isEqualTo(c.get("recordCount").asInt());
                    assertThat(batch.statistics())
                            .isEqualTo(
                                    ByteBuffer.wrap(
                                            c.has("statisticsHex")
                                                    ? GoldenVectors.hex(c.get("statisticsHex"))
                                                    : new byte[0]));
                    checkContent(batch, c);
                });
    }

    @TestFactory
    Stream<DynamicTest> readsStatistics() {
        return tests(
                c -> {
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    ByteBuffer bytes =
                            LogBatch.at(ByteBuffer.wrap(GoldenVectors.hex(c.get("hex"))), 0)
                                    .statistics();
                    assertThat(BatchStatistics.isWellFormed(bytes))
                            .isEqualTo(!columns(c).isEmpty());
                    assertThat(BatchStatistics.of(bytes, type).isPresent())
                            .isEqualTo(!columns(c).isEmpty());
                    BatchStatistics.of(bytes, type)
                            .ifPresent(s -> assertThat(s.positions()).isEqualTo(columns(c)));
                });
    }

    @TestFactory
    Stream<DynamicTest> computesTheSameStatistics() {
        return tests(
                c -> {
                    if (columns(c).isEmpty()) {
                        return;
                    }
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    try (BufferAllocator allocator = new RootAllocator();
                            VectorSchemaRoot root = GoldenRows.root(type, rows(c), allocator)) {
                        LogBatch batch =
                                LogBatch.at(
                                        ArrowBatches.encode(
                                                root,
                                                StatisticsColumns.of(type, columns(c)),
                                                4,
                                                21,
                                                6,
                                                ArrowCompression.ZSTD,
                                                3),
                                        0);
                        batch.checkCrc();
                        assertThat(batch.magic()).isEqualTo(LogBatch.MAGIC_STATISTICS);
                        assertThat(batch.statistics())
                                .isEqualTo(
                                        ByteBuffer.wrap(GoldenVectors.hex(c.get("statisticsHex"))));
                        List<JsonNode> decoded = new ArrayList<>();
                        try (VectorSchemaRoot again = ArrowBatches.decode(batch, type, allocator)) {
                            for (int i = 0; i < again.getRowCount(); i++) {
                                decoded.add(GoldenRows.row(again, type, i));
                            }
                        }
                        assertThat(decoded).isEqualTo(rows(c));
                    }
                });
    }

    @TestFactory
    Stream<DynamicTest> dropsStatisticsForOldReaders() {
        return tests(
                c -> {
                    LogBatch batch =
                            LogBatch.at(ByteBuffer.wrap(GoldenVectors.hex(c.get("hex"))), 0);
                    LogBatch plain = batch.withoutStatistics();
                    plain.checkCrc();
                    assertThat(plain.magic()).isZero();
                    assertThat(plain.nextOffset()).isEqualTo(batch.nextOffset());
                    assertThat(plain.commitTimestampMs()).isEqualTo(batch.commitTimestampMs());
                    checkContent(plain, c);
                });
    }

    @TestFactory
    Stream<DynamicTest> projectsWithoutStatistics() {
        return tests(
                c -> {
                    if (c.get("magic").asInt() == 2) {
                        return; // never stored
                    }
                    DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                    ByteBuffer stored = ByteBuffer.wrap(GoldenVectors.hex(c.get("hex")));
                    LogBatch cut =
                            LogBatch.at(
                                    ArrowBatchesGoldenTest.project(
                                            BatchProjection.of(type, List.of(1, 4)), stored),
                                    0);
                    DataType.RowType projected =
                            new DataType.RowType(
                                    List.of(type.fields().get(1), type.fields().get(4)), false);
                    assertThat(cut.statistics().hasRemaining()).isFalse();
                    assertThat(cut.magic()).isEqualTo(LogBatch.MAGIC_STATISTICS);
                    try (BufferAllocator allocator = new RootAllocator();
                            VectorSchemaRoot root =
                                    ArrowBatches.decode(cut, projected, allocator)) {
                        for (int i = 0; i < root.getRowCount(); i++) {
                            JsonNode row = GoldenRows.row(root, projected, i);
                            JsonNode whole = rows(c).get(i);
                            assertThat(row.get(0)).isEqualTo(whole.get(1));
                            assertThat(row.get(1)).isEqualTo(whole.get(4));
                        }
                    }
                    assertThat(ArrowBatches.changeTypes(cut))
                            .isEqualTo(ArrowBatches.changeTypes(LogBatch.at(stored, 0)));
                });
    }
}
