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
package io.fluss.kv.aggregate;

import io.fluss.formats.row.RowValues;
import io.fluss.table.AggregateRules;
import io.fluss.table.Column;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** How the stored and the incoming value of a column become one. */
@FunctionalInterface
public interface Aggregate {

    /** Which value is the result. */
    enum Result {
        STORED,
        INCOMING,
        COMPUTED
    }

    /**
     * Merges two values, each of which may be null.
     *
     * @param out gets the result if it is computed
     * @throws io.fluss.errors.FlussException if there is no result, which refuses the batch
     */
    Result merge(RowValues stored, RowValues incoming, int column, Cell out);

    /**
     * Refuses a value that later ones could not be merged with, before it becomes the first.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN
     */
    default void checkFirst(RowValues incoming, int column) {}

    /**
     * The function of a column; {@code last_value_ignore_nulls} if it has none.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG if the type of the column does not
     *     go with it, or for wrong parameters
     */
    static Aggregate of(Column column) {
        Optional<Column.AggregateFunction> declared = column.aggregate();
        String name =
                declared.map(f -> AggregateRules.canonical(f.name()))
                        .orElse("last_value_ignore_nulls");
        AggregateRules.check(column);
        return switch (name) {
            case "sum" -> skipNulls(Arithmetic.sum(column));
            case "product" -> skipNulls(Arithmetic.product(column));
            case "max" -> skipNulls(Extreme.max(column.type()));
            case "min" -> skipNulls(Extreme.min(column.type()));
            case "last_value" -> (stored, incoming, i, out) -> Result.INCOMING;
            case "last_value_ignore_nulls" ->
                    (stored, incoming, i, out) ->
                            incoming.isNull(i) ? Result.STORED : Result.INCOMING;
            // A stored null cannot be told from "never set", so the two are the same.
            case "first_value", "first_value_ignore_nulls" ->
                    (stored, incoming, i, out) ->
                            stored.isNull(i) ? Result.INCOMING : Result.STORED;
            case "listagg", "string_agg" ->
                    skipNulls(
                            new JoinedText(
                                    declared.orElseThrow()
                                            .parameters()
                                            .getOrDefault("delimiter", ",")
                                            .getBytes(StandardCharsets.UTF_8)));
            case "bool_and" ->
                    skipNulls(
                            (stored, incoming, i, out) -> {
                                out.bool = stored.bool(i) && incoming.bool(i);
                                return Result.COMPUTED;
                            });
            case "bool_or" ->
                    skipNulls(
                            (stored, incoming, i, out) -> {
                                out.bool = stored.bool(i) || incoming.bool(i);
                                return Result.COMPUTED;
                            });
            case "rbm32" -> skipNulls(Bitmaps.union32(column), b -> Bitmaps.check32(column, b));
            case "rbm64" -> skipNulls(Bitmaps.union64(column), b -> Bitmaps.check64(column, b));
            default -> throw new IllegalStateException(name + " has rules, but no function");
        };
    }

    /** If one is null, the result is the other. */
    private static Aggregate skipNulls(Aggregate ofValues) {
        return (stored, incoming, i, out) -> {
            if (stored.isNull(i)) {
                return Result.INCOMING;
            }
            return incoming.isNull(i) ? Result.STORED : ofValues.merge(stored, incoming, i, out);
        };
    }

    private static Aggregate skipNulls(Aggregate ofValues, Consumer<byte[]> check) {
        Aggregate merging = skipNulls(ofValues);
        return new Aggregate() {
            @Override
            public Result merge(RowValues stored, RowValues incoming, int column, Cell out) {
                if (stored.isNull(column)) {
                    checkFirst(incoming, column);
                }
                return merging.merge(stored, incoming, column, out);
            }

            @Override
            public void checkFirst(RowValues incoming, int column) {
                if (!incoming.isNull(column)) {
                    check.accept(incoming.bytes(column));
                }
            }
        };
    }
}
