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

import io.fluss.client.lake.TieringStatuses;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.table.TablePath;
import io.fluss.time.SystemClock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** How it stands with the tiering of each table that has a lake, a row for each. */
final class TieringTable implements Table, SupportsRead {
    private final String name;
    private final Map<String, String> clientSettings;

    TieringTable(String name, Map<String, String> clientSettings) {
        this.name = name;
        this.clientSettings = clientSettings;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    @SuppressWarnings("deprecation") // Spark asks for columns() and falls back to it.
    public StructType schema() {
        return TieringRow.SCHEMA;
    }

    @Override
    public Set<TableCapability> capabilities() {
        return EnumSet.of(TableCapability.BATCH_READ);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
        return () -> new Now(name, clientSettings, List.of());
    }

    /**
     * Asks the cluster when its rows are wanted.
     *
     * @param tables only these; all if empty
     */
    record Now(String name, Map<String, String> clientSettings, List<TablePath> tables)
            implements LocalScan {
        @Override
        public StructType readSchema() {
            return TieringRow.SCHEMA;
        }

        @Override
        public InternalRow[] rows() {
            try (SharedConnections.Lease lease = SharedConnections.lease(clientSettings)) {
                return new TieringStatuses(lease.connection(), SystemClock.INSTANCE)
                        .read(tables).stream().map(TieringRow::of).toArray(InternalRow[]::new);
            }
        }

        @Override
        public String description() {
            return name;
        }
    }
}
