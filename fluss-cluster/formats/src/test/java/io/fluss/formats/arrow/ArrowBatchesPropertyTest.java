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
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fluss.formats.GoldenRows;
import io.fluss.formats.RandomRows;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrowBatchesPropertyTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void randomRowsComeBackWholeAndProjected(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DataType.RowType type = RandomRows.rowType(random);
        List<DataType.Field> fields = type.fields();
        List<JsonNode> rows = RandomRows.rows(random, type);
        List<Integer> chosen = new ArrayList<>();
        for (int c = 0; c < fields.size(); c++) {
            if (random.nextBoolean() || (chosen.isEmpty() && c == fields.size() - 1)) {
                chosen.add(c);
            }
        }
        DataType.RowType projected =
                new DataType.RowType(chosen.stream().map(fields::get).toList(), false);
        BatchProjection projection = BatchProjection.of(type, chosen);
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = GoldenRows.root(type, rows, allocator)) {
            for (ArrowCompression compression : ArrowCompression.values()) {
                ByteBuffer bytes = ArrowBatches.encode(root, 1, -1, -1, compression, 1);
                assertThat(read(bytes, type, allocator)).as("seed %s", seed).isEqualTo(rows);
                List<JsonNode> cut = new ArrayList<>();
                for (JsonNode row : rows) {
                    ArrayNode values = NODES.arrayNode();
                    chosen.forEach(c -> values.add(row.get(c)));
                    cut.add(values);
                }
                assertThat(
                                read(
                                        ArrowBatchesGoldenTest.project(projection, bytes),
                                        projected,
                                        allocator))
                        .as("seed %s, columns %s", seed, chosen)
                        .isEqualTo(cut);
            }
        }
    }

    private static List<JsonNode> read(
            ByteBuffer bytes, DataType.RowType type, BufferAllocator allocator) {
        List<JsonNode> rows = new ArrayList<>();
        try (VectorSchemaRoot root = ArrowBatches.decode(LogBatch.at(bytes, 0), type, allocator)) {
            for (int i = 0; i < root.getRowCount(); i++) {
                rows.add(GoldenRows.row(root, type, i));
            }
        }
        return rows;
    }
}
