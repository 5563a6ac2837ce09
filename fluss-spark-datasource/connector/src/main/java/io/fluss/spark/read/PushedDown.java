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
package io.fluss.spark.read;

import io.fluss.spark.pruning.Pruning;
import io.fluss.table.TableInfo;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/**
 * What Spark asked a scan to do itself. Immutable.
 *
 * @param filters all hold for the wanted rows; whether Spark looks again was settled with it
 * @param limit more rows than this are not wanted
 */
record PushedDown(List<Predicate> filters, OptionalInt limit) {
    static final PushedDown NOTHING = new PushedDown(List.of(), OptionalInt.empty());

    PushedDown {
        filters = List.copyOf(filters);
    }

    /** A reader may end after so many rows. */
    long rowsMax() {
        return limit.isPresent() ? limit.getAsInt() : Long.MAX_VALUE;
    }

    Pruning pruning(TableInfo table) {
        return Pruning.of(table, filters);
    }

    /** Filters on columns of the table only: the lake does not know the metadata of rows. */
    List<Predicate> onColumns(TableInfo table, List<Predicate> more) {
        return Stream.concat(filters.stream(), more.stream())
                .filter(
                        f ->
                                Arrays.stream(f.references())
                                        .map(NamedReference::fieldNames)
                                        .allMatch(n -> hasColumn(table, n[0])))
                .toList();
    }

    private static boolean hasColumn(TableInfo table, String name) {
        return table.schema().positionOf(name).isPresent();
    }

    /** For EXPLAIN. */
    String description(TableInfo table) {
        String text = filters.isEmpty() ? "" : ", pushed filters " + filters;
        text += pruning(table).description();
        return text + (limit.isPresent() ? ", limit " + limit.getAsInt() : "");
    }
}
