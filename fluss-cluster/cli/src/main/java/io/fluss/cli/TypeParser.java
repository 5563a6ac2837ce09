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
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads columns written as in SQL: {@code id BIGINT NOT NULL COMMENT 'the key'}. Belongs to one
 * thread; used once.
 */
final class TypeParser {
    private static final int DEPTH_MAX = 32;

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private int next;
    private int depth;

    private TypeParser(String text) {
        this.text = text;
        tokenize();
    }

    /**
     * One column.
     *
     * @throws FlussException with INVALID_TABLE saying what was expected where
     */
    static Column column(String text) {
        TypeParser parser = new TypeParser(text);
        Column column = parser.column();
        parser.end();
        return column;
    }

    /** Columns with commas between them. */
    static List<Column> columns(String text) {
        TypeParser parser = new TypeParser(text);
        List<Column> columns = new ArrayList<>();
        do {
            columns.add(parser.column());
        } while (parser.accept(","));
        parser.end();
        return columns;
    }

    private Column column() {
        String name = name("the name of a column");
        DataType type = type();
        Column column = Column.of(name, type);
        return comment().map(column::withComment).orElse(column);
    }

    private Optional<String> comment() {
        if (!accept("COMMENT")) {
            return Optional.empty();
        }
        String quoted = take("a comment in single quotes");
        if (!quoted.startsWith("'")) {
            throw expected("a comment in single quotes", quoted);
        }
        return Optional.of(unquoted(quoted));
    }

    private DataType type() {
        if (++depth > DEPTH_MAX) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "'" + text + "': types are nested more than " + DEPTH_MAX + " deep");
        }
        String name = take("a type such as INT or STRING");
        DataType type = nullable(name.toUpperCase(Locale.ROOT), name);
        depth--;
        if (accept("NOT")) {
            need("NULL");
            return type.notNull();
        }
        accept("NULL");
        return type;
    }

    private DataType nullable(String name, String written) {
        return switch (name) {
            case "BOOLEAN", "BOOL" -> DataTypes.bool();
            case "TINYINT" -> DataTypes.tinyInt();
            case "SMALLINT" -> DataTypes.smallInt();
            case "INT", "INTEGER" -> DataTypes.integer();
            case "BIGINT", "LONG" -> DataTypes.bigInt();
            case "FLOAT" -> DataTypes.floating();
            case "DOUBLE" -> doubling();
            case "CHAR" -> checked(() -> DataTypes.character(parameter(1)));
            case "STRING", "VARCHAR" -> string(name);
            case "BINARY" -> checked(() -> DataTypes.binary(parameter(1)));
            case "BYTES", "VARBINARY" -> DataTypes.bytes();
            case "DECIMAL", "NUMERIC" -> decimal();
            case "DATE" -> DataTypes.date();
            case "TIME" -> checked(() -> DataTypes.time(parameter(0)));
            case "TIMESTAMP" -> timestamp();
            case "TIMESTAMP_LTZ" -> checked(() -> DataTypes.timestampLtz(parameter(6)));
            case "ARRAY" -> array();
            case "MAP" -> map();
            case "ROW", "STRUCT" -> row();
            default -> throw expected("a type such as INT, STRING or DECIMAL(10, 2)", written);
        };
    }

    private DataType doubling() {
        accept("PRECISION");
        return DataTypes.doubling();
    }

    private DataType string(String name) {
        if (name.equals("VARCHAR") && peek().equals("(")) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "'" + text + "': text has no longest length here; use STRING");
        }
        return DataTypes.string();
    }

    private DataType decimal() {
        int precision = 10;
        int scale = 0;
        if (accept("(")) {
            precision = number();
            scale = accept(",") ? number() : 0;
            need(")");
        }
        int p = precision;
        int s = scale;
        return checked(() -> DataTypes.decimal(p, s));
    }

    private DataType timestamp() {
        int precision = parameter(6);
        if (accept("WITH")) {
            need("LOCAL");
            need("TIME");
            need("ZONE");
            return checked(() -> DataTypes.timestampLtz(precision));
        }
        return checked(() -> DataTypes.timestamp(precision));
    }

    private DataType array() {
        need("<");
        DataType element = type();
        need(">");
        return DataTypes.array(element);
    }

    private DataType map() {
        need("<");
        DataType key = type();
        need(",");
        DataType value = type();
        need(">");
        return DataTypes.map(key, value);
    }

    private DataType row() {
        need("<");
        List<DataType.Field> fields = new ArrayList<>();
        do {
            String name = name("the name of a field");
            accept(":");
            DataType type = type();
            fields.add(new DataType.Field(name, type, comment(), -1));
        } while (accept(","));
        need(">");
        return new DataType.RowType(fields, true);
    }

    private int parameter(int absent) {
        if (!accept("(")) {
            return absent;
        }
        int value = number();
        need(")");
        return value;
    }

    private int number() {
        String token = take("a number");
        try {
            return Integer.parseInt(token);
        } catch (NumberFormatException e) {
            throw expected("a number", token);
        }
    }

    private DataType checked(java.util.function.Supplier<DataType> type) {
        try {
            return type.get();
        } catch (IllegalArgumentException e) {
            throw ErrorReason.INVALID_TABLE.exception("'" + text + "': " + e.getMessage(), e);
        }
    }

    private String name(String what) {
        String token = take(what);
        if (token.startsWith("`")) {
            return unquoted(token);
        }
        if (!Character.isJavaIdentifierStart(token.charAt(0))) {
            throw expected(what, token);
        }
        return token;
    }

    // ---- tokens

    private String peek() {
        return next < tokens.size() ? tokens.get(next) : "";
    }

    private boolean accept(String token) {
        if (peek().equalsIgnoreCase(token)) {
            next++;
            return true;
        }
        return false;
    }

    private void need(String token) {
        if (!accept(token)) {
            throw expected("'" + token + "'", peek());
        }
    }

    private String take(String what) {
        if (next == tokens.size()) {
            throw expected(what, "");
        }
        return tokens.get(next++);
    }

    private void end() {
        if (next < tokens.size()) {
            throw expected("nothing more", peek());
        }
    }

    private FlussException expected(String what, String found) {
        return ErrorReason.INVALID_TABLE.exception(
                "'"
                        + text
                        + "': expected "
                        + what
                        + (found.isEmpty() ? " at the end" : ", found '" + found + "'"));
    }

    private void tokenize() {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '\'' || c == '`') {
                at = quoted(at, c);
            } else if (isWord(c)) {
                int end = at;
                while (end < text.length() && isWord(text.charAt(end))) {
                    end++;
                }
                tokens.add(text.substring(at, end));
                at = end;
            } else {
                tokens.add(String.valueOf(c));
                at++;
            }
        }
    }

    private int quoted(int start, char quote) {
        int end = start + 1;
        while (end < text.length()) {
            if (text.charAt(end) != quote) {
                end++;
            } else if (end + 1 < text.length() && text.charAt(end + 1) == quote) {
                end += 2;
            } else {
                tokens.add(text.substring(start, end + 1));
                return end + 1;
            }
        }
        throw ErrorReason.INVALID_TABLE.exception(
                "'" + text + "': the quote at character " + (start + 1) + " is not closed");
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
    }

    private static String unquoted(String token) {
        String quote = token.substring(0, 1);
        return token.substring(1, token.length() - 1).replace(quote + quote, quote);
    }
}
