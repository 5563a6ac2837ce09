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
package io.fluss.formats.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenValues;
import io.fluss.formats.GoldenVectors;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowReader;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KvGoldenTest {
    @TestFactory
    Stream<DynamicTest> writesAndReadsPublishedUpsertBatches() {
        return GoldenVectors.cases("kv-batches.json")
                .map(c -> DynamicTest.dynamicTest(c.get("name").asText(), () -> upserts(c)));
    }

    private static void upserts(JsonNode c) {
        DataType.RowType type = type(c.get("types"));
        RowFormat format = RowFormat.valueOf(c.get("kvFormat").asText());
        byte[] expected = GoldenVectors.hex(c.get("hex"));
        KvBatchWriter writer = new KvBatchWriter(format.encoder(type));
        for (JsonNode r : c.get("records")) {
            byte[] key = GoldenVectors.hex(r.get("keyHex"));
            if (r.get("row").isNull()) {
                writer.delete(key);
            } else {
                writer.upsert(key, GoldenValues.of(r.get("row"), type));
            }
        }
        assertThat(
                        bytes(
                                writer.finish(
                                        c.get("schemaId").asInt(),
                                        c.get("writerId").asLong(),
                                        c.get("batchSequence").asInt())))
                .isEqualTo(expected);

        KvBatch batch = KvBatch.of(expected);
        assertThat(batch.schemaId()).isEqualTo(c.get("schemaId").asInt());
        assertThat(batch.writerId()).isEqualTo(c.get("writerId").asLong());
        assertThat(batch.sequence()).isEqualTo(c.get("batchSequence").asInt());
        assertThat(batch.recordCount()).isEqualTo(c.get("recordCount").asInt());
        RowReader rows = format.reader(type);
        ByteBuffer buffer = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode r : c.get("records")) {
            assertThat(batch.next()).isTrue();
            assertThat(Arrays.copyOfRange(expected, batch.keyAt(), batch.rowAt()))
                    .isEqualTo(GoldenVectors.hex(r.get("keyHex")));
            assertThat(batch.isDelete()).isEqualTo(r.get("row").isNull());
            if (!batch.isDelete()) {
                assertThat(
                                GoldenValues.read(
                                        rows.open(buffer, batch.rowAt(), batch.rowSize()), type))
                        .isEqualTo(GoldenValues.read(GoldenValues.of(r.get("row"), type), type));
            }
        }
        assertThat(batch.next()).isFalse();
    }

    @TestFactory
    Stream<DynamicTest> writesAndReadsPublishedValueBatches() {
        JsonNode all = GoldenVectors.file("value-records.json").get("valueRecordBatches");
        return StreamSupport.stream(all.spliterator(), false)
                .map(c -> DynamicTest.dynamicTest(c.get("kvFormat").asText(), () -> values(c)));
    }

    private static void values(JsonNode c) {
        ValueBatch.Writer writer = new ValueBatch.Writer();
        List<byte[]> values = new ArrayList<>();
        for (JsonNode v : c.get("values")) {
            byte[] value = GoldenVectors.hex(v.get("hex"));
            DataType.RowType type = type(v.get("types"));
            byte[] row =
                    RowFormat.valueOf(v.get("kvFormat").asText())
                            .encoder(type)
                            .encode(GoldenValues.of(v.get("row"), type));
            assertThat(Arrays.copyOfRange(value, 2, value.length)).isEqualTo(row);
            assertThat(value[0]).isEqualTo((byte) v.get("schemaId").asInt());
            writer.add(value);
            values.add(value);
        }
        byte[] expected = GoldenVectors.hex(c.get("hex"));
        assertThat(writer.finish()).isEqualTo(expected);
        assertThat(ValueBatch.values(ByteBuffer.wrap(expected)).stream().map(KvGoldenTest::bytes))
                .containsExactlyElementsOf(values);
    }

    /** Whatever the bytes are, there is one kind of error and nothing outside is read. */
    @Test
    void damagedBatchesAreRefused() {
        List<byte[]> golden =
                GoldenVectors.cases("kv-batches.json")
                        .map(c -> GoldenVectors.hex(c.get("hex")))
                        .toList();
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = golden.get(random.nextInt(golden.size())).clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            walk(random.nextBoolean() ? bytes : cut);
        }
    }

    private static void walk(byte[] bytes) {
        try {
            KvBatch batch = KvBatch.of(withCrc(bytes));
            while (batch.next()) {
                assertThat(batch.rowAt() + batch.rowSize()).isLessThanOrEqualTo(bytes.length);
            }
        } catch (FlussException e) {
            assertThat(e.reason())
                    .isIn(ErrorReason.CORRUPT_RECORD, ErrorReason.UNSUPPORTED_VERSION);
        }
        try {
            ValueBatch.values(ByteBuffer.wrap(bytes));
        } catch (FlussException e) {
            assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD);
        }
    }

    private static byte[] withCrc(byte[] bytes) {
        if (bytes.length >= KvBatch.HEADER_SIZE) {
            java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
            crc.update(bytes, 9, bytes.length - 9);
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(0, bytes.length - 4)
                    .putInt(5, (int) crc.getValue());
        }
        return bytes;
    }

    @Test
    void aFlippedBitIsFound() {
        byte[] bytes =
                GoldenVectors.hex(
                        GoldenVectors.cases("kv-batches.json").toList().get(1).get("hex"));
        bytes[bytes.length - 1] ^= 1;
        assertThatThrownBy(() -> KvBatch.of(bytes)).hasMessageContaining("checksum");
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] all = new byte[buffer.remaining()];
        buffer.get(buffer.position(), all);
        return all;
    }

    private static DataType.RowType type(JsonNode types) {
        List<DataType.Field> fields = new ArrayList<>();
        types.forEach(
                t -> fields.add(DataType.Field.of("f" + fields.size(), GoldenVectors.type(t))));
        return new DataType.RowType(fields, false);
    }
}
