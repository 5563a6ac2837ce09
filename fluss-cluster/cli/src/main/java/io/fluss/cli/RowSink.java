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

import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.UpsertWriter;
import io.fluss.errors.ErrorReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where the rows of {@code produce} go. */
interface RowSink extends AutoCloseable {
    /**
     * Writes a row that is given as text by column.
     *
     * @throws io.fluss.errors.FlussException if it does not fit
     */
    CompletableFuture<?> write(Map<String, @Nullable Object> row, RowText text);

    @Override
    void close();

    /** Appends rows. */
    static RowSink appending(AppendWriter writer) {
        return new RowSink() {
            @Override
            public CompletableFuture<?> write(Map<String, @Nullable Object> row, RowText text) {
                return writer.append(text.row(row));
            }

            @Override
            public void close() {
                writer.close();
            }
        };
    }

    /**
     * Upserts or deletes rows, as they say themselves in {@link RecordWriter#CHANGE_TYPE}.
     *
     * @param isDelete what becomes of rows that do not say
     */
    static RowSink upserting(UpsertWriter writer, List<String> key, boolean isDelete) {
        return new RowSink() {
            @Override
            public CompletableFuture<?> write(Map<String, @Nullable Object> row, RowText text) {
                Map<String, @Nullable Object> values = new LinkedHashMap<>(row);
                Object change = values.remove(RecordWriter.CHANGE_TYPE);
                if (isDelete) {
                    return delete(values, text);
                }
                if (change == null) {
                    return writer.upsert(text.row(values));
                }
                return switch (change.toString()) {
                    case "+I", "+U", "+A" -> writer.upsert(text.row(values));
                    case "-D" -> delete(values, text);
                    // What follows says what the row became.
                    case "-U" -> CompletableFuture.completedFuture(null);
                    default ->
                            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                                    RecordWriter.CHANGE_TYPE
                                            + " is '"
                                            + change
                                            + "', but must be +I, +U, -U or -D");
                };
            }

            private CompletableFuture<?> delete(
                    Map<String, @Nullable Object> values, RowText text) {
                Map<String, @Nullable Object> keys = new LinkedHashMap<>(values);
                keys.keySet().retainAll(key);
                return writer.delete(text.row(keys));
            }

            @Override
            public void close() {
                writer.close();
            }
        };
    }
}
