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
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenRows;
import io.fluss.formats.RandomRows;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowBatchesPropertyTest {
    private static final List<LogFormat> FORMATS = List.of(LogFormat.INDEXED, LogFormat.COMPACTED);
    private static final JsonNode NULL_ROW = JsonNodeFactory.instance.arrayNode().addNull();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void randomRowsComeBackWholeAndInPart(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DataType.RowType type = RandomRows.rowType(random);
        List<JsonNode> rows = RandomRows.rows(random, type);
        int last = type.fields().size() - 1;
        DataType.RowType lastOnly = new DataType.RowType(List.of(type.fields().get(last)), false);
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = GoldenRows.root(type, rows, allocator)) {
            for (LogFormat format : FORMATS) {
                LogBatch batch = LogBatch.at(RowBatches.encode(root, type, format, 1, -1, -1), 0);
                batch.checkCrc();
                try (VectorSchemaRoot all = RowBatches.decode(batch, type, format, allocator);
                        VectorSchemaRoot part =
                                RowBatches.decode(batch, type, format, List.of(last), allocator)) {
                    List<JsonNode> read = new ArrayList<>();
                    for (int i = 0; i < all.getRowCount(); i++) {
                        read.add(GoldenRows.row(all, type, i));
                        assertThat(GoldenRows.row(part, lastOnly, i).get(0))
                                .isEqualTo(rows.get(i).get(last));
                    }
                    assertThat(read).as("seed %s %s", seed, type).isEqualTo(rows);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void damagedBatchesAreReadOrRefusedAndNothingLeaks(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DataType.RowType type = RandomRows.rowType(random);
        List<JsonNode> rows = RandomRows.rows(random, type);
        int refused = 0;
        for (LogFormat format : FORMATS) {
            for (int round = 0; round < 40; round++) {
                try (BufferAllocator allocator = new RootAllocator()) {
                    ByteBuffer bytes;
                    try (VectorSchemaRoot root = GoldenRows.root(type, rows, allocator)) {
                        bytes = RowBatches.encode(root, type, format, 1, -1, -1);
                    }
                    for (int i = random.nextInt(1, 6); i > 0; i--) {
                        bytes.put(
                                random.nextInt(LogBatch.HEADER_SIZE, bytes.limit()),
                                (byte) random.nextInt());
                    }
                    LogBatch batch = LogBatch.at(bytes, 0);
                    RowBatches.decode(batch, type, format, allocator).close();
                } catch (FlussException e) {
                    assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD);
                    refused++;
                }
            }
        }
        assertThat(refused).as("seed %s %s", seed, type).isPositive();
    }

    @Test
    void refusesFewBytesThatStandForGigabytes() {
        DataType.RowType type =
                DataTypes.row(DataTypes.field("b", DataTypes.binary(Integer.MAX_VALUE)));
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot nulls =
                        GoldenRows.root(
                                DataTypes.row(DataTypes.field("b", DataTypes.binary(1))),
                                List.of(NULL_ROW, NULL_ROW),
                                allocator)) {
            LogBatch batch =
                    LogBatch.at(RowBatches.encode(nulls, type, LogFormat.COMPACTED, 1, -1, -1), 0);
            assertThatThrownBy(() -> RowBatches.decode(batch, type, LogFormat.COMPACTED, allocator))
                    .isInstanceOf(FlussException.class)
                    .hasMessageContaining("in memory");
        }
    }

    @Test
    void refusesUnknownChangeTypesAndBytesBehindTheLastRecord() {
        DataType.RowType type = DataTypes.row(DataTypes.field("i", DataTypes.tinyInt()));
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot nulls = GoldenRows.root(type, List.of(NULL_ROW), allocator)) {
            ByteBuffer bytes = RowBatches.encode(nulls, type, LogFormat.INDEXED, 1, -1, -1);
            bytes.put(LogBatch.HEADER_SIZE + 4, (byte) 9);
            assertThatThrownBy(() -> RowBatches.changeTypes(LogBatch.at(bytes, 0)))
                    .hasMessageContaining("change type 9 of record 0");
            bytes.put(LogBatch.HEADER_SIZE + 4, ChangeType.APPEND.code());
            bytes.putInt(LogBatch.RECORD_COUNT_OFFSET, 0);
            assertThatThrownBy(() -> RowBatches.changeTypes(LogBatch.at(bytes, 0)))
                    .hasMessageContaining("bytes behind the last record");
        }
    }
}
