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
package io.fluss.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonErrorsTest {

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"type\":\"VARCHAR\"}",
                "{\"type\":7}",
                "{\"type\":\"CHAR\"}",
                "{\"type\":\"CHAR\",\"length\":0}",
                "{\"type\":\"CHAR\",\"length\":99999999999}",
                "{\"type\":\"DECIMAL\",\"precision\":39,\"scale\":0}",
                "{\"type\":\"INTEGER\",\"nullable\":\"no\"}",
                "{\"type\":\"ROW\",\"fields\":{}}",
                "{\"type\":\"ROW\",\"fields\":[{\"name\":\"x\"}]}",
            })
    void refusesWhatIsNoType(String json) {
        assertInvalid(() -> DataTypeJson.read(utf8(json)), "data type");
    }

    @Test
    void refusesTypesThatAreTooDeep() {
        String json = "{\"type\":\"ARRAY\",\"element_type\":".repeat(5000);
        assertInvalid(() -> DataTypeJson.read(utf8(json)), "depth");
    }

    @Test
    void saysWhereTheErrorIs() {
        String json =
                """
                {"columns":[{"name":"a","data_type":{"type":"INTEGER"}},
                            {"name":"b","data_type":{"type":"MAP","key_type":{"type":"STRING"},
                             "value_type":{"type":"TEXT"}}}]}""";
        assertInvalid(
                () -> SchemaJson.read(utf8(json)),
                "schema.columns[1].data_type.value_type has the unknown type 'TEXT'");
    }

    @Test
    void refusesIdsThatAreGivenTwiceOrInPart() {
        assertInvalid(() -> SchemaJson.read(utf8(columns("\"id\":1", "\"id\":1"))), "id 1 twice");
        assertInvalid(() -> SchemaJson.read(utf8(columns("\"id\":1", "\"x\":1"))), "all or none");
    }

    private static String columns(String first, String second) {
        return "{\"columns\":[{\"name\":\"a\",\"data_type\":{\"type\":\"INTEGER\"},"
                + first
                + "},{\"name\":\"b\",\"data_type\":{\"type\":\"INTEGER\"},"
                + second
                + "}]}";
    }

    @Test
    void columnsWithoutIdsAreNumberedByPosition() {
        var schema = SchemaJson.read(utf8(columns("\"x\":0", "\"x\":0")));
        assertThat(schema.columns().get(1).id()).isEqualTo(1);
        assertThat(schema.highestFieldId()).isEqualTo(1);
    }

    @Test
    void refusesOffsetsOfAnotherVersionOrBothKinds() {
        assertInvalid(
                () -> BucketOffsetsJson.read(utf8("{\"version\":2,\"table_id\":1}")), "version 2");
        assertInvalid(
                () ->
                        BucketOffsetsJson.read(
                                utf8(
                                        "{\"version\":1,\"table_id\":1,\"bucket_offsets\":[1],"
                                                + "\"partition_offsets\":[]}")),
                "both");
    }

    private static void assertInvalid(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String part) {
        assertThatThrownBy(call)
                .hasMessageContaining(part)
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TABLE));
    }
}
