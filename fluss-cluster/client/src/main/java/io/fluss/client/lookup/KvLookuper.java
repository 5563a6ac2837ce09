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
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.loop.Loop;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.MergeEngine;
import io.fluss.table.TableSchema;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Looks up rows by primary key. Thread-safe. */
public final class KvLookuper implements Lookuper {
    private final KeyedLookups lookups;

    private KvLookuper(KeyedLookups lookups) {
        this.lookups = lookups;
    }

    /**
     * A lookuper of its own for a table; the loop is shared.
     *
     * @throws FlussException with NON_PRIMARY_KEY_TABLE if it has no primary key, with
     *     INVALID_COLUMN_PROJECTION for columns it does not have, with INVALID_TARGET_COLUMN if
     *     missing rows cannot be inserted
     */
    public static KvLookuper open(
            TableInfo table,
            LookupOptions options,
            LookupSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop) {
        return open(table, options, settings, cluster, admin, loop, SystemClock.INSTANCE);
    }

    static KvLookuper open(
            TableInfo table,
            LookupOptions options,
            LookupSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop,
            Clock clock) {
        checkKind(table);
        if (options.insertsMissing()) {
            checkInsertable(table);
        }
        List<Integer> positions =
                table.schema().primaryKey().stream()
                        .map(k -> table.schema().positionOf(k).orElseThrow())
                        .toList();
        return new KvLookuper(
                new KeyedLookups(
                        table,
                        settings,
                        positions,
                        KeyEncoder.forPrimaryKey(table.descriptor()),
                        ValueRows.of(new ValueSchemas(table, admin), options.columns()),
                        new LookupApi.ByKey(
                                table.tableId(),
                                options.insertsMissing(),
                                (int) cluster.requestTimeout().toMillis()),
                        cluster,
                        loop,
                        clock));
    }

    static void checkKind(TableInfo table) {
        if (!table.hasPrimaryKey()) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.path() + " has no primary key: its rows are scanned, not looked up");
        }
    }

    private static void checkInsertable(TableInfo table) {
        TableSchema schema = table.schema();
        table.options()
                .mergeEngine()
                .filter(e -> e == MergeEngine.FIRST_ROW || e == MergeEngine.VERSIONED)
                .ifPresent(
                        e -> {
                            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                                    table.path()
                                            + ": lookups cannot insert missing rows with the merge"
                                            + " engine "
                                            + e);
                        });
        for (Column c : schema.columns()) {
            boolean isFilled =
                    schema.primaryKey().contains(c.name())
                            || schema.autoIncrementColumn().filter(c.name()::equals).isPresent();
            if (!isFilled && !c.type().isNullable()) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                        table.path()
                                + ": lookups cannot insert missing rows, because column '"
                                + c.name()
                                + "' is NOT NULL");
            }
        }
    }

    @Override
    public CompletableFuture<Optional<Row>> lookup(GenericRow key) {
        return lookups.lookup(key)
                .thenApply(values -> values.stream().findFirst().map(lookups.decoding()::row));
    }

    @Override
    public CompletableFuture<LookupRows> lookup(VectorSchemaRoot keys) {
        return lookups.lookup(keys);
    }

    @Override
    public void close() {
        lookups.close();
    }
}
