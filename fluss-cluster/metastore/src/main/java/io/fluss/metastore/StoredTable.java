package io.fluss.metastore;

import io.fluss.table.TableInfo;
import io.fluss.table.TableSchema;
import java.util.List;

/**
 * A table as it is stored.
 *
 * @param schemas all versions; the schema with id {@code i} is at position {@code i - 1}
 */
public record StoredTable(TableInfo info, List<TableSchema> schemas) {
    public StoredTable {
        schemas = List.copyOf(schemas);
    }
}
