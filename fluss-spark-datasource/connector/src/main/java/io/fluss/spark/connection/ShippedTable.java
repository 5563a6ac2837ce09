package io.fluss.spark.connection;

import io.fluss.formats.json.TableJson;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.io.Serializable;

/** A table info on its way from the driver to a task. */
public final class ShippedTable implements Serializable {
    private static final long serialVersionUID = 1L;

    private final TablePath path;
    private final long tableId;
    private final int schemaId;
    private final byte[] descriptor;
    private final long createdTimeMs;
    private final long modifiedTimeMs;

    private ShippedTable(TableInfo table) {
        this.path = table.path();
        this.tableId = table.tableId();
        this.schemaId = table.schemaId();
        this.descriptor = TableJson.write(table.descriptor());
        this.createdTimeMs = table.createdTimeMs();
        this.modifiedTimeMs = table.modifiedTimeMs();
    }

    public static ShippedTable of(TableInfo table) {
        return new ShippedTable(table);
    }

    public TableInfo unpack() {
        return new TableInfo(
                path,
                tableId,
                schemaId,
                TableJson.read(descriptor),
                createdTimeMs,
                modifiedTimeMs);
    }
}
