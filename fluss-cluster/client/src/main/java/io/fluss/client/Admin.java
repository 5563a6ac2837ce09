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
package io.fluss.client;

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.DatabaseInfo;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Databases, tables, partitions, offsets. Thread-safe. Futures fail with {@link
 * io.fluss.errors.FlussException} of the reason that the wire protocol document gives for the call;
 * reads that fail with a retriable error are tried again, within the request timeout.
 */
public interface Admin {
    CompletableFuture<Void> createDatabase(
            String name, DatabaseDescriptor descriptor, boolean ignoreIfExists);

    CompletableFuture<Void> dropDatabase(String name, boolean ignoreIfNotExists, boolean cascade);

    CompletableFuture<List<String>> listDatabases();

    /** The databases with the number of their tables. */
    CompletableFuture<List<DatabaseSummary>> listDatabaseSummaries();

    CompletableFuture<Boolean> databaseExists(String name);

    CompletableFuture<DatabaseInfo> databaseInfo(String name);

    /** Done when the table is registered; leaders are elected afterwards. */
    CompletableFuture<Void> createTable(
            TablePath path, TableDescriptor descriptor, boolean ignoreIfExists);

    /**
     * Changes options, or adds columns, all or nothing.
     *
     * @return fails with INVALID_ALTER_TABLE for an option that cannot be altered, a column that is
     *     there already or is not nullable, and for options and columns in one call
     */
    CompletableFuture<Void> alterTable(
            TablePath path, List<TableChange> changes, boolean ignoreIfNotExists);

    CompletableFuture<Void> dropTable(TablePath path, boolean ignoreIfNotExists);

    CompletableFuture<List<String>> listTables(String database);

    CompletableFuture<Boolean> tableExists(TablePath path);

    CompletableFuture<TableInfo> tableInfo(TablePath path);

    CompletableFuture<TableSchema> tableSchema(TablePath path, int schemaId);

    CompletableFuture<List<PartitionInfo>> listPartitions(TablePath path);

    /** The partitions that have these values for some of the partition keys. */
    CompletableFuture<List<PartitionInfo>> listPartitions(
            TablePath path, Map<String, String> partialSpec);

    /** Creates a partition; {@code spec} gives a value for each partition key. */
    CompletableFuture<Void> createPartition(
            TablePath path, Map<String, String> spec, boolean ignoreIfExists);

    CompletableFuture<Void> dropPartition(
            TablePath path, Map<String, String> spec, boolean ignoreIfNotExists);

    /**
     * The offset of each bucket at a place of its log.
     *
     * @param partitionId needed exactly when the table is partitioned
     */
    CompletableFuture<Map<TableBucket, Long>> listOffsets(
            TableInfo table,
            OptionalLong partitionId,
            Collection<Integer> buckets,
            OffsetSpec spec);

    /**
     * How many rows buckets hold: from the log start, which retention moves, to the high watermark.
     *
     * @param partitionId needed exactly when the table is partitioned
     */
    CompletableFuture<Map<TableBucket, Long>> rowCounts(
            TableInfo table, OptionalLong partitionId, Collection<Integer> buckets);

    /**
     * Leaders and replicas of the buckets of a table, or of one of its partitions, by bucket.
     *
     * @param partitionId needed exactly when the table is partitioned
     */
    CompletableFuture<List<BucketLocation>> bucketLocations(
            TableInfo table, OptionalLong partitionId);

    /** The coordinator, if there is one, and the tablet servers that are alive. */
    CompletableFuture<List<ServerNode>> serverNodes();

    /** The settings of the cluster. */
    CompletableFuture<List<ConfigEntry>> clusterConfigs();

    /** Sets (value) and resets (no value) settings of the running cluster, all or nothing. */
    CompletableFuture<Void> alterClusterConfigs(Map<String, Optional<String>> changes);

    /** The latest lake snapshot, by tiered offsets; empty if the table was never tiered. */
    CompletableFuture<Optional<LakeSnapshot>> latestLakeSnapshot(TablePath path);

    /** A registered lake snapshot, by tiered offsets; empty if the cluster does not know it. */
    CompletableFuture<Optional<LakeSnapshot>> lakeSnapshot(TablePath path, long snapshotId);

    /**
     * The latest lake snapshot that readers may use, with its own offsets; empty if there is none.
     */
    CompletableFuture<Optional<LakeSnapshot>> readableLakeSnapshot(TablePath path);
}
