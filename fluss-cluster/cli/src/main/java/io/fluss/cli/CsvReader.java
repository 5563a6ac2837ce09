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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CSV as in RFC 4180, the first record being the names of the columns. An empty field is null, a
 * quoted empty one is empty text.
 */
final class CsvReader implements RecordReader {
    private static final int END = -1;

    private final BufferedReader in;
    private final char delimiter;
    private @Nullable List<String> header;
    private long line = 1;
    private long start = 1;
    private int peeked = END;
    private boolean isPeeked;

    CsvReader(BufferedReader in, char delimiter) {
        this.in = in;
        this.delimiter = delimiter;
    }

    @Override
    public Optional<Map<String, @Nullable Object>> next() throws IOException {
        List<String> names = header;
        if (names == null) {
            names = readHeader();
            header = names;
        }
        Optional<List<@Nullable String>> fields = record();
        if (fields.isEmpty()) {
            return Optional.empty();
        }
        List<@Nullable String> values = fields.get();
        if (values.size() != names.size()) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "it has " + values.size() + " fields, but the header has " + names.size());
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            row.put(names.get(i), values.get(i));
        }
        return Optional.of(row);
    }

    /** The names of the columns; empty if there is no header. */
    List<String> readHeader() throws IOException {
        List<String> names = new ArrayList<>();
        for (@Nullable String name : record().orElse(List.of())) {
            names.add(name == null ? "" : name.strip());
        }
        if (!names.isEmpty()) {
            // Spreadsheets begin files with a mark that is no text.
            names.set(0, names.get(0).replaceFirst("^\uFEFF", ""));
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "the header names a column twice: " + names);
        }
        return List.copyOf(names);
    }

    private Optional<List<@Nullable String>> record() throws IOException {
        while (peek() == '\n' || peek() == '\r') {
            read();
        }
        start = line;
        if (peek() == END) {
            return Optional.empty();
        }
        List<@Nullable String> fields = new ArrayList<>();
        while (true) {
            fields.add(field());
            int c = read();
            if (c == '\r' && peek() == '\n') {
                read();
            }
            if (c != delimiter) {
                return Optional.of(fields);
            }
        }
    }

    private @Nullable String field() throws IOException {
        if (peek() == '"') {
            return quoted();
        }
        StringBuilder text = new StringBuilder();
        while (!isFieldEnd(peek())) {
            text.append((char) read());
        }
        return text.isEmpty() ? null : text.toString();
    }

    private String quoted() throws IOException {
        StringBuilder text = new StringBuilder();
        read();
        while (true) {
            int c = read();
            if (c == END) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception("a quote is not closed");
            }
            if (c != '"') {
                text.append((char) c);
            } else if (peek() == '"') {
                text.append('"');
                read();
            } else {
                break;
            }
        }
        if (!isFieldEnd(peek())) {
            while (peek() != '\n' && peek() != END) {
                read();
            }
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "text follows a closed quote; write a quote in a quoted field twice");
        }
        return text.toString();
    }

    private boolean isFieldEnd(int c) {
        return c == delimiter || c == '\n' || c == '\r' || c == END;
    }

    private int peek() throws IOException {
        if (!isPeeked) {
            peeked = in.read();
            isPeeked = true;
        }
        return peeked;
    }

    private int read() throws IOException {
        int c = peek();
        isPeeked = false;
        if (c == '\n') {
            line++;
        }
        return c;
    }

    @Override
    public long line() {
        return start;
    }
}
