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
package io.fluss.client.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.VectorFill;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Java values into columns and back. */
class RowConverterTest {
    private static final DataType.RowType NESTED =
            DataTypes.row(
                    DataTypes.field("a", DataTypes.integer().notNull()),
                    DataTypes.field("b", DataTypes.array(DataTypes.string())));

    @Test
    void everyTypeComesBackAsItsNaturalClass() {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("k", 1L);
        map.put("none", null);
        TableInfo table =
                table(
                        DataTypes.bool(),
                        DataTypes.tinyInt(),
                        DataTypes.smallInt(),
                        DataTypes.integer(),
                        DataTypes.bigInt(),
                        DataTypes.floating(),
                        DataTypes.doubling(),
                        DataTypes.character(3),
                        DataTypes.string(),
                        DataTypes.binary(2),
                        DataTypes.bytes(),
                        DataTypes.decimal(38, 4),
                        DataTypes.date(),
                        DataTypes.time(3),
                        DataTypes.timestamp(9),
                        DataTypes.timestampLtz(3),
                        DataTypes.array(DataTypes.integer()),
                        DataTypes.map(DataTypes.string(), DataTypes.bigInt()),
                        NESTED,
                        DataTypes.string());
        Row row =
                roundTrip(
                        table,
                        GenericRow.of(
                                true,
                                -128,
                                32767,
                                BigInteger.valueOf(-5),
                                Long.MIN_VALUE,
                                1.5f,
                                -0.1,
                                "äöü",
                                "text",
                                new byte[] {1, 2},
                                ByteBuffer.wrap(new byte[] {3}),
                                new BigDecimal("-12345678901234567890.5"),
                                LocalDate.of(1969, 7, 20),
                                LocalTime.of(23, 59, 59, 999_999_999),
                                LocalDateTime.of(1900, 1, 2, 3, 4, 5, 6),
                                OffsetDateTime.parse("2024-05-06T07:08:09.123456+02:00"),
                                new int[] {1, 2},
                                map,
                                GenericRow.named().with("a", 7).with("b", Arrays.asList("x", null)),
                                null));
        assertThat(row.getBoolean("c0")).isTrue();
        assertThat(row.getInt(1)).isEqualTo(-128);
        assertThat(row.get(1)).isEqualTo((byte) -128);
        assertThat(row.getLong(2)).isEqualTo(32767);
        assertThat(row.getInt(3)).isEqualTo(-5);
        assertThat(row.getLong(4)).isEqualTo(Long.MIN_VALUE);
        assertThat(row.getFloat(5)).isEqualTo(1.5f);
        assertThat(row.getDouble(5)).isEqualTo(1.5);
        assertThat(row.getDouble(6)).isEqualTo(-0.1);
        assertThat(row.getString(7)).isEqualTo("äöü");
        assertThat(row.getString("c8")).isEqualTo("text");
        assertThat(row.getBytes(9)).containsExactly(1, 2);
        assertThat(row.getBytes(10)).containsExactly(3);
        assertThat(row.getDecimal(11)).isEqualTo(new BigDecimal("-12345678901234567890.5000"));
        assertThat(row.getDate(12)).isEqualTo("1969-07-20");
        assertThat(row.getTime(13)).isEqualTo("23:59:59.999");
        assertThat(row.getTimestamp(14)).isEqualTo("1900-01-02T03:04:05.000000006");
        assertThat(row.getInstant(15)).isEqualTo(Instant.parse("2024-05-06T05:08:09.123Z"));
        assertThat(row.getList(16)).containsExactly(1, 2);
        assertThat(row.getMap(17)).isEqualTo(map);
        assertThat(row.getRow(18).getInt("a")).isEqualTo(7);
        assertThat(row.getRow(18).getList("b")).containsExactly("x", null);
        assertThat(row.isNull("c19")).isTrue();
        assertThat(row.get(19)).isNull();
    }

    @Test
    void namedColumnsMayBeLeftOut() {
        TableInfo table = table(DataTypes.bigInt().notNull(), DataTypes.string());
        Row row = roundTrip(table, GenericRow.named(Map.of("c0", 1)));
        assertThat(row.toMap()).containsEntry("c0", 1L).containsEntry("c1", null);
    }

