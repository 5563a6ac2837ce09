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
package io.fluss.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.table.Column;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypeParserTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "BOOLEAN",
                "TINYINT NOT NULL",
                "SMALLINT",
                "INT",
                "BIGINT NOT NULL",
                "FLOAT",
                "DOUBLE",
                "CHAR(3)",
                "STRING",
                "BINARY(4)",
                "BYTES",
                "DECIMAL(38, 18)",
                "DATE",
                "TIME(3)",
                "TIMESTAMP(9)",
                "TIMESTAMP_LTZ(0) NOT NULL",
                "ARRAY<INT NOT NULL> NOT NULL",
                "MAP<STRING NOT NULL, ARRAY<BIGINT>>",
                "ROW<`a` INT, `b c` ROW<`d` STRING NOT NULL>>"
            })
    void readsWhatTypesSayOfThemselves(String type) {
        assertThat(TypeParser.column("x " + type).type()).hasToString(type);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer|INT",
                "varchar|STRING",
                "numeric|DECIMAL(10, 0)",
                "decimal(5)|DECIMAL(5, 0)",
                "timestamp|TIMESTAMP(6)",
                "timestamp(3) with local time zone|TIMESTAMP_LTZ(3)",
                "struct<a: int>|ROW<`a` INT>",
                "double precision|DOUBLE",
                "int null|INT"
            })
    void readsOtherWaysToSayIt(String written, String type) {
        assertThat(TypeParser.column("x " + written).type()).hasToString(type);
    }

    @Test
    void readsSeveralColumnsWithComments() {
        assertThat(TypeParser.columns("id BIGINT NOT NULL COMMENT 'it''s the key', `a b` STRING"))
                .satisfiesExactly(
                        id -> {
                            assertThat(id.name()).isEqualTo("id");
                            assertThat(id.comment()).contains("it's the key");
                        },
                        second -> assertThat(second).extracting(Column::name).isEqualTo("a b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id|expected a type such as INT or STRING at the end",
                "id BIGNT|found 'BIGNT'",
                "id INT NOT|expected 'NULL' at the end",
                "id INT x|expected nothing more, found 'x'",
                "id DECIMAL(99)|precision must be between 1 and 38",
                "id DECIMAL(x)|expected a number, found 'x'",
                "id ARRAY<INT|expected '>' at the end",
                "id VARCHAR(5)|use STRING",
                "1x INT|expected the name of a column, found '1x'",
                "`id INT|character 1 is not closed",
                "id INT COMMENT x|expected a comment in single quotes"
            })
    void saysWhatIsWrongWhere(String text, String message) {
        assertThatThrownBy(() -> TypeParser.column(text))
                .hasMessageContaining(text)
                .hasMessageContaining(message);
    }

    @Test
    void refusesEndlessNesting() {
        assertThatThrownBy(() -> TypeParser.column("x " + "ARRAY<".repeat(10_000)))
                .hasMessageContaining("nested more than");
    }
}
