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
package io.fluss.spark;

import io.fluss.client.Admin;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.procedure.Procedures;
import io.fluss.spark.system.SystemTables;
import io.fluss.spark.types.TableAlteration;
import io.fluss.spark.types.TableDeclaration;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.time.SystemClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.ProcedureCatalog;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The cluster's databases and tables as a Spark catalog:
 *
 * <pre>
 * spark.sql.catalog.fluss = io.fluss.spark.FlussCatalog
 * spark.sql.catalog.fluss.bootstrap.servers = host:9123
 * </pre>
 *
 * <p>A namespace is one database. Further options are defaults for reads and writes of its tables,
 * see {@link FlussOptions}. Thread-safe once initialized.
 */
public final class FlussCatalog implements TableCatalog, SupportsNamespaces, ProcedureCatalog {
    private static final String DEFAULT_DATABASE = "fluss";

    private String name = "";
    private CaseInsensitiveStringMap options = CaseInsensitiveStringMap.empty();
    private Map<String, String> clientSettings = Map.of();

    @Override
    public void initialize(String catalogName, CaseInsensitiveStringMap catalogOptions) {
        name = catalogName;
        options = catalogOptions;
        clientSettings =
                FlussOptions.parse(
                                catalogOptions,
                                "spark.sql.catalog."
                                        + catalogName
                                        + "."
                                        + FlussOptions.BOOTSTRAP_SERVERS)
                        .clientSettings();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String[] defaultNamespace() {
        return new String[] {DEFAULT_DATABASE};
    }

    @Override
    public Set<TableCatalogCapability> capabilities() {
        return Set.of(TableCatalogCapability.SUPPORT_TABLE_CONSTRAINT);
    }

    // Databases

    @Override
    public String[][] listNamespaces() {
        return Stream.concat(ask(Admin::listDatabases).stream(), Stream.of(SystemTables.NAMESPACE))
                .distinct()
                .map(d -> new String[] {d})
                .toArray(String[][]::new);
    }

    @Override
    public String[][] listNamespaces(String[] namespace) throws NoSuchNamespaceException {
        if (namespace.length == 0) {
            return listNamespaces();
        }
        if (!namespaceExists(namespace)) {
            throw new NoSuchNamespaceException(namespace);
        }
        return new String[0][];
    }

    @Override
    public boolean namespaceExists(String[] namespace) {
        return SystemTables.isNamespace(namespace)
                || (namespace.length == 1 && ask(a -> a.databaseExists(namespace[0])));
    }

    @Override
    public Map<String, String> loadNamespaceMetadata(String[] namespace)
            throws NoSuchNamespaceException {
        DatabaseDescriptor d;
        try {
            String database = database(namespace);
            d = ask(a -> a.databaseInfo(database)).descriptor();
        } catch (FlussException e) {
            if (is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                if (SystemTables.isNamespace(namespace)) {
                    return Map.of(SupportsNamespaces.PROP_COMMENT, "State of the cluster");
                }
                throw new NoSuchNamespaceException(namespace);
            }
            throw e;
        }
        Map<String, String> out = new HashMap<>(d.customProperties());
        d.comment().ifPresent(c -> out.put(SupportsNamespaces.PROP_COMMENT, c));
        return out;
    }

    @Override
    public void createNamespace(String[] namespace, Map<String, String> metadata)
            throws NamespaceAlreadyExistsException {
        if (namespace.length != 1) {
            throw nested(namespace);
        }
        Map<String, String> custom = new HashMap<>(metadata);
        custom.remove(SupportsNamespaces.PROP_OWNER);
        Optional<String> comment =
                Optional.ofNullable(custom.remove(SupportsNamespaces.PROP_COMMENT));
        if (custom.containsKey(SupportsNamespaces.PROP_LOCATION)) {
            throw ErrorReason.INVALID_DATABASE.exception(
                    "LOCATION of database '"
                            + namespace[0]
                            + "' cannot be chosen: the cluster stores it");
        }
        try {
            ask(
                    a ->
                            a.createDatabase(
                                    namespace[0], new DatabaseDescriptor(comment, custom), false));
        } catch (FlussException e) {
            if (is(e, ErrorReason.DATABASE_ALREADY_EXIST)) {
                throw new NamespaceAlreadyExistsException(namespace);
            }
            throw e;
        }
    }

    @Override
    public void alterNamespace(String[] namespace, NamespaceChange... changes) {
        throw new UnsupportedOperationException(
                "database '" + String.join(".", namespace) + "' cannot be altered");
    }

    @Override
    public boolean dropNamespace(String[] namespace, boolean cascade)
            throws NoSuchNamespaceException, NonEmptyNamespaceException {
        try {
            String database = database(namespace);
            ask(a -> a.dropDatabase(database, false, cascade));
            return true;
        } catch (FlussException e) {
            if (is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                throw new NoSuchNamespaceException(namespace);
            }
            if (is(e, ErrorReason.DATABASE_NOT_EMPTY)) {
                throw new NonEmptyNamespaceException(namespace);
            }
            throw e;
        }
    }

    // Tables

    @Override
    public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
        try {
            String database = database(namespace);
            return ask(a -> a.listTables(database)).stream()
                    .map(t -> Identifier.of(namespace, t))
                    .toArray(Identifier[]::new);
        } catch (FlussException e) {
            if (is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                if (SystemTables.isNamespace(namespace)) {
                    return SystemTables.list();
                }
                throw new NoSuchNamespaceException(namespace);
            }
            throw e;
        }
    }

