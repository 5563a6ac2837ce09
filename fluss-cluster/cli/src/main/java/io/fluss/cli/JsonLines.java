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

import io.fluss.errors.ErrorReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One JSON object a line; empty lines are passed over. */
final class JsonLines implements RecordReader {
    private final BufferedReader in;
    private long line;

    JsonLines(BufferedReader in) {
        this.in = in;
    }

    @Override
    public Optional<Map<String, @Nullable Object>> next() throws IOException {
        String text = in.readLine();
        line++;
        while (text != null && text.isBlank()) {
            text = in.readLine();
            line++;
        }
        if (text == null) {
            return Optional.empty();
        }
        if (!(JsonText.read(text) instanceof Map<?, ?> object)) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "it is not a JSON object such as {\"id\": 1}");
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        object.forEach((k, v) -> row.put(String.valueOf(k), v));
        return Optional.of(row);
    }

    @Override
    public long line() {
        return line;
    }
}
