package io.fluss.coordinator;

import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;

/** Lake tables as the coordinator needs them. Calls block and are made on the I/O executor. */
public interface LakeTables {
    /**
     * Creates the lake table, or accepts one that is there and compatible.
     *
     * @param creatingFlussTable an existing lake table must then be empty
     * @throws io.fluss.errors.FlussException with LAKE_TABLE_ALREADY_EXIST or INVALID_TABLE
     */
    void create(TablePath path, TableDescriptor descriptor, boolean creatingFlussTable);
}
