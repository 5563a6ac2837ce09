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
package io.fluss.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.json.BucketOffsetsJson;
import io.fluss.formats.json.DataTypeJson;
import io.fluss.formats.json.DatabaseJson;
import io.fluss.formats.json.SchemaJson;
import io.fluss.formats.json.TableJson;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.BatchStatistics;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

/**
 * Damaged golden bytes: every decoder ends with a value or with its one error. The seed is fixed;
 * {@code -Dfluss.fuzz.iterations} makes a longer run.
 */
class DecodersFuzzTest {
    private static final int ITERATIONS = Integer.getInteger("fluss.fuzz.iterations", 15_000);
    private static final long MEMORY_MAX = 1L << 28;
    private static final List<ErrorReason> CORRUPT =
            List.of(
                    ErrorReason.CORRUPT_RECORD,
                    ErrorReason.CORRUPT_MESSAGE,
                    ErrorReason.UNSUPPORTED_VERSION);

    private record Golden(byte[] bytes, LogFormat format, DataType.RowType type) {}

    private static List<Golden> batches() {
        return Stream.of(
                        "log-batches.json",
                        "log-batches-arrow-64.json",
                        "log-batches-newer-magic.json")
                .flatMap(GoldenVectors::cases)
                .map(
                        c ->
                                new Golden(
                                        GoldenVectors.hex(c.get("hex")),
                                        LogFormat.valueOf(c.path("logFormat").asText("ARROW")),
                                        GoldenVectors.rowType(c.get("fields"))))
                .toList();
    }

    @Test
    void logBatches() {
        List<Golden> all = batches();
        SplittableRandom random = new SplittableRandom(20_240_701);
        int whole = 0;
        try (BufferAllocator allocator = new RootAllocator(MEMORY_MAX)) {
            for (int i = 0; i < ITERATIONS; i++) {
                Golden golden = all.get(random.nextInt(all.size()));
                byte[] damaged = damaged(random, golden.bytes, all);
                try {
                    decode(damaged, golden, allocator);
                    whole++;
                } catch (FlussException e) {
                    assertThat(e.reason()).as(hex(damaged)).isIn(CORRUPT);
                } catch (org.apache.arrow.memory.OutOfMemoryException e) {
                    // Below the bound of a batch, above that of this allocator: nothing was taken.
                    assertThat(e).hasMessageContaining("Unable to allocate");
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("iteration " + i + ": " + hex(damaged), e);
                }
                assertThat(allocator.getAllocatedMemory()).as(hex(damaged)).isZero();
            }
        }
        assertThat(whole).isLessThan(ITERATIONS);
    }

    private static void decode(byte[] damaged, Golden golden, BufferAllocator allocator) {
        ByteBuffer bytes = ByteBuffer.wrap(damaged);
        LogBatch batch = LogBatch.at(bytes, 0);
        BatchStatistics.of(batch.statistics(), golden.type)
                .ifPresent(DecodersFuzzTest::readStatistics);
        boolean isArrow = golden.format == LogFormat.ARROW;
        if (isArrow && bytes.get(LogBatch.MAGIC_OFFSET) != 2) {
            BatchProjection.metadataSize(bytes);
            BatchProjection.of(golden.type, List.of(0)).layout(bytes);
        }
        List<Integer> columns = IntStream.range(0, golden.type.fields().size()).boxed().toList();
        try (VectorSchemaRoot root =
                isArrow
                        ? ArrowBatches.decode(batch, golden.type, allocator)
                        : RowBatches.decode(
                                batch, golden.type, golden.format, columns, allocator)) {
            for (int i = 0; i < Math.min(1_000, root.getRowCount()); i++) {
                assertThat(GoldenRows.row(root, golden.type, i)).isNotNull();
            }
        }
        if (isArrow) {
            ArrowBatches.changeTypes(batch);
        } else {
            RowBatches.changeTypes(batch);
        }
    }

    private static void readStatistics(BatchStatistics s) {
        for (int i = 0; i < s.positions().size(); i++) {
            assertThat(s.indexOf(s.positions().get(i))).isNotNegative();
            assertThat(s.nullCount(i)).isNotNull();
        }
    }

    @Test
    void jsonDocuments() {
        List<JsonNode> documents = GoldenVectors.cases("json-documents.json").toList();
        List<Golden> all =
                documents.stream()
                        .map(
                                d ->
                                        new Golden(
                                                d.get("json")
                                                        .asText()
                                                        .getBytes(StandardCharsets.UTF_8),
                                                LogFormat.ARROW,
                                                new DataType.RowType(List.of(), false)))
                        .toList();
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < ITERATIONS; i++) {
            int which = random.nextInt(documents.size());
            byte[] damaged = damaged(random, all.get(which).bytes, all);
            try {
                switch (documents.get(which).get("kind").asText()) {
                    case "schema" -> SchemaJson.read(damaged);
                    case "table" -> TableJson.read(damaged);
                    case "database" -> DatabaseJson.read(damaged);
                    case "tableBucketOffsets" -> BucketOffsetsJson.read(damaged);
                    default -> DataTypeJson.read(damaged);
                }
            } catch (FlussException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException | Error e) {
                throw new AssertionError("iteration " + i + ": " + hex(damaged), e);
            }
        }
    }

    @Test
    void typesNestedWithoutEndAreRefused() {
        String deep =
                "{\"type\":\"ARRAY\",\"element_type\":".repeat(100_000)
                        + "{\"type\":\"INTEGER\"}"
                        + "}".repeat(100_000);
        assertThatThrownBy(() -> DataTypeJson.read(deep.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(FlussException.class);
    }

    private static byte[] damaged(SplittableRandom random, byte[] golden, List<Golden> all) {
        byte[] bytes = golden.clone();
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int n = random.nextInt(1, 4); n > 0 && bytes.length > 16; n--) {
            // Headers and metadata are where it hurts.
            int end = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 400);
            int at = random.nextInt(end - 8);
            int[] ints = {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 30, bytes.length};
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> b.putInt(at, ints[random.nextInt(ints.length)]);
                case 3 -> b.putLong(at, random.nextLong() >> random.nextInt(64));
                case 4 -> b.putInt(at, b.getInt(at) + random.nextInt(-9, 10));
                default -> {
                    byte[] other = all.get(random.nextInt(all.size())).bytes;
                    int length = Math.min(random.nextInt(64), Math.min(other.length, end) - 8);
                    if (length > 0 && at + length <= bytes.length) {
                        System.arraycopy(other, 0, bytes, at, length);
                    }
                }
            }
        }
        return random.nextInt(8) == 0 ? cut(random, bytes) : bytes;
    }

    private static byte[] cut(SplittableRandom random, byte[] bytes) {
        List<Integer> sizes = new ArrayList<>(List.of(0, bytes.length / 2));
        sizes.add(random.nextInt(bytes.length + 1));
        return java.util.Arrays.copyOf(bytes, sizes.get(random.nextInt(sizes.size())));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
