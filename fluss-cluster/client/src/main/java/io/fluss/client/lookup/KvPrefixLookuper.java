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
package io.fluss.client.lookup;

import io.fluss.client.Admin;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.row.ValueRows;
import io.fluss.client.row.ValueSchemas;
import io.fluss.errors.FlussException;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.loop.Loop;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Looks up rows by bucket key. Thread-safe. */
public final class KvPrefixLookuper implements PrefixLookuper {
    private final KeyedLookups lookups;

    private KvPrefixLookuper(KeyedLookups lookups) {
        this.lookups = lookups;
    }

    /**
     * A lookuper of its own for a table; the loop is shared.
     *
     * @param columns names of the columns that rows are wanted with; empty for all
     * @throws FlussException with NON_PRIMARY_KEY_TABLE if it has no primary key, with
     *     INVALID_TABLE if its bucket key is not a leading part of it
     */
    public static KvPrefixLookuper open(
            TableInfo table,
            Optional<List<String>> columns,
            LookupSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop) {
        return open(table, columns, settings, cluster, admin, loop, SystemClock.INSTANCE);
    }

    static KvPrefixLookuper open(
            TableInfo table,
            Optional<List<String>> columns,
            LookupSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop,
            Clock clock) {
        KvLookuper.checkKind(table);
        KeyEncoder prefix = prefixKey(table);
        List<Integer> positions =
                table.schema().primaryKey().stream()
                        .filter(
                                k ->
                                        prefix.columns().contains(k)
                                                || table.descriptor().partitionKeys().contains(k))
                        .map(k -> table.schema().positionOf(k).orElseThrow())
                        .toList();
        return new KvPrefixLookuper(
                new KeyedLookups(
                        table,
                        settings,
                        positions,
                        prefix,
                        ValueRows.of(new ValueSchemas(table, admin), columns),
                        new LookupApi.ByPrefix(table.tableId()),
                        cluster,
                        loop,
                        clock));
    }

    private static KeyEncoder prefixKey(TableInfo table) {
        try {
            return KeyEncoder.forPrefixKey(table.descriptor());
        } catch (FlussException e) {
            throw e.reason().exception(table.path() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<String> columns() {
        return lookups.columns();
    }

    @Override
    public CompletableFuture<List<Row>> lookup(GenericRow prefix) {
        return lookups.lookup(prefix).thenApply(lookups.decoding()::rows);
    }

    @Override
    public CompletableFuture<LookupRows> lookup(VectorSchemaRoot prefixes) {
        return lookups.lookup(prefixes);
    }

    @Override
    public void close() {
        lookups.close();
    }
}
