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
package io.fluss.spark.it;

import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.paimon.append.AppendCompactCoordinator;
import org.apache.paimon.append.AppendCompactTask;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.disk.IOManager;
import org.apache.paimon.operation.BaseAppendFileStoreWrite;
import org.apache.paimon.options.Options;
import org.apache.paimon.table.BucketMode;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.CommitMessage;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.apache.paimon.table.sink.TableWriteImpl;

/** Paimon tables as Paimon's own jobs see them. */
final class PaimonJobs {
    private static final String USER = "compactor";

    private PaimonJobs() {}

    static FileStoreTable load(Path warehouse, TablePath path) throws Exception {
        Options options = Options.fromMap(Map.of("warehouse", warehouse.toUri().toString()));
        try (Catalog catalog = CatalogFactory.createCatalog(CatalogContext.create(options))) {
            return (FileStoreTable)
                    catalog.getTable(Identifier.create(path.database(), path.table()));
        }
    }

    /**
     * Compacts a log table, as Paimon's compaction jobs do it.
     *
     * @param id greater than that of the compaction before
     * @param spill a directory for temporary files
     */
    static void compactLog(FileStoreTable asItIs, long id, Path spill) throws Exception {
        FileStoreTable table =
                asItIs.copy(Map.of("write-only", "false", "compaction.min.file-num", "2"));
        try (TableCommitImpl commit = table.newCommit(USER)) {
            commit.commit(
                    id,
                    table.bucketMode() == BucketMode.BUCKET_UNAWARE
                            ? withoutBuckets(table)
                            : byBucket(table, id, spill));
        }
    }

    private static List<CommitMessage> withoutBuckets(FileStoreTable table) throws Exception {
        List<CommitMessage> done = new ArrayList<>();
        BaseAppendFileStoreWrite write = (BaseAppendFileStoreWrite) table.store().newWrite(USER);
        try {
            for (AppendCompactTask task : new AppendCompactCoordinator(table, false).run()) {
                done.add(task.doCompact(table, write));
            }
        } finally {
            write.close();
        }
        return done;
    }

    private static List<CommitMessage> byBucket(FileStoreTable table, long id, Path spill)
            throws Exception {
        try (IOManager disk = IOManager.create(spill.toString());
                TableWriteImpl<InternalRow> write = newWrite(table)) {
            write.withIOManager(disk);
            for (var bucket : table.newSnapshotReader().bucketEntries()) {
                write.compact(bucket.partition(), bucket.bucket(), true);
            }
            return write.prepareCommit(true, id);
        }
    }

    @SuppressWarnings("unchecked") // Rows are all that this writer may be given.
    private static TableWriteImpl<InternalRow> newWrite(FileStoreTable table) {
        return (TableWriteImpl<InternalRow>) table.newWrite(USER);
    }
}
