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
package io.fluss.spark.system;

import io.fluss.table.TablePath;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.read.Scan;

/**
 * The tables of the namespace {@code sys}, which is not a database of the cluster. Tables of a
 * database of that name hide them. Immutable.
 */
public final class SystemTables {
    /** Their namespace. */
    public static final String NAMESPACE = "sys";

    private static final String TIERING = "tiering";

    private final String catalog;
    private final Map<String, String> clientSettings;

    /** Of a catalog and its cluster. */
    public SystemTables(String catalog, Map<String, String> clientSettings) {
        this.catalog = catalog;
        this.clientSettings = Map.copyOf(clientSettings);
    }

    public static boolean isNamespace(String[] namespace) {
        return namespace.length == 1 && namespace[0].equals(NAMESPACE);
    }

    /** All tables. */
    public static Identifier[] list() {
        return new Identifier[] {Identifier.of(new String[] {NAMESPACE}, TIERING)};
    }

    /** The table of that name. */
    public Optional<Table> find(Identifier ident) {
        return isNamespace(ident.namespace()) && ident.name().equals(TIERING)
                ? Optional.of(
                        new TieringTable(catalog + "." + NAMESPACE + "." + TIERING, clientSettings))
                : Optional.empty();
    }

    /**
     * How it stands with the tiering of tables.
     *
     * @param tables only these; all that have a lake if empty
     */
    public static Scan tiering(
            String name, Map<String, String> clientSettings, List<TablePath> tables) {
        return new TieringTable.Now(name, clientSettings, tables);
    }
}