    @Override
    public Table loadTable(Identifier ident) throws NoSuchTableException {
        if (ident.namespace().length != 1) {
            throw new NoSuchTableException(ident);
        }
        try {
            TablePath path = path(ident);
            return FlussTable.of(ask(a -> a.tableInfo(path)), options);
        } catch (FlussException e) {
            if (is(e, ErrorReason.TABLE_NOT_EXIST) || is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                return new SystemTables(name, clientSettings)
                        .find(ident)
                        .orElseThrow(() -> new NoSuchTableException(ident));
            }
            throw e;
        }
    }

    @Override
    public Table createTable(Identifier ident, TableInfo info)
            throws TableAlreadyExistsException, NoSuchNamespaceException {
        try {
            TablePath path = path(ident);
            TableDescriptor descriptor =
                    TableDeclaration.descriptor(
                            info.columns(),
                            info.partitions(),
                            info.properties(),
                            info.constraints());
            ask(a -> a.createTable(path, descriptor, false));
            return FlussTable.of(ask(a -> a.tableInfo(path)), options);
        } catch (FlussException e) {
            if (is(e, ErrorReason.TABLE_ALREADY_EXIST)) {
                throw new TableAlreadyExistsException(ident);
            }
            if (is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                throw new NoSuchNamespaceException(ident.namespace());
            }
            throw e;
        }
    }

    @Override
    public Table alterTable(Identifier ident, TableChange... changes) throws NoSuchTableException {
        try {
            TablePath path = path(ident);
            List<io.fluss.client.TableChange> wanted = TableAlteration.of(path.toString(), changes);
            ask(a -> a.alterTable(path, wanted, false));
            return FlussTable.of(ask(a -> a.tableInfo(path)), options);
        } catch (FlussException e) {
            if (is(e, ErrorReason.TABLE_NOT_EXIST) || is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                throw new NoSuchTableException(ident);
            }
            throw e;
        }
    }

    @Override
    public boolean dropTable(Identifier ident) {
        try {
            TablePath path = path(ident);
            ask(a -> a.dropTable(path, false));
            return true;
        } catch (FlussException e) {
            if (is(e, ErrorReason.TABLE_NOT_EXIST) || is(e, ErrorReason.DATABASE_NOT_EXIST)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void renameTable(Identifier from, Identifier to) {
        throw new UnsupportedOperationException("table " + from + " cannot be renamed to " + to);
    }

    // Procedures

    @Override
    public Identifier[] listProcedures(String[] namespace) {
        return procedures().list(namespace);
    }

    @Override
    public UnboundProcedure loadProcedure(Identifier ident) {
        return procedures().load(ident);
    }

    private Procedures procedures() {
        return Procedures.of(FlussOptions.parse(options), SystemClock.INSTANCE);
    }

    private <T> T ask(Function<Admin, CompletableFuture<T>> call) {
        try (SharedConnections.Lease lease = SharedConnections.lease(clientSettings)) {
            return Await.value(call.apply(lease.admin()));
        }
    }

    private static boolean is(FlussException e, ErrorReason reason) {
        return e.reason() == reason;
    }

    private TablePath path(Identifier ident) {
        return TablePath.of(database(ident.namespace()), ident.name());
    }

    private static String database(String[] namespace) {
        if (namespace.length != 1) {
            throw nested(namespace);
        }
        return namespace[0];
    }

    private static FlussException nested(String[] namespace) {
        return ErrorReason.DATABASE_NOT_EXIST.exception(
                "'"
                        + String.join(".", namespace)
                        + "' is not a database: a namespace of this catalog is one database name");
    }
}
