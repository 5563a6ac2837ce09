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
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeTable;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Map;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.manifest.PartitionEntry;
import org.apache.paimon.options.MemorySize;
import org.apache.paimon.table.FileStoreTable;

/** A table in Paimon. */
final class PaimonLakeTable implements LakeTable {
    /**
     * Compaction in the writers is what users ask for by this; otherwise it is a job's of its own.
     */
    private static final String AUTO_COMPACTION = "table.datalake.auto-compaction";

    /** A task has one writer at a time, but a process has many tasks. */
    private static final MemorySize WRITE_BUFFER = MemorySize.ofMebiBytes(64);

    private final PaimonLakeCatalog catalog;
    private final TablePath path;
    private final FileStoreTable table;

    PaimonLakeTable(PaimonLakeCatalog catalog, TablePath path, FileStoreTable table) {
        this.catalog = catalog;
        this.path = path;
        this.table = table;
    }

    @Override
    public LakeWriterFactory writerFactory(TableInfo info) {
        LayoutGeneration generation = LayoutGeneration.of(table.rowType());
        TableLayout layout = TableLayout.of(path, info.descriptor(), generation);
        List<String> differences = layout.structureDifferences(table);
        if (!differences.isEmpty()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "Paimon table "
                            + path
                            + " does not fit the Fluss table any more: "
                            + String.join("; ", differences)
                            + "; undo the change that was made in Paimon");
        }
        boolean compacts =
                Boolean.parseBoolean(
                        info.descriptor().properties().getOrDefault(AUTO_COMPACTION, "false"));
        String buffer =
                table.options()
                        .getOrDefault(CoreOptions.WRITE_BUFFER_SIZE.key(), WRITE_BUFFER.toString());
        return new PaimonWriterFactory(
                table.copy(
                        Map.of(
                                CoreOptions.WRITE_ONLY.key(),
                                Boolean.toString(!compacts),
                                CoreOptions.WRITE_BUFFER_SIZE.key(),
                                buffer)),
                generation,
                info.schema().rowType());
    }

    @Override
    public LakeCommitter committer() {
        return new PaimonLakeCommitter(catalog, path, table);
    }

    @Override
    public LakeMaintenance maintenance() {
        return new PaimonMaintenance(catalog, path, table.uuid());
    }

    @Override
    public SnapshotSize snapshotSize(long snapshotId) {
        if (!table.snapshotManager().snapshotExists(snapshotId)) {
            throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                    "Paimon table " + path + " has no snapshot " + snapshotId);
        }
        long files = 0;
        long bytes = 0;
        for (PartitionEntry p :
                table.newSnapshotReader().withSnapshot(snapshotId).partitionEntries()) {
            files += p.fileCount();
            bytes += p.fileSizeInBytes();
        }
        return new SnapshotSize(table.snapshot(snapshotId).totalRecordCount(), files, bytes);
    }
}
