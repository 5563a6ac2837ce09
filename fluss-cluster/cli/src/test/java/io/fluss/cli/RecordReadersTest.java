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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows out of JSON lines and CSV, and places out of --from. */
class RecordReadersTest {
    @Test
    void readsCsvWithQuotesAndNulls() throws Exception {
        CsvReader reader = csv("\uFEFFid, name \r\n1,\"a,\"\"b\"\"\nc\"\r\n\n2,\n3,\"\"\n");
        assertThat(all(reader))
                .containsExactly(
                        Arrays.asList("1", "a,\"b\"\nc"),
                        Arrays.asList("2", null),
                        Arrays.asList("3", ""));
        assertThat(all(csv(""))).isEmpty();
    }

    @Test
    void csvErrorsNameTheLineAndReadingGoesOnBehind() throws Exception {
        CsvReader reader = csv("a,b\n1\n\"x\"y,2\n3,4\n\"open");
        assertThatThrownBy(reader::next).hasMessage("it has 1 fields, but the header has 2");
        assertThat(reader.line()).isEqualTo(2);
        assertThatThrownBy(reader::next).hasMessageContaining("text follows a closed quote");
        assertThat(reader.line()).isEqualTo(3);
        assertThat(reader.next().orElseThrow().values()).containsExactly("3", "4");
        assertThatThrownBy(reader::next).hasMessageContaining("a quote is not closed");
        assertThat(reader.line()).isEqualTo(5);
        assertThatThrownBy(() -> csv("a,a\n").next()).hasMessageContaining("twice");
    }

    @Test
    void readsJsonLines() throws Exception {
        JsonLines reader =
                new JsonLines(
                        new BufferedReader(
                                new StringReader(
                                        "{\"a\":1,\"b\":[1.50,null,{\"c\":true}]}\n\n{}\n{\"a\":1,"
                                                + "\"a\":2}\n1\n{\"a\":1} x\n")));
        Map<String, Object> first = reader.next().orElseThrow();
        assertThat(first.get("a")).isEqualTo(BigInteger.ONE);
        assertThat(first.get("b"))
                .isEqualTo(Arrays.asList(new BigDecimal("1.50"), null, Map.of("c", true)));
        assertThat(reader.next().orElseThrow()).isEmpty();
        assertThat(reader.line()).isEqualTo(3);
        assertThatThrownBy(reader::next).hasMessageContaining("Duplicate field 'a'");
        assertThat(reader.line()).isEqualTo(4);
        assertThatThrownBy(reader::next).hasMessageContaining("not a JSON object");
        assertThatThrownBy(reader::next).hasMessageContaining("not valid JSON at character");
        assertThat(reader.next()).isEmpty();
    }

    @Test
    void writesJsonThatReadsBack() {
        Map<String, @Nullable Object> value =
                Answers.map("a", new BigDecimal("1E+3"), "b", Double.NaN, "c", null, "d", "\u0007");
        assertThat(JsonText.write(value))
                .isEqualTo("{\"a\":1000,\"b\":\"NaN\",\"c\":null,\"d\":\"\\u0007\"}");
        assertThat(CellText.shown("a\u001b[31m\n")).isEqualTo("a\\u001b[31m\\n");
        assertThat(CellText.csv("a\"b")).isEqualTo("\"a\"\"b\"");
        assertThat(CellText.csv("")).isEqualTo("\"\"");
        assertThat(CellText.csv(null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2024-05-06T07:08:09Z, 2024-05-06T07:08:09Z",
        "2024-05-06T07:08:09+02:00, 2024-05-06T05:08:09Z",
        "2024-05-06 07:08:09, 2024-05-06T05:08:09Z",
        "2024-05-06, 2024-05-05T22:00:00Z",
        "10m, 2024-05-06T11:50:00Z"
    })
    void readsTimes(String text, Instant at) {
        StartPlace place = place(text);
        assertThat(place.spec())
                .isEqualTo(new io.fluss.client.OffsetSpec.AtTimestamp(at.toEpochMilli()));
        assertThat(place.offset()).isEmpty();
    }

    @Test
    void readsOffsetsAndRefusesTheRest() {
        assertThat(place("42").offset()).hasValue(42);
        assertThat(place("Latest").spec()).isInstanceOf(io.fluss.client.OffsetSpec.Latest.class);
        for (String bad : List.of("yesterday", "", "-5", "2024-13-01", "10 parsecs")) {
            assertThatThrownBy(() -> place(bad)).hasMessageContaining("--from '" + bad + "'");
        }
    }

    private static StartPlace place(String text) {
        return StartPlace.parse(
                text, Instant.parse("2024-05-06T12:00:00Z"), ZoneId.of("Europe/Berlin"));
    }

    private static CsvReader csv(String text) {
        return new CsvReader(new BufferedReader(new StringReader(text)), ',');
    }

    private static List<List<Object>> all(RecordReader reader) throws IOException {
        List<List<Object>> rows = new ArrayList<>();
        for (Optional<Map<String, Object>> row = reader.next();
                row.isPresent();
                row = reader.next()) {
            rows.add(new ArrayList<>(row.get().values()));
        }
        return rows;
    }
}
