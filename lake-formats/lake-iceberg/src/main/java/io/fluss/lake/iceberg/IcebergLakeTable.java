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
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeTable;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.SerializableTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.encryption.PlaintextEncryptionManager;

/** A table in Iceberg. */
final class IcebergLakeTable implements LakeTable {
    private final IcebergLakeCatalog catalog;
    private final TablePath path;
    private final Table table;

    IcebergLakeTable(IcebergLakeCatalog catalog, TablePath path, Table table) {
        this.catalog = catalog;
        this.path = path;
        this.table = table;
    }

    @Override
    public LakeWriterFactory writerFactory(TableInfo info) {
        // Writers of keyed tables look at the rows that are there, so these must be the newest.
        return info.hasPrimaryKey()
                ? writerFactory(info, catalog.load(path))
                : writerFactory(info, table);
    }

    private LakeWriterFactory writerFactory(TableInfo info, Table table) {
        LayoutGeneration generation = LayoutGeneration.of(table.schema());
        TableLayout layout = TableLayout.of(path, info.descriptor(), generation);
        List<String> differences = layout.structureDifferences(table);
        if (!differences.isEmpty()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "Iceberg table "
                            + path
                            + " does not fit the Fluss table any more: "
                            + String.join("; ", differences)
                            + "; undo the change that was made in Iceberg");
        }
        if (!(table.encryption() instanceof PlaintextEncryptionManager)) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "Iceberg table " + path + " is encrypted, which is not supported");
        }
        return new IcebergWriterFactory(
                SerializableTable.copyOf(table),
                layout.filled(table.schema()).orElse(table.schema()),
                generation,
                info.descriptor().partitionKeys().size(),
                info.schema().columns().stream().anyMatch(c -> c.type().isNested()),
                info.hasPrimaryKey() ? KeyedTable.of(info.descriptor(), table) : null);
    }

    @Override
    public LakeCommitter committer() {
        return new IcebergLakeCommitter(catalog, path, table);
    }

    @Override
    public LakeMaintenance maintenance() {
        return new IcebergMaintenance(catalog, path, table.uuid());
    }

    @Override
    public SnapshotSize snapshotSize(long snapshotId) {
        Snapshot snapshot = table.snapshot(snapshotId);
        if (snapshot == null) {
            snapshot = catalog.load(path).snapshot(snapshotId);
        }
        if (snapshot == null) {
            throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                    "Iceberg table " + path + " has no snapshot " + snapshotId);
        }
        Map<String, String> summary = snapshot.summary();
        return new SnapshotSize(
                total(summary, SnapshotSummary.TOTAL_RECORDS_PROP),
                total(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP),
                total(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP));
    }

    private static long total(Map<String, String> summary, String key) {
        return Long.parseLong(summary.getOrDefault(key, "0"));
    }
}
