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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenRows;
import io.fluss.formats.GoldenVectors;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArrowBatchesTest {
    private static final DataType.RowType TYPE =
            DataTypes.row(
                    DataTypes.field("id", DataTypes.bigInt()),
                    DataTypes.field("name", DataTypes.string()));

    private static VectorSchemaRoot rows(BufferAllocator allocator, int count) {
        VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(TYPE), allocator);
        BigIntVector ids = (BigIntVector) root.getVector(0);
        VarCharVector names = (VarCharVector) root.getVector(1);
        for (int i = 0; i < count; i++) {
            ids.setSafe(i, i);
            if (i % 3 == 0) {
                names.setNull(i);
            } else {
                names.setSafe(
                        i, ("name-" + i % 17).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        root.setRowCount(count);
        return root;
    }

    @ParameterizedTest
    @EnumSource(ArrowCompression.class)
    void manyRowsComeBack(ArrowCompression compression) {
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = rows(allocator, 50_000)) {
            ByteBuffer bytes = ArrowBatches.encode(root, 1, -1, -1, compression, 3);
            if (compression != ArrowCompression.NONE) {
                assertThat(bytes.remaining()).isLessThan(600_000);
            }
            try (VectorSchemaRoot back =
                    ArrowBatches.decode(LogBatch.at(bytes, 0), TYPE, allocator)) {
                assertThat(back.equals(root)).isTrue();
            }
        }
    }

    @Test
    void decodesFromDirectAndReadOnlyMemory() {
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = rows(allocator, 1000)) {
            for (ArrowCompression compression : ArrowCompression.values()) {
                ByteBuffer bytes = ArrowBatches.encode(root, 1, -1, -1, compression, 3);
                ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining() + 5).position(5);
                direct.put(bytes.duplicate());
                for (ByteBuffer memory : List.of(direct, direct.asReadOnlyBuffer())) {
                    LogBatch batch = LogBatch.at(memory.flip().limit(memory.capacity()), 5);
                    try (VectorSchemaRoot back = ArrowBatches.decode(batch, TYPE, allocator)) {
                        assertThat(back.equals(root)).isTrue();
                    }
                }
                LogBatch readOnly = LogBatch.at(bytes.asReadOnlyBuffer(), 0);
                try (VectorSchemaRoot back = ArrowBatches.decode(readOnly, TYPE, allocator)) {
                    assertThat(back.equals(root)).isTrue();
                }
            }
        }
    }

    @Test
    void noRowsGiveAnEmptyBatch() {
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = rows(allocator, 0)) {
            LogBatch batch =
                    LogBatch.at(ArrowBatches.encode(root, 1, 4, 5, ArrowCompression.ZSTD, 3), 0);
            batch.checkCrc();
            assertThat(batch.size()).isEqualTo(LogBatch.HEADER_SIZE);
            assertThat(batch.nextOffset()).isEqualTo(1);
            try (VectorSchemaRoot back = ArrowBatches.decode(batch, TYPE, allocator)) {
                assertThat(back.getRowCount()).isZero();
            }
        }
    }

    @Test
    void columnsThatAnOldBatchLacksAreProjectedAsNulls() {
        DataType.RowType newer =
                DataTypes.row(
                        TYPE.fields().get(0),
                        TYPE.fields().get(1),
                        DataTypes.field("d", DataTypes.decimal(20, 2)),
                        DataTypes.field("tags", DataTypes.array(DataTypes.string())),
                        DataTypes.field(
                                "r", DataTypes.row(DataTypes.field("x", DataTypes.integer()))));
        DataType.RowType projected =
                new DataType.RowType(
                        List.of(
                                newer.fields().get(1),
                                newer.fields().get(2),
                                newer.fields().get(3),
                                newer.fields().get(4)),
                        false);
        BatchProjection projection = BatchProjection.of(newer, List.of(1, 2, 3, 4));
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = rows(allocator, 100)) {
            for (ArrowCompression compression : ArrowCompression.values()) {
                ByteBuffer stored = ArrowBatches.encode(root, 1, -1, -1, compression, 3);
                LogBatch cut = LogBatch.at(ArrowBatchesGoldenTest.project(projection, stored), 0);
                try (VectorSchemaRoot back = ArrowBatches.decode(cut, projected, allocator)) {
                    assertThat(back.getRowCount()).isEqualTo(100);
                    for (int i = 0; i < 100; i++) {
                        assertThat(back.getVector(0).getObject(i))
                                .isEqualTo(root.getVector(1).getObject(i));
                        assertThat(back.getVector(1).isNull(i)).isTrue();
                        assertThat(back.getVector(2).isNull(i)).isTrue();
                        assertThat(back.getVector(3).isNull(i)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void wrongProjectionsAreRefused() {
        for (List<Integer> fields :
                List.of(
                        List.<Integer>of(),
                        List.of(2),
                        List.of(1, 0),
                        List.of(0, 0),
                        List.of(-1))) {
            assertThatThrownBy(() -> BatchProjection.of(TYPE, fields))
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e ->
                                    assertThat(e.reason())
                                            .isEqualTo(ErrorReason.INVALID_COLUMN_PROJECTION));
        }
    }

    @Test
    void neighbouringColumnsAreSentAsOneRange() {
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = rows(allocator, 100)) {
            ByteBuffer stored = ArrowBatches.encode(root, 1, -1, -1, ArrowCompression.NONE, 3);
            assertThat(BatchProjection.of(TYPE, List.of(0, 1)).layout(stored).ranges()).hasSize(2);
        }
    }

    /** Every batch with a damaged byte decodes to something or is refused; nothing leaks. */
    @Test
    void damagedBatchesAreRefusedAndNothingLeaks() {
        SplittableRandom random = new SplittableRandom(20240607);
        List<JsonNode> cases =
                java.util.stream.Stream.of("log-batches.json", "log-batches-arrow-64.json")
                        .flatMap(GoldenVectors::cases)
                        .filter(c -> c.get("logFormat").asText().equals("ARROW"))
                        .filter(c -> c.get("magic").asInt() == 0)
                        .toList();
        int refused = 0;
        try (BufferAllocator allocator = new RootAllocator(1L << 28)) {
            for (JsonNode c : cases) {
                DataType.RowType type = GoldenVectors.rowType(c.get("fields"));
                byte[] bytes = GoldenVectors.hex(c.get("hex"));
                for (int round = 0; round < 60; round++) {
                    byte[] damaged = bytes.clone();
                    int from = Math.min(damaged.length - 1, LogBatch.RECORD_COUNT_OFFSET);
                    int at = random.nextInt(from, damaged.length);
                    if (round % 2 == 0) { // the metadata is where it hurts
                        at = Math.min(at, from + random.nextInt(300));
                    }
                    damaged[at] = (byte) random.nextInt();
                    refused += decodeDamaged(damaged, type, allocator) ? 0 : 1;
                }
                assertThat(allocator.getAllocatedMemory()).isZero();
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    private static boolean decodeDamaged(
            byte[] damaged, DataType.RowType type, BufferAllocator allocator) {
        try {
            LogBatch batch = LogBatch.at(ByteBuffer.wrap(damaged), 0);
            BatchProjection.of(type, List.of(0)).layout(ByteBuffer.wrap(damaged));
            try (VectorSchemaRoot root = ArrowBatches.decode(batch, type, allocator)) {
                List<JsonNode> read = new ArrayList<>();
                for (int i = 0; i < root.getRowCount(); i++) {
                    read.add(GoldenRows.row(root, type, i));
                }
            }
            return true;
        } catch (FlussException e) {
            assertThat(e.reason()).isIn(ErrorReason.CORRUPT_RECORD, ErrorReason.CORRUPT_MESSAGE);
            return false;
        } catch (org.apache.arrow.memory.OutOfMemoryException e) {
            return false; // a declared size below the bound, but above this small allocator
        }
    }
}
