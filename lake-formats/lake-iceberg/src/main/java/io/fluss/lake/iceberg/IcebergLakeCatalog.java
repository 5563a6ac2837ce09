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
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.PendingUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.types.Types;

/** An Iceberg catalog of any type; a Fluss database is a namespace of one level. */
final class IcebergLakeCatalog implements LakeCatalog {
    private static final String NAME_PROPERTY = "name";
    private static final String NAME_DEFAULT = "fluss-iceberg-catalog";

    /** How rows are deleted is decided when a table is created (lakehouse document, 4.4). */
    private static final Set<String> FIXED_PROPERTIES =
            Set.of(
                    TableProperties.DELETE_MODE,
                    TableProperties.UPDATE_MODE,
                    TableProperties.MERGE_MODE);

    private final Catalog catalog;
    private final CatalogName name;

    private IcebergLakeCatalog(Catalog catalog, CatalogName name) {
        this.catalog = catalog;
        this.name = name;
    }

    static IcebergLakeCatalog open(Map<String, String> properties) {
        String name = properties.getOrDefault(NAME_PROPERTY, NAME_DEFAULT);
        CatalogName shown = CatalogName.of(name, properties);
        return new IcebergLakeCatalog(shown.ask("open", () -> build(name, properties)), shown);
    }

    private static Catalog build(String name, Map<String, String> properties) {
        try {
            return CatalogUtil.buildIcebergCatalog(
                    name, properties, HadoopConf.of(properties, System.getenv()));
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
        name.run("create table " + path, () -> createOrCheck(path, descriptor, creatingFlussTable));
    }

    private void createOrCheck(
            TablePath path, TableDescriptor descriptor, boolean creatingFlussTable) {
        LayoutGeneration wanted = LayoutGeneration.of(descriptor);
        TableLayout layout = TableLayout.of(path, descriptor, wanted);
        TableIdentifier id = identifier(path);
        createNamespace(id.namespace());
        if (!catalog.tableExists(id)) {
            try {
                // The table is built here and now; the handle is not needed.
                var unused =
                        catalog.buildTable(id, layout.schema())
                                .withPartitionSpec(layout.spec())
                                .withSortOrder(layout.sortOrder())
                                .withProperties(layout.properties())
                                .create();
                return;
            } catch (AlreadyExistsException e) {
                // Somebody was faster; what they made is checked like any existing table.
            }
        }
        Table existing = load(path);
        LayoutGeneration actual = LayoutGeneration.of(existing.schema());
        // An existing table keeps its generation, unless the other one was asked for by name.
        boolean isFree = descriptor.properties().get(TableOptions.DATALAKE_LAYOUT) == null;
        checkExisting(
                path,
                isFree ? TableLayout.of(path, descriptor, actual) : layout,
                existing,
                creatingFlussTable);
    }

    @Override
    public void alterOptions(TablePath path, Map<String, Optional<String>> changes) {
        changes.keySet().stream()
                .map(TableLayout::property)
                .map(k -> k.startsWith("fluss.") ? k.substring("fluss.".length()) : k)
                .filter(FIXED_PROPERTIES::contains)
                .findFirst()
                .ifPresent(
                        k -> {
                            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                                    path
                                            + ": Iceberg property '"
                                            + k
                                            + "' is fixed when the table is created");
                        });
        UpdateProperties update = load(path).updateProperties();
        changes.forEach(
                (k, v) -> {
                    String key = TableLayout.property(k);
                    v.ifPresentOrElse(value -> update.set(key, value), () -> update.remove(key));
                });
        name.run("alter table " + path, () -> commit(path, update));
    }

    @Override
    public void addColumns(TablePath path, TableDescriptor current, TableDescriptor target) {
        Table table = load(path);
        LayoutGeneration generation = LayoutGeneration.of(table.schema());
        TableLayout after = TableLayout.of(path, target, generation);
        if (after.hasColumnsOf(table.schema())) {
            return;
        }
        if (!TableLayout.of(path, current, generation).hasColumnsOf(table.schema())) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "Iceberg table "
                            + path
                            + " does not have the columns of the Fluss table: "
                            + String.join("; ", after.structureDifferences(table))
                            + "; undo the change that was made in Iceberg");
        }
        UpdateSchema update = table.updateSchema();
        int known = current.schema().columns().size();
        int wanted = target.schema().columns().size();
        for (Types.NestedField f : after.schema().columns().subList(known, wanted)) {
            // The form with a parent takes names with dots as they are.
            update.addColumn(null, f.name(), f.type(), f.doc());
            if (generation == LayoutGeneration.LEGACY) {
                update.moveBefore(f.name(), LayoutGeneration.BUCKET);
            }
        }
        name.run("alter table " + path, () -> commit(path, update));
    }

    private static void commit(TablePath path, PendingUpdate<?> update) {
        try {
            update.commit();
        } catch (CommitFailedException e) {
            throw ErrorReason.STORAGE.exception(
                    "Iceberg table "
                            + path
                            + " was changed by others in every attempt to alter it; try again",
                    e);
        } catch (ValidationException | IllegalArgumentException e) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "Iceberg refuses the change of " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public LakeTable table(TablePath path) {
        return new IcebergLakeTable(this, path, load(path));
    }

    /** The table as it is now. */
    Table load(TablePath path) {
        return name.ask("load table " + path, () -> confirming(path));
    }

    private Table confirming(TablePath path) {
        Table table;
        try {
            table = catalog.loadTable(identifier(path));
        } catch (NoSuchTableException e) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    path + " does not exist in " + name.text(), e);
        }
        return table instanceof BaseTable base
                ? new BaseTable(
                        new ConfirmingOperations(base.operations()), base.name(), base.reporter())
                : table;
    }

    @Override
    public void close() {
        if (catalog instanceof Closeable closeable) {
            try {
                closeable.close();
            } catch (IOException e) {
                throw ErrorReason.STORAGE.exception(
                        "closing " + name.text() + ": " + e.getMessage(), e);
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