    static List<Arguments> refused() {
        return List.of(
                Arguments.of(DataTypes.integer(), 1L << 31, "cannot hold Long '2147483648'"),
                Arguments.of(DataTypes.integer(), "1", "takes a whole number, but got String '1'"),
                Arguments.of(DataTypes.tinyInt(), 128, "cannot hold Integer '128'"),
                Arguments.of(
                        DataTypes.bigInt(), BigInteger.ONE.shiftLeft(64), "cannot hold BigInteger"),
                Arguments.of(DataTypes.floating(), 0.1, "without loss; give it as a Float"),
                Arguments.of(DataTypes.doubling(), Long.MAX_VALUE, "cannot hold Long"),
                Arguments.of(DataTypes.bool(), "true", "takes a Boolean, but got String 'true'"),
                Arguments.of(DataTypes.string(), 'c', "takes text, but got Character 'c'"),
                Arguments.of(DataTypes.binary(2), new byte[3], "exactly that many bytes"),
                Arguments.of(DataTypes.bytes(), "x", "takes bytes"),
                Arguments.of(DataTypes.decimal(5, 2), new BigDecimal("1.234"), "without loss"),
                Arguments.of(DataTypes.decimal(5, 2), 1000, "cannot hold Integer '1000'"),
                Arguments.of(DataTypes.decimal(5, 2), new BigDecimal("1e999999999"), "cannot hold"),
                Arguments.of(DataTypes.date(), "2024-01-01", "takes a LocalDate"),
                Arguments.of(DataTypes.timestamp(9), LocalDateTime.MAX, "cannot hold"),
                Arguments.of(DataTypes.timestampLtz(3), Instant.MAX, "cannot hold"),
                Arguments.of(
                        DataTypes.array(DataTypes.integer()),
                        List.of(1, "x"),
                        "has element 1, which of type INT takes a whole number"),
                Arguments.of(
                        DataTypes.array(DataTypes.integer().notNull()),
                        Arrays.asList(1, null),
                        "has element 1, which is NOT NULL"),
                Arguments.of(NESTED, Map.of("b", List.of()), "has field 'a', which is NOT NULL"),
                Arguments.of(NESTED, Map.of("a", 1, "z", 1), "has no fields [z]"),
                Arguments.of(NESTED, GenericRow.of(1), "has 2 fields, but got 1"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(DataType type, Object value, String message) {
        RowConverter converter = RowConverter.of(table(type));
        assertThatThrownBy(() -> converter.convert(GenericRow.of(value)))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TARGET_COLUMN))
                .hasMessageStartingWith("db.t: column 'c0' of type " + type)
                .hasMessageContaining(message);
    }

    @Test
    void refusesNullsUnknownColumnsAndOtherWidths() {
        RowConverter converter =
                RowConverter.of(table(DataTypes.bigInt().notNull(), DataTypes.string()));
        assertThatThrownBy(() -> converter.convert(GenericRow.named(Map.of("c1", "x"))))
                .hasMessage("db.t: column 'c0' is NOT NULL, but the row has no value for it");
        assertThatThrownBy(() -> converter.convert(GenericRow.named(Map.of("id", 1))))
                .hasMessage("db.t: column 'id' does not exist; columns are [c0, c1]");
        assertThatThrownBy(() -> converter.convert(GenericRow.of(1)))
                .hasMessageContaining("has 1 values, but the table has 2 columns");
        assertThatThrownBy(() -> GenericRow.of(1).with("c1", "x"))
                .hasMessageContaining("made by position");
    }

    @Test
    void readingAnotherTypeSaysWhatTheColumnIs() {
        Row row =
                roundTrip(table(DataTypes.string(), DataTypes.bigInt()), GenericRow.of("a", null));
        assertThatThrownBy(() -> row.getLong("c0"))
                .hasMessage("column 'c0' is of type STRING, which getInt does not read");
        assertThatThrownBy(() -> row.getLong(1)).hasMessageContaining("'c1' is null");
        assertThatThrownBy(() -> row.get("x")).hasMessageContaining("columns are [c0, c1]");
        assertThatThrownBy(() -> row.get(2)).hasMessageContaining("not in 0 to 1");
    }

    private static TableInfo table(DataType... types) {
        Column[] columns = new Column[types.length];
        for (int i = 0; i < types.length; i++) {
            columns[i] = Column.of("c" + i, types[i]);
        }
        return new TableInfo(
                TablePath.of("db", "t"),
                1,
                1,
                TableDescriptor.of(TableSchema.of(columns)).withBuckets(1),
                0,
                0);
    }

    private static Row roundTrip(TableInfo table, GenericRow row) {
        DataType.RowType type = table.schema().rowType();
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator)) {
            root.allocateNew();
            VectorFill fill = VectorFill.onto(root, type);
            fill.add(RowConverter.of(table).convert(row).values());
            fill.finish();
            return RowReading.of(type).read(ArrowRow.of(root).at(0));
        }
    }
}
