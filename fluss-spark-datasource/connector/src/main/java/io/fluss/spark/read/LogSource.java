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

import io.fluss.spark.FlussOptions;
import io.fluss.spark.FlussOptions.ClientSettings;
import io.fluss.spark.connection.ShippedTable;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.StructType;

/**
 * What a task needs to read log ranges of a table. Immutable.
 *
 * @param columns positions of the columns to fetch, at least one
 * @param columnCount how many of them are shown, from the first; 0 if only rows are counted
 * @param metadata shown behind the columns
 * @param rowsMax a reader may end after so many rows
 */
public record LogSource(
        ClientSettings settings,
        ShippedTable table,
        List<Integer> columns,
        int columnCount,
        List<RowMetadata> metadata,
        long rowsMax,
        List<Predicate> filters)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public LogSource {
        columns = List.copyOf(columns);
        metadata = List.copyOf(metadata);
        filters = List.copyOf(filters);
    }

    /** The same for rows that match filters; batches that have none may be left out. */
    LogSource where(List<Predicate> wanted) {
        return new LogSource(settings, table, columns, columnCount, metadata, rowsMax, wanted);
    }

    /** The same with more metadata behind the columns. */
    LogSource showing(List<RowMetadata> all) {
        return new LogSource(settings, table, columns, columnCount, all, rowsMax, filters);
    }

    /** The source of the columns of a read, with the metadata that it shows. */
    static LogSource of(TableInfo table, FlussOptions options, StructType schema, long rowsMax) {
        List<Integer> positions = new ArrayList<>();
        List<RowMetadata> metadata = new ArrayList<>();
        for (String name : schema.fieldNames()) {
            RowMetadata.of(table.schema(), name)
                    .ifPresentOrElse(
                            metadata::add,
                            () -> positions.add(table.schema().positionOf(name).orElseThrow()));
        }
        return of(options.shippedClientSettings(), table, positions, metadata, rowsMax);
    }

    /**
     * The source of some columns.
     *
     * @param wanted positions of the wanted columns; empty to count rows, which fetches the
     *     cheapest column
     */
    static LogSource of(
            ClientSettings settings,
            TableInfo table,
            List<Integer> wanted,
            List<RowMetadata> metadata,
            long rowsMax) {
        List<Integer> fetched = wanted.isEmpty() ? List.of(cheapest(table)) : wanted;
        return new LogSource(
                settings,
                ShippedTable.of(table),
                fetched,
                wanted.size(),
                metadata,
                rowsMax,
                List.of());
    }

    /** Position of the column with the fewest bytes a row. */
    static int cheapest(TableInfo table) {
        List<DataType> types = table.schema().columns().stream().map(c -> c.type()).toList();
        int best = 0;
        for (int i = 1; i < types.size(); i++) {
            if (ColumnWidth.of(types.get(i)) < ColumnWidth.of(types.get(best))) {
                best = i;
            }
        }
        return best;
    }
}
