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
package io.fluss.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.spark.write.UpsertTarget.Columns;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class UpsertColumnsTest {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("id", DataTypes.bigInt()),
                            Column.of("name", DataTypes.string()),
                            Column.of("n", DataTypes.bigInt())),
                    List.of("id"));

    @Test
    void writesWholeRowsByDefault() {
        assertThat(match("NAME STRING, id BIGINT", Optional.empty()))
                .isEqualTo(new Columns(List.of(0, 1, 2), List.of(1, 0, -1), -1));
    }

    @Test
    void writesOnlyTheWantedColumns() {
        assertThat(match("id BIGINT, name STRING, n BIGINT", Optional.of(List.of("ID", "n"))))
                .isEqualTo(new Columns(List.of(0, 2), List.of(0, 2), -1));
        assertThatThrownBy(() -> match("id BIGINT", Optional.of(List.of("id", "n"))))
                .hasMessageContaining("column 'n' shall be written, but the rows do not have it");
        assertThatThrownBy(() -> match("id BIGINT", Optional.of(List.of("id", "x"))))
                .hasMessageContaining("column 'x' is not a column of the table");
    }

    @Test
    void takesTheChangeTypeOutOfTheRows() {
        assertThat(match("name STRING, _change_type STRING, id BIGINT, n BIGINT", Optional.empty()))
                .isEqualTo(new Columns(List.of(0, 1, 2), List.of(2, 0, 3), 1));
        assertThatThrownBy(() -> match("id BIGINT, _change_type INT", Optional.empty()))
                .hasMessageContaining("'_change_type' must be STRING");
    }

    @Test
    void leavesOutTheColumnThatGetsNumbers() {
        TableSchema numbered =
                new TableSchema(
                        SCHEMA.columns(),
                        SCHEMA.primaryKey(),
                        Optional.of("n"),
                        SCHEMA.highestFieldId());

        assertThat(
                        UpsertColumns.match(
                                table(numbered),
                                StructType.fromDDL("id BIGINT, name STRING, n BIGINT"),
                                Optional.empty()))
                .isEqualTo(new Columns(List.of(0, 1), List.of(0, 1), -1));
    }

    @Test
    void findsTheKeyInRowIds() {
        assertThat(UpsertColumns.key(table(SCHEMA), StructType.fromDDL("x INT, id BIGINT")))
                .containsExactly(1);
    }

    private static Columns match(String rows, Optional<List<String>> wanted) {
        return UpsertColumns.match(table(SCHEMA), StructType.fromDDL(rows), wanted);
    }

    private static TableInfo table(TableSchema schema) {
        return new TableInfo(
                TablePath.of("d", "t"),
                1,
                1,
                TableDescriptor.of(schema).withBuckets(1, "id"),
                0,
                0);
    }
}
