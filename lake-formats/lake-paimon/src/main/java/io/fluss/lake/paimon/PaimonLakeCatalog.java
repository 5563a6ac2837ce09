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
package io.fluss.lake.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeTable;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.options.CatalogOptions;
import org.apache.paimon.options.Options;
import org.apache.paimon.schema.SchemaChange;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.Table;
import org.apache.paimon.types.DataField;

/** A Paimon catalog of any type; a Fluss database is a database of the same name. */
final class PaimonLakeCatalog implements LakeCatalog {
    private final Catalog catalog;
    private final Map<String, String> properties;

    private PaimonLakeCatalog(Catalog catalog, Map<String, String> properties) {
        this.catalog = catalog;
        this.properties = properties;
    }

    static PaimonLakeCatalog open(Map<String, String> properties) {
        Map<String, String> own = new HashMap<>(properties);
        // Tables must be loaded as they are now: others change them, too.
        own.put(CatalogOptions.CACHE_ENABLED.key(), "false");
        try {
            return new PaimonLakeCatalog(
                    CatalogFactory.createCatalog(
                            CatalogContext.create(Options.fromMap(own)),
                            PaimonLakeCatalog.class.getClassLoader()),
                    own);
        } catch (RuntimeException e) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "cannot open the Paimon catalog from the settings datalake.paimon.* "
                            + properties.keySet()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void createTable(
            TablePath path, TableDescriptor descriptor, boolean creatingFlussTable) {
        LayoutGeneration wanted = LayoutGeneration.of(descriptor);
        TableLayout layout = TableLayout.of(path, descriptor, wanted);
        try {
            catalog.createDatabase(path.database(), true);
            catalog.createTable(identifier(path), layout.schema(), false);
            return;
        } catch (Catalog.TableAlreadyExistException e) {
            // Checked below, whoever made it.
        } catch (Catalog.DatabaseAlreadyExistException | Catalog.DatabaseNotExistException e) {
            throw ErrorReason.STORAGE.exception(
                    "database of Paimon table " + path + " appeared or vanished just now", e);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path + ": Paimon refuses the table: " + e.getMessage(), e);
        }
        FileStoreTable existing = load(path);
        LayoutGeneration actual = LayoutGeneration.of(existing.rowType());
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
        FileStoreTable table = load(path);
        List<SchemaChange> all = new ArrayList<>();
        changes.forEach(
                (k, v) -> {
                    if (!TableLayout.isOfCatalog(k)) {
                        change(path, table, TableLayout.property(k), v).ifPresent(all::add);
                    }
                });
        if (!all.isEmpty()) {
            alter(path, all);
        }
    }

    private static Optional<SchemaChange> change(
            TablePath path, FileStoreTable table, String option, Optional<String> value) {
        if (option.equals(CoreOptions.PATH.key())
                && value.isPresent()
                && value.get().equals(table.location().toString())) {
            return Optional.empty();
        }
        if (TableLayout.isFixed(option)) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    path + ": Paimon option '" + option + "' is fixed when the table is created");
        }
        return Optional.of(
                value.map(v -> SchemaChange.setOption(option, v))
                        .orElseGet(() -> SchemaChange.removeOption(option)));
    }

    @Override
    public void addColumns(TablePath path, TableDescriptor current, TableDescriptor target) {
        FileStoreTable table = load(path);
        LayoutGeneration generation = LayoutGeneration.of(table.rowType());
        TableLayout after = TableLayout.of(path, target, generation);
        if (after.hasColumnsOf(table.rowType())) {
            return;
        }
        TableLayout before = TableLayout.of(path, current, generation);
        if (!before.hasColumnsOf(table.rowType())) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "Paimon table "
                            + path
                            + " does not have the columns of the Fluss table: "
                            + String.join("; ", after.structureDifferences(table))
                            + "; undo the change that was made in Paimon");
        }
        List<SchemaChange> added = new ArrayList<>();
        String last = before.schema().fields().get(before.userColumns() - 1).name();
        for (DataField f :
                after.schema().fields().subList(before.userColumns(), after.userColumns())) {
            added.add(
                    SchemaChange.addColumn(
                            f.name(),
                            f.type(),
                            f.description(),
                            SchemaChange.Move.after(f.name(), last)));
            last = f.name();
        }
        alter(path, added);
    }

    private void alter(TablePath path, List<SchemaChange> changes) {
        try {
            catalog.alterTable(identifier(path), changes, false);
        } catch (Catalog.TableNotExistException e) {
            throw notExist(path, e);
        } catch (Catalog.ColumnAlreadyExistException
                | Catalog.ColumnNotExistException
                | IllegalArgumentException
                | UnsupportedOperationException e) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "Paimon refuses the change of " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public LakeTable table(TablePath path) {
        return new PaimonLakeTable(this, path, load(path));
    }

    /** The table as it is now. */
    FileStoreTable load(TablePath path) {
        Table table;
        try {
            table = catalog.getTable(identifier(path));
        } catch (Catalog.TableNotExistException e) {
            throw notExist(path, e);
        }
        if (table instanceof FileStoreTable stored) {
            return stored;
        }
        throw ErrorReason.INVALID_TABLE.exception(
                path + " is no table with files of its own in the Paimon catalog, but a " + table);
    }

    private FlussException notExist(TablePath path, Exception cause) {
        return ErrorReason.TABLE_NOT_EXIST.exception(
                path
                        + " does not exist in the Paimon catalog (warehouse "
                        + properties.getOrDefault("warehouse", "not set")
                        + ")",
                cause);
    }

    @Override
    public void close() {
        try {
            catalog.close();
        } catch (Exception e) {
            throw ErrorReason.STORAGE.exception("closing the Paimon catalog: " + e.getMessage(), e);
        }
    }

    private static Identifier identifier(TablePath path) {
        return Identifier.create(path.database(), path.table());
    }

    private static void checkExisting(
            TablePath path, TableLayout layout, FileStoreTable table, boolean creatingFlussTable) {
        List<String> differences = layout.differences(table);
        if (!differences.isEmpty()) {
            throw ErrorReason.LAKE_TABLE_ALREADY_EXIST.exception(
                    "Paimon table "
                            + path
                            + " exists and does not fit: "
                            + String.join("; ", differences)
                            + "; drop or rename it, or choose another table name");
        }
        if (creatingFlussTable && table.latestSnapshot().isPresent()) {
            throw ErrorReason.LAKE_TABLE_ALREADY_EXIST.exception(
                    "Paimon table "
                            + path
                            + " exists and has snapshots; drop it or choose another table name");
        }
    }
}
