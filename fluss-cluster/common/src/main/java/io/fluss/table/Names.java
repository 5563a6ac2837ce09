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
package io.fluss.table;

import io.fluss.errors.ErrorReason;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rule for names of databases, tables and partition values: 1 to 200 of {@code A-Z a-z 0-9 _
 * -}; names that start with {@code __} are reserved (data formats document, section 10).
 */
public final class Names {
    /** Column names that no table may have. */
    public static final Set<String> RESERVED_COLUMNS =
            Set.of(
                    "__offset",
                    "__timestamp",
                    "__bucket",
                    "_change_type",
                    "_log_offset",
                    "_commit_timestamp");

    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_-]{1,200}");

    private Names() {}

    public static void checkDatabase(String name) {
        problem(name, true)
                .ifPresent(
                        p -> {
                            throw ErrorReason.INVALID_DATABASE.exception(
                                    "database name '" + name + "' " + p);
                        });
    }

    public static void checkTable(TablePath path) {
        checkDatabase(path.database());
        problem(path.table(), true)
                .ifPresent(
                        p -> {
                            throw ErrorReason.INVALID_TABLE.exception(
                                    "table name '" + path.table() + "' " + p);
                        });
    }

    /**
     * What is wrong with a name, if anything; {@code reservedRefused} also refuses the prefix
     * {@code __}.
     */
    public static Optional<String> problem(String name, boolean reservedRefused) {
        if (!ALLOWED.matcher(name).matches()) {
            return Optional.of(
                    "is not valid: it must be 1 to 200 of the characters A-Z a-z 0-9 _ -");
        }
        if (reservedRefused && name.startsWith("__")) {
            return Optional.of("is not valid: names that start with __ are reserved");
        }
        return Optional.empty();
    }
}
