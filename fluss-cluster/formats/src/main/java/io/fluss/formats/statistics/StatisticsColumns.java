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
package io.fluss.formats.statistics;

import io.fluss.formats.row.RowEncoder;
import io.fluss.formats.row.RowFormat;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The columns of a table whose batches carry statistics. Immutable. */
public final class StatisticsColumns {
    private final DataType.RowType type;
    private final int[] positions;
    private final RowEncoder rows;

    private StatisticsColumns(DataType.RowType schema, List<Integer> positions) {
        this.type = boundsType(schema, positions);
        this.positions = positions.stream().mapToInt(Integer::intValue).toArray();
        this.rows = RowFormat.ALIGNED.encoder(type);
    }

    /**
     * What {@code table.statistics.columns} of a table says: names, or {@code *} for every column
     * of a type that has statistics. Empty without the option, for tables with a primary key and
     * for logs in row formats. Names that cannot have statistics are passed over; the server has
     * refused them.
     */
    public static Optional<StatisticsColumns> of(TableDescriptor table) {
        Optional<String> option = table.options().statisticsColumns();
        if (option.isEmpty()
                || table.hasPrimaryKey()
                || table.options().logFormat() != LogFormat.ARROW) {
            return Optional.empty();
        }
        DataType.RowType schema = table.schema().rowType();
        boolean all = option.get().trim().equals(TableOptions.STATISTICS_OF_ALL_COLUMNS);
        Set<String> names = new HashSet<>();
        for (String name : option.get().split(",", -1)) {
            names.add(name.trim());
        }
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < Math.min(schema.fields().size(), Short.MAX_VALUE); i++) {
            DataType.Field f = schema.fields().get(i);
            if ((all || names.contains(f.name())) && isSupported(f.type())) {
                positions.add(i);
            }
        }
        return positions.isEmpty() ? Optional.empty() : Optional.of(of(schema, positions));
    }

    /** Columns of a row by their positions, ascending. */
    public static StatisticsColumns of(DataType.RowType schema, List<Integer> positions) {
        return new StatisticsColumns(schema, positions);
    }

    /** False for BINARY, BYTES and nested types. */
    public static boolean isSupported(DataType type) {
        return !type.isNested()
                && !(type instanceof DataType.BinaryType)
                && !(type instanceof DataType.BytesType);
    }

    /** The type of the rows of smallest and of largest values: these columns, all nullable. */
    static DataType.RowType boundsType(DataType.RowType schema, List<Integer> positions) {
        return new DataType.RowType(
                positions.stream()
                        .map(p -> schema.fields().get(p))
                        .map(f -> DataType.Field.of(f.name(), f.type().nullable()))
                        .toList(),
                false);
    }

    public int count() {
        return positions.length;
    }

    /** Where the column stands in the schema. */
    public int position(int column) {
        return positions[column];
    }

    public DataType type(int column) {
        return type.fields().get(column).type();
    }

    RowEncoder rows() {
        return rows;
    }
}
