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
package io.fluss.client;

import io.fluss.table.Column;

/** One change of a table. Options and columns cannot be changed in one call. */
public sealed interface TableChange {
    /** Sets a {@code table.*} option that can be altered, or any property of one's own. */
    record SetOption(String key, String value) implements TableChange {}

    /** Takes an option back to its default. */
    record ResetOption(String key) implements TableChange {}

    /**
     * Adds a column at the end; it must be nullable, and is null in rows that are there already.
     */
    record AddColumn(Column column) implements TableChange {}
}
