package io.fluss.spark.read;

import io.fluss.spark.FlussOptions.ClientSettings;
import io.fluss.spark.connection.ShippedTable;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.io.Serializable;
import java.util.List;

/**
 * What a task needs to read log ranges of a table. Immutable.
 *
 * @param columns positions of the columns to fetch, at least one
 * @param columnCount how many of them are shown, from the first; 0 if only rows are counted
 */
public record LogSource(
        ClientSettings settings, ShippedTable table, List<Integer> columns, int columnCount)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public LogSource {
        columns = List.copyOf(columns);
    }

    /**
     * @param wanted positions of the wanted columns; empty to count rows, which fetches the
     *     cheapest column
     */
    public static LogSource of(ClientSettings settings, TableInfo table, List<Integer> wanted) {
        List<Integer> fetched = wanted.isEmpty() ? List.of(cheapest(table)) : wanted;
        return new LogSource(settings, ShippedTable.of(table), fetched, wanted.size());
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
