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

import io.fluss.client.row.GenericRow;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes rows of a table out of text by column. Immutable. */
final class RowText {
    private final TableInfo table;
    private final Map<String, TextValues> columns = new LinkedHashMap<>();

    RowText(TableInfo table) {
        this.table = table;
        for (Column c : table.schema().columns()) {
            columns.put(c.name(), TextValues.of(c.type()));
        }
    }

    /**
     * A row to write. An unknown column is refused by the client, which says what there is.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN naming table, column, type and value
     */
    GenericRow row(Map<String, ? extends @Nullable Object> texts) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        texts.forEach(
                (column, given) -> {
                    TextValues type = columns.get(column);
                    values.put(
                            column,
                            given == null || type == null ? given : converted(column, type, given));
                });
        return GenericRow.named(values);
    }

    private Object converted(String column, TextValues type, Object given) {
        try {
            return type.convert(given);
        } catch (FlussException e) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table.path()
                            + ": column '"
                            + column
                            + "' of type "
                            + table.schema().column(column).type()
                            + " "
                            + e.getMessage(),
                    e);
        }
    }
}
