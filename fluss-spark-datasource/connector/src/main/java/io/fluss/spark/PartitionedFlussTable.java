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
import io.fluss.spark.pruning.PartitionValues;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.PartitionsAlreadyExistException;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.catalog.SupportsPartitionManagement;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A table with partitions, which can be listed, added and dropped. Immutable. */
class PartitionedFlussTable extends FlussTable implements SupportsPartitionManagement {
    private final TableInfo table;
    private final Map<String, String> clientSettings;
    private final PartitionValues values;

    PartitionedFlussTable(TableInfo table, CaseInsensitiveStringMap ownOptions) {
        super(table, ownOptions);
        this.table = table;
        this.clientSettings = FlussOptions.parse(ownOptions).clientSettings();
        this.values = PartitionValues.of(table);
    }

    @Override
    public StructType partitionSchema() {
        return values.schema();
    }

    @Override
    public void createPartition(InternalRow ident, Map<String, String> properties)
            throws PartitionsAlreadyExistException {
        if (!properties.isEmpty()) {
            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                    name()
                            + ": a partition has no properties and no LOCATION, but got "
                            + properties);
        }
        Map<String, String> spec = values.spec(ident);
        try {
            ask(a -> a.createPartition(table.path(), spec, false));
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.PARTITION_ALREADY_EXIST) {
                throw new PartitionsAlreadyExistException(name(), ident, partitionSchema());
            }
            throw e;
        }
    }

    @Override
    public boolean dropPartition(InternalRow ident) {
        Map<String, String> spec = values.spec(ident);
        try {
            ask(a -> a.dropPartition(table.path(), spec, false));
            return true;
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.PARTITION_NOT_EXIST) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public boolean partitionExists(InternalRow ident) {
        Map<String, String> spec = values.spec(ident);
        return partitions().stream().anyMatch(p -> p.spec().equals(spec));
    }

    @Override
    public void replacePartitionMetadata(InternalRow ident, Map<String, String> properties) {
        throw new UnsupportedOperationException(name() + ": a partition has no properties");
    }

    @Override
    public Map<String, String> loadPartitionMetadata(InternalRow ident) {
        Map<String, String> spec = values.spec(ident);
        return partitions().stream()
                .filter(p -> p.spec().equals(spec))
                .findFirst()
                .map(p -> Map.of("partition.id", Long.toString(p.partitionId())))
                .orElse(Map.of());
    }

    /** Partitions with the given values of some columns. */
    @Override
    public InternalRow[] listPartitionIdentifiers(String[] names, InternalRow ident) {
        List<String> keys = table.descriptor().partitionKeys();
        StructType schema = partitionSchema();
        return partitions().stream()
                .map(p -> values.row(p.spec()))
                .filter(
                        row -> {
                            for (int i = 0; i < names.length; i++) {
                                int at = keys.indexOf(names[i]);
                                if (!isSame(row[at], ident.get(i, schema.apply(at).dataType()))) {
                                    return false;
                                }
                            }
                            return true;
                        })
                .map(GenericInternalRow::new)
                .toArray(InternalRow[]::new);
    }

    private static boolean isSame(Object a, Object b) {
        return (a instanceof byte[] x && b instanceof byte[] y) ? Arrays.equals(x, y) : a.equals(b);
    }

    private List<PartitionInfo> partitions() {
        return ask(a -> a.listPartitions(table.path()));
    }

    private <T> T ask(Function<Admin, CompletableFuture<T>> call) {
        try (SharedConnections.Lease lease = SharedConnections.lease(clientSettings)) {
            return Await.value(call.apply(lease.admin()));
        }
    }
}
