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
package io.fluss.spark.iceberg;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.lake.LakeParts;
import io.fluss.spark.lake.LakeScanProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.ScanTaskSetManager;
import org.apache.iceberg.spark.source.SparkRewriteTable;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The data files of a snapshot, by location: a snapshot never changes, so neither does their order.
 * Some of them are scanned the way Iceberg's own rewrite of files does it: as a staged set of
 * tasks.
 *
 * @param files tasks, each a whole file with its deletes
 */
record IcebergParts(Table table, LakeScanProvider.Request request, List<FileScanTask> files)
        implements LakeParts {
    IcebergParts {
        files = List.copyOf(files);
    }

    static IcebergParts of(Table table, LakeScanProvider.Request request) {
        List<FileScanTask> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> planned =
                table.newScan().useSnapshot(request.snapshotId()).planFiles()) {
            planned.forEach(files::add);
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "files of snapshot "
                            + request.snapshotId()
                            + " of Iceberg table "
                            + table.name()
                            + " cannot be listed",
                    e);
        }
        files.sort(Comparator.comparing(f -> f.file().location()));
        return new IcebergParts(table, request, files);
    }

    @Override
    public List<Size> sizes() {
        return files.stream()
                .map(f -> new Size(f.file().recordCount(), f.file().fileSizeInBytes()))
                .toList();
    }

    @Override
    public Scan scan(int from, int to) {
        String id = "fluss-stream-" + UUID.randomUUID();
        SparkRewriteTable staged = new SparkRewriteTable(table, id);
        ScanBuilder builder = staged.newScanBuilder(CaseInsensitiveStringMap.empty());
        ((SupportsPushDownRequiredColumns) builder)
                .pruneColumns(
                        IcebergScanProvider.pruned(
                                CatalogV2Util.v2ColumnsToStructType(staged.columns()), request));
        return new StagedScan(table, id, files.subList(from, to), builder.build());
    }

    /** Stages its tasks only while Iceberg plans them. */
    private record StagedScan(Table table, String id, List<FileScanTask> tasks, Scan scan)
            implements Scan, Batch {
        @Override
        public StructType readSchema() {
            return scan.readSchema();
        }

        @Override
        public Batch toBatch() {
            return this;
        }

        @Override
        public InputPartition[] planInputPartitions() {
            if (tasks.isEmpty()) {
                return new InputPartition[0];
            }
            ScanTaskSetManager sets = ScanTaskSetManager.get();
            sets.stageTasks(table, id, tasks);
            try {
                return scan.toBatch().planInputPartitions();
            } finally {
                sets.removeTasks(table, id);
            }
        }

        @Override
        public PartitionReaderFactory createReaderFactory() {
            return scan.toBatch().createReaderFactory();
        }
    }
}
