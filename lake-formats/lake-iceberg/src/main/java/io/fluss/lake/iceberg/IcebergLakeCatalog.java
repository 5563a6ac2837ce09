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
package io.fluss.lake.iceberg;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeTable;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;

/** An Iceberg catalog of any type; a Fluss database is a namespace of one level. */
final class IcebergLakeCatalog implements LakeCatalog {
    private static final String NAME_PROPERTY = "name";
    private static final String NAME_DEFAULT = "fluss-iceberg-catalog";

    private final Catalog catalog;

    private IcebergLakeCatalog(Catalog catalog) {
        this.catalog = catalog;
    }

    static IcebergLakeCatalog open(Map<String, String> properties) {
        String name = properties.getOrDefault(NAME_PROPERTY, NAME_DEFAULT);
        try {
            return new IcebergLakeCatalog(
                    CatalogUtil.buildIcebergCatalog(
                            name, properties, HadoopConf.of(properties, System.getenv())));
        } catch (IllegalArgumentException e) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "cannot open the Iceberg catalog from the settings datalake.iceberg.* "
                            + properties.keySet()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void createTable(
            TablePath path, TableDescriptor descriptor, boolean creatingFlussTable) {
        TableLayout layout = TableLayout.of(path, descriptor);
        TableIdentifier id = identifier(path);
        createNamespace(id.namespace());
        if (!catalog.tableExists(id)) {
            try {
                catalog.createTable(id, layout.schema(), layout.spec(), layout.properties());
                return;
            } catch (AlreadyExistsException e) {
                // Somebody was faster; what they made is checked like any existing table.
            }
        }
        checkExisting(path, layout, load(path), creatingFlussTable);
    }

    @Override
    public LakeTable table(TablePath path) {
        return new IcebergLakeTable(this, path, load(path));
    }

    /** The table as it is now. */
    Table load(TablePath path) {
        try {
            return catalog.loadTable(identifier(path));
        } catch (NoSuchTableException e) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    path + " does not exist in the Iceberg catalog '" + catalog.name() + "'", e);
        }
    }

    @Override
    public void close() {
        if (catalog instanceof Closeable closeable) {
            try {
                closeable.close();
            } catch (IOException e) {
                throw ErrorReason.STORAGE.exception(
                        "closing the Iceberg catalog '" + catalog.name() + "': " + e.getMessage(),
                        e);
            }
        }
    }

    private static TableIdentifier identifier(TablePath path) {
        return TableIdentifier.of(Namespace.of(path.database()), path.table());
    }

    private void createNamespace(Namespace namespace) {
        if (catalog instanceof SupportsNamespaces namespaces
                && !namespaces.namespaceExists(namespace)) {
            try {
                namespaces.createNamespace(namespace);
            } catch (AlreadyExistsException e) {
                // Somebody was faster, which is as good.
            }
        }
    }

    /**
     * While no Fluss table is being created the {@code fluss.*} properties are not compared: they
     * follow those of the Fluss table and may lag behind.
     */
    private static void checkExisting(
            TablePath path, TableLayout layout, Table table, boolean creatingFlussTable) {
        List<String> differences = layout.differences(table, creatingFlussTable);
        if (!differences.isEmpty()) {
            throw ErrorReason.LAKE_TABLE_ALREADY_EXIST.exception(
                    "Iceberg table "
                            + path
                            + " exists and does not fit: "
                            + String.join("; ", differences)
                            + "; drop or rename it, or choose another table name");
        }
        if (creatingFlussTable && table.snapshots().iterator().hasNext()) {
            throw ErrorReason.LAKE_TABLE_ALREADY_EXIST.exception(
                    "Iceberg table "
                            + path
                            + " exists and has snapshots; drop it or choose another table name");
        }
    }
}
