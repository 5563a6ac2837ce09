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
package io.fluss.coordinator.image;

import io.fluss.errors.ErrorReason;
import io.fluss.table.DatabaseInfo;
import io.fluss.table.TablePath;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** All that readers of the catalogue may know, at one moment. Immutable. */
public final class ClusterImage {
    public static final ClusterImage EMPTY =
            new ClusterImage(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

    private final SortedMap<String, DatabaseInfo> databases;
    private final SortedMap<TablePath, TableEntry> tables;
    private final SortedMap<Long, TablePath> paths;
    private final SortedMap<Integer, ServerNode> servers;

    private ClusterImage(
            SortedMap<String, DatabaseInfo> databases,
            SortedMap<TablePath, TableEntry> tables,
            SortedMap<Long, TablePath> paths,
            SortedMap<Integer, ServerNode> servers) {
        this.databases = databases;
        this.tables = tables;
        this.paths = paths;
        this.servers = servers;
    }

    public SortedMap<String, DatabaseInfo> databases() {
        return java.util.Collections.unmodifiableSortedMap(databases);
    }

    public SortedMap<TablePath, TableEntry> tables() {
        return java.util.Collections.unmodifiableSortedMap(tables);
    }

    /** The tables of one database, in name order. */
    public SortedMap<TablePath, TableEntry> tablesOf(String database) {
        return java.util.Collections.unmodifiableSortedMap(
                tables.subMap(TablePath.of(database, ""), TablePath.of(database + "\0", "")));
    }

    /** Live tablet servers by id. */
    public SortedMap<Integer, ServerNode> servers() {
        return java.util.Collections.unmodifiableSortedMap(servers);
    }

    public Optional<TableEntry> table(TablePath path) {
        return Optional.ofNullable(tables.get(path));
    }

    public Optional<TableEntry> table(long tableId) {
        return Optional.ofNullable(paths.get(tableId)).flatMap(this::table);
    }

    /** The table, or TABLE_NOT_EXIST. */
    public TableEntry existing(TablePath path) {
        return table(path)
                .orElseThrow(
                        () ->
                                ErrorReason.TABLE_NOT_EXIST.exception(
                                        "table '" + path + "' does not exist"));
    }

    /** The database, or DATABASE_NOT_EXIST. */
    public DatabaseInfo existingDatabase(String name) {
        DatabaseInfo d = databases.get(name);
        if (d == null) {
            throw ErrorReason.DATABASE_NOT_EXIST.exception(
                    "database '" + name + "' does not exist");
        }
        return d;
    }

    public ClusterImage with(DatabaseInfo database) {
        TreeMap<String, DatabaseInfo> all = new TreeMap<>(databases);
        all.put(database.name(), database);
        return new ClusterImage(all, tables, paths, servers);
    }

    public ClusterImage withoutDatabase(String name) {
        TreeMap<String, DatabaseInfo> all = new TreeMap<>(databases);
        all.remove(name);
        return new ClusterImage(all, tables, paths, servers);
    }

    public ClusterImage with(ServerNode server) {
        TreeMap<Integer, ServerNode> all = new TreeMap<>(servers);
        all.put(server.id(), server);
        return new ClusterImage(databases, tables, paths, all);
    }

    public ClusterImage with(TableEntry table) {
        TreeMap<TablePath, TableEntry> all = new TreeMap<>(tables);
        all.put(table.info().path(), table);
        TreeMap<Long, TablePath> ids = new TreeMap<>(paths);
        ids.put(table.info().tableId(), table.info().path());
        return new ClusterImage(databases, all, ids, servers);
    }

    public ClusterImage withoutTable(TablePath path) {
        TreeMap<TablePath, TableEntry> all = new TreeMap<>(tables);
        TreeMap<Long, TablePath> ids = new TreeMap<>(paths);
        TableEntry gone = all.remove(path);
        if (gone != null) {
            ids.remove(gone.info().tableId());
        }
        return new ClusterImage(databases, all, ids, servers);
    }

    /** The servers alone. */
    public ClusterImage withoutCatalogue() {
        return new ClusterImage(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), servers);
    }

    /** Changes a table if it is still there. */
    public ClusterImage change(long tableId, UnaryOperator<TableEntry> change) {
        return table(tableId).map(t -> with(change.apply(t))).orElse(this);
    }
}
