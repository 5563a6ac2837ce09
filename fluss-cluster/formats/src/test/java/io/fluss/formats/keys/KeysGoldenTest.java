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
package io.fluss.formats.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenRows;
import io.fluss.formats.GoldenValues;
import io.fluss.formats.GoldenVectors;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.row.RowValues;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KeysGoldenTest {

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static DataType.RowType rowOf(JsonNode types) {
        List<DataType.Field> fields = new ArrayList<>();
        for (JsonNode t : types) {
            fields.add(DataType.Field.of("k" + fields.size(), GoldenVectors.type(t)));
        }
        return new DataType.RowType(fields, false);
    }

    private static List<DataType> types(DataType.RowType row) {
        return row.fields().stream().map(DataType.Field::type).toList();
    }

    @TestFactory
    Stream<DynamicTest> encodesKeys() {
        return GoldenVectors.cases("keys.json")
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("name").asText(),
                                        () -> {
                                            check(c, "fluss", KeyEncoder::compacted);
                                            check(c, "paimon", KeyEncoder::paimon);
                                            check(c, "iceberg", KeyEncoder::iceberg);
                                        }));
    }

    private static void check(
            JsonNode c,
            String encoding,
            BiFunction<DataType.RowType, List<String>, KeyEncoder> encoder) {
        DataType.RowType row = rowOf(c.get("types"));
        List<String> key = row.fields().stream().map(DataType.Field::name).toList();
        GoldenValues values = new GoldenValues(c.get("key"), types(row));
        if (c.get(encoding).isNull()) {
            assertThatThrownBy(() -> encoder.apply(row, key).encode(values))
                    .as(encoding)
                    .isInstanceOf(FlussException.class);
        } else {
            assertThat(hex(encoder.apply(row, key).encode(values)))
                    .as(encoding)
                    .isEqualTo(c.get(encoding).asText());
        }
    }

    @TestFactory
    Stream<DynamicTest> encodesKeysOfTables() {
        int[] number = {0};
        return GoldenVectors.stream(GoldenVectors.file("keys.json").get("tableCases"))
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        "table case " + number[0]++ + " " + c.get("properties"),
                                        () -> tableCase(c)));
    }

    private static TableDescriptor table(JsonNode c) {
        List<Column> columns = new ArrayList<>();
        for (JsonNode f : c.get("fields")) {
            columns.add(Column.of(f.get("name").asText(), GoldenVectors.type(f.get("type"))));
        }
        TableDescriptor table =
                TableDescriptor.of(TableSchema.of(columns, texts(c.get("primaryKey"))))
                        .withPartitionKeys(texts(c.get("partitionKeys")).toArray(new String[0]))
                        .withBuckets(3, texts(c.get("bucketKeys")).toArray(new String[0]));
        for (var p : c.get("properties").properties()) {
            table = table.withProperty(p.getKey(), p.getValue().asText());
        }
        return table;
    }

    /** The decoder checks by itself that the row it gives has the key. */
    private static void decodes(TableDescriptor table, byte[] key, RowValues row) {
        Optional<String> partition =
                table.partitionKeys().isEmpty()
                        ? Optional.empty()
                        : Optional.of(PartitionNames.of(table).name(row));
        KeyDecoder decoder = KeyDecoder.of("db.t", table, partition);
        RowValues decoded = decoder.decode(key);
        partition.ifPresent(p -> assertThat(PartitionNames.of(table).name(decoded)).isEqualTo(p));
        if (table.options().lakeFormat().isPresent()) {
            return; // any bytes are a text key of Iceberg
        }
        assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(key, key.length + 1)))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("db.t");
    }

    private static List<String> texts(JsonNode array) {
        return array == null || array.isNull()
                ? List.of()
                : GoldenVectors.stream(array).map(JsonNode::asText).toList();
    }

    private static void tableCase(JsonNode c) {
        TableDescriptor table = table(c);
        DataType.RowType row = table.schema().rowType();
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = GoldenRows.root(row, List.of(c.get("row")), allocator)) {
            if (c.has("rejected")) {
                assertThatThrownBy(() -> keysOf(table, root)).isInstanceOf(FlussException.class);
                return;
            }
            if (c.hasNonNull("primaryKeyHex")) {
                byte[] key = KeyEncoder.forPrimaryKey(table).encode(root, 0);
                assertThat(hex(key)).isEqualTo(c.get("primaryKeyHex").asText());
                decodes(table, key, ArrowRow.of(root).at(0));
            }
            if (c.hasNonNull("prefixLookupKeyHex")) {
                assertThat(hex(KeyEncoder.forPrefixKey(table).encode(root, 0)))
                        .isEqualTo(c.get("prefixLookupKeyHex").asText());
            }
            if (c.hasNonNull("bucketKeyHex")) {
                byte[] key = KeyEncoder.forBucketKey(table).orElseThrow().encode(root, 0);
                assertThat(hex(key)).isEqualTo(c.get("bucketKeyHex").asText());
                BucketFunction function = BucketFunction.of(table.options().lakeFormat());
                assertThat(List.of(function.bucket(key, 3), function.bucket(key, 16)))
                        .isEqualTo(
                                List.of(
                                        c.get("bucketsOf3And16").get(0).asInt(),
                                        c.get("bucketsOf3And16").get(1).asInt()));
            }
            if (c.hasNonNull("partitionName")) {
                assertThat(PartitionNames.of(table).name(ArrowRow.of(root).at(0)))
                        .isEqualTo(c.get("partitionName").asText());
            }
        }
    }

    private static void keysOf(TableDescriptor table, VectorSchemaRoot root) {
        if (table.hasPrimaryKey()) {
            KeyEncoder.forPrimaryKey(table).encode(root, 0);
        }
        KeyEncoder.forBucketKey(table).ifPresent(k -> k.encode(root, 0));
    }

    @Test
    void hashesKeys() {
        GoldenVectors.cases("hashes.json")
                .forEach(
                        c -> {
                            int h = BucketFunction.murmur42(GoldenVectors.hex(c.get("hex")));
                            assertThat(h).isEqualTo(c.get("murmur42").asInt());
                            assertThat(BucketFunction.flussMixed(h))
                                    .isEqualTo(c.get("flussMixed").asInt());
                        });
    }

    @Test
    void picksBuckets() {
        JsonNode file = GoldenVectors.file("buckets.json");
        for (JsonNode c : file.get("cases")) {
            for (BucketFunction function :
                    List.of(BucketFunction.FLUSS, BucketFunction.PAIMON, BucketFunction.ICEBERG)) {
                JsonNode expected = c.get(function.name().toLowerCase(java.util.Locale.ROOT));
                if (expected == null || expected.isNull()) {
                    continue;
                }
                byte[] key = GoldenVectors.hex(expected.get("keyHex"));
                if (expected.has("rejected")) {
                    assertThatThrownBy(() -> function.bucket(key, 3))
                            .isInstanceOf(FlussException.class);
                    continue;
                }
                for (int i = 0; i < expected.get("buckets").size(); i++) {
                    assertThat(function.bucket(key, file.get("bucketCounts").get(i).asInt()))
                            .as("%s of %s", function, c)
                            .isEqualTo(expected.get("buckets").get(i).asInt());
                }
            }
        }
    }

    @Test
    void namesPartitions() {
        for (JsonNode c : GoldenVectors.file("partition-names.json").get("values")) {
            DataType.RowType row = rowOf(GoldenVectors.MAPPER.createArrayNode().add(c.get("type")));
            GoldenValues values =
                    new GoldenValues(
                            GoldenVectors.MAPPER.createArrayNode().add(c.get("value")), types(row));
            PartitionNames names = PartitionNames.of(row, List.of("k0"));
            if (c.get("validPartitionValue").asBoolean()) {
                assertThat(names.name(values)).isEqualTo(c.get("name").asText());
            } else {
                assertThatThrownBy(() -> names.name(values)).isInstanceOf(FlussException.class);
            }
        }
    }

    @Test
    void joinsPartitionValues() {
        for (JsonNode c : GoldenVectors.file("partition-names.json").get("multi")) {
            List<DataType.Field> fields =
                    texts(c.get("keys")).stream()
                            .map(k -> DataType.Field.of(k, io.fluss.types.DataTypes.string()))
                            .toList();
            DataType.RowType row = new DataType.RowType(fields, false);
            PartitionNames names = PartitionNames.of(row, texts(c.get("keys")));
            GoldenValues values = new GoldenValues(c.get("values"), types(row));
            assertThat(names.name(values)).isEqualTo(c.get("partitionName").asText());
            assertThat(names.spec(values).keySet()).containsExactlyElementsOf(texts(c.get("keys")));
        }
    }
}
