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

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.json.DataTypeJson;
import io.fluss.formats.json.DatabaseJson;
import io.fluss.formats.json.SchemaJson;
import io.fluss.formats.json.TableJson;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.AlterClusterConfigsRequest;
import io.fluss.protocol.messages.AlterTableRequest;
import io.fluss.protocol.messages.CreateDatabaseRequest;
import io.fluss.protocol.messages.CreatePartitionRequest;
import io.fluss.protocol.messages.CreateTableRequest;
import io.fluss.protocol.messages.DatabaseExistsRequest;
import io.fluss.protocol.messages.DatabaseExistsResponse;
import io.fluss.protocol.messages.DescribeClusterConfigsRequest;
import io.fluss.protocol.messages.DescribeClusterConfigsResponse;
import io.fluss.protocol.messages.DropDatabaseRequest;
import io.fluss.protocol.messages.DropPartitionRequest;
import io.fluss.protocol.messages.DropTableRequest;
import io.fluss.protocol.messages.GetDatabaseInfoRequest;
import io.fluss.protocol.messages.GetDatabaseInfoResponse;
import io.fluss.protocol.messages.GetLakeSnapshotRequest;
import io.fluss.protocol.messages.GetLakeSnapshotResponse;
import io.fluss.protocol.messages.GetTableInfoRequest;
import io.fluss.protocol.messages.GetTableInfoResponse;
import io.fluss.protocol.messages.GetTableSchemaRequest;
import io.fluss.protocol.messages.GetTableSchemaResponse;
import io.fluss.protocol.messages.GetTableStatsRequest;
import io.fluss.protocol.messages.GetTableStatsResponse;
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
import io.fluss.protocol.messages.ListOffsetsRequest;
import io.fluss.protocol.messages.ListOffsetsResponse;
import io.fluss.protocol.messages.ListPartitionInfosRequest;
import io.fluss.protocol.messages.ListPartitionInfosResponse;
import io.fluss.protocol.messages.ListTablesRequest;
import io.fluss.protocol.messages.ListTablesResponse;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbAddColumn;
import io.fluss.protocol.messages.PbAlterConfig;
import io.fluss.protocol.messages.PbBucketMetadata;
import io.fluss.protocol.messages.PbKeyValue;
import io.fluss.protocol.messages.PbLakeSnapshotForBucket;
import io.fluss.protocol.messages.PbListOffsetsRespForBucket;
import io.fluss.protocol.messages.PbPartitionInfo;
import io.fluss.protocol.messages.PbPartitionSpec;
import io.fluss.protocol.messages.PbServerNode;
import io.fluss.protocol.messages.PbTableStatsReqForBucket;
import io.fluss.protocol.messages.PbTableStatsRespForBucket;
import io.fluss.protocol.messages.TableExistsRequest;
import io.fluss.protocol.messages.TableExistsResponse;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.DatabaseInfo;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/** Admin calls over the wire protocol. Thread-safe, without state of its own. */
final class ClusterAdmin implements Admin {
    private static final int CLIENT = -1;
    private static final int OP_SET = 0;
    private static final int OP_DELETE = 1;
    private static final int POSITION_LAST = 0;
    private static final String DYNAMIC = "DYNAMIC_SERVER_CONFIG";

    private final Cluster cluster;

    ClusterAdmin(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<Void> createDatabase(
            String name, DatabaseDescriptor descriptor, boolean ignoreIfExists) {
        return change(
                ApiKey.CREATE_DATABASE,
                CreateDatabaseRequest.newBuilder()
                        .setDatabaseName(name)
                        .setIgnoreIfExists(ignoreIfExists)
                        .setDatabaseJson(ByteString.copyFrom(DatabaseJson.write(descriptor)))
                        .build());
    }

    @Override
    public CompletableFuture<Void> dropDatabase(
            String name, boolean ignoreIfNotExists, boolean cascade) {
        return change(
                ApiKey.DROP_DATABASE,
                DropDatabaseRequest.newBuilder()
                        .setDatabaseName(name)
                        .setIgnoreIfNotExists(ignoreIfNotExists)
                        .setCascade(cascade)
                        .build());
    }

    @Override
    public CompletableFuture<List<String>> listDatabases() {
        return cluster.<ListDatabasesResponse>read(
                        ApiKey.LIST_DATABASES, ListDatabasesRequest.getDefaultInstance())
                .thenApply(a -> List.copyOf(a.getDatabaseNameList()));
    }

    @Override
    public CompletableFuture<List<DatabaseSummary>> listDatabaseSummaries() {
        return cluster.<ListDatabasesResponse>read(
                        ApiKey.LIST_DATABASES,
                        ListDatabasesRequest.newBuilder().setIncludeSummary(true).build())
                .thenApply(
                        a ->
                                a.getDatabaseSummaryList().stream()
                                        .map(
                                                d ->
                                                        new DatabaseSummary(
                                                                d.getDatabaseName(),
                                                                d.getCreatedTime(),
                                                                d.getTableCount()))
                                        .toList());
    }

    @Override
    public CompletableFuture<Boolean> databaseExists(String name) {
        return cluster.<DatabaseExistsResponse>read(
                        ApiKey.DATABASE_EXISTS,
                        DatabaseExistsRequest.newBuilder().setDatabaseName(name).build())
                .thenApply(DatabaseExistsResponse::getExists);
    }

    @Override
    public CompletableFuture<DatabaseInfo> databaseInfo(String name) {
        return cluster.<GetDatabaseInfoResponse>read(
                        ApiKey.GET_DATABASE_INFO,
                        GetDatabaseInfoRequest.newBuilder().setDatabaseName(name).build())
                .thenApply(
                        a ->
                                new DatabaseInfo(
                                        name,
                                        DatabaseJson.read(a.getDatabaseJson().toByteArray()),
                                        a.getCreatedTime(),
                                        a.getModifiedTime()));
    }

    @Override
    public CompletableFuture<Void> createTable(
            TablePath path, TableDescriptor descriptor, boolean ignoreIfExists) {
        return change(
                ApiKey.CREATE_TABLE,
                CreateTableRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setTableJson(ByteString.copyFrom(TableJson.write(descriptor)))
                        .setIgnoreIfExists(ignoreIfExists)
                        .build());
    }

    @Override
    public CompletableFuture<Void> alterTable(
            TablePath path, List<TableChange> changes, boolean ignoreIfNotExists) {
        AlterTableRequest.Builder request =
                AlterTableRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setIgnoreIfNotExists(ignoreIfNotExists);
        for (TableChange change : changes) {
            if (change instanceof TableChange.SetOption set) {
                request.addConfigChanges(change(set.key(), Optional.of(set.value())));
            } else if (change instanceof TableChange.ResetOption reset) {
                request.addConfigChanges(change(reset.key(), Optional.empty()));
            } else if (change instanceof TableChange.AddColumn add) {
                PbAddColumn.Builder column =
                        request.addAddColumnsBuilder()
                                .setColumnName(add.column().name())
                                .setDataTypeJson(
                                        ByteString.copyFrom(
                                                DataTypeJson.write(add.column().type())))
                                .setColumnPositionType(POSITION_LAST);
                add.column().comment().ifPresent(column::setComment);
            }
        }
        return change(ApiKey.ALTER_TABLE, request.build());
    }

    private static PbAlterConfig change(String key, Optional<String> value) {
        PbAlterConfig.Builder b =
                PbAlterConfig.newBuilder()
                        .setConfigKey(key)
                        .setOpType(value.isPresent() ? OP_SET : OP_DELETE);
        value.ifPresent(b::setConfigValue);
        return b.build();
    }

    @Override
    public CompletableFuture<Void> dropTable(TablePath path, boolean ignoreIfNotExists) {
        return change(
                ApiKey.DROP_TABLE,
                DropTableRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setIgnoreIfNotExists(ignoreIfNotExists)
                        .build());
    }

    @Override
    public CompletableFuture<List<String>> listTables(String database) {
        return cluster.<ListTablesResponse>read(
                        ApiKey.LIST_TABLES,
                        ListTablesRequest.newBuilder().setDatabaseName(database).build())
                .thenApply(a -> List.copyOf(a.getTableNameList()));
    }

    @Override
    public CompletableFuture<Boolean> tableExists(TablePath path) {
        return cluster.<TableExistsResponse>read(
                        ApiKey.TABLE_EXISTS,
                        TableExistsRequest.newBuilder().setTablePath(Wire.path(path)).build())
                .thenApply(TableExistsResponse::getExists);
    }

    @Override
    public CompletableFuture<TableInfo> tableInfo(TablePath path) {
        return cluster.<GetTableInfoResponse>read(
                        ApiKey.GET_TABLE_INFO,
                        GetTableInfoRequest.newBuilder().setTablePath(Wire.path(path)).build())
                .thenApply(
                        a ->
                                new TableInfo(
                                        path,
                                        a.getTableId(),
                                        a.getSchemaId(),
                                        TableJson.read(a.getTableJson().toByteArray()),
                                        a.getCreatedTime(),
                                        a.getModifiedTime()));
    }

    @Override
    public CompletableFuture<TableSchema> tableSchema(TablePath path, int schemaId) {
        return cluster.<GetTableSchemaResponse>read(
                        ApiKey.GET_TABLE_SCHEMA,
                        GetTableSchemaRequest.newBuilder()
                                .setTablePath(Wire.path(path))
                                .setSchemaId(schemaId)
                                .build())
                .thenApply(a -> SchemaJson.read(a.getSchemaJson().toByteArray()));
    }

    @Override
    public CompletableFuture<List<PartitionInfo>> listPartitions(TablePath path) {
        return listPartitions(path, Map.of());
    }

    @Override
    public CompletableFuture<List<PartitionInfo>> listPartitions(
            TablePath path, Map<String, String> partialSpec) {
        ListPartitionInfosRequest.Builder request =
                ListPartitionInfosRequest.newBuilder().setTablePath(Wire.path(path));
        if (!partialSpec.isEmpty()) {
            request.setPartialPartitionSpec(partitionSpec(partialSpec));
        }
        return cluster.<ListPartitionInfosResponse>read(
                        ApiKey.LIST_PARTITION_INFOS, request.build())
                .thenApply(
                        a ->
                                a.getPartitionsInfoList().stream()
                                        .map(ClusterAdmin::partition)
                                        .toList());
    }

    private static PartitionInfo partition(PbPartitionInfo p) {
        Map<String, String> spec = new LinkedHashMap<>();
        for (PbKeyValue kv : p.getPartitionSpec().getPartitionKeyValuesList()) {
            spec.put(kv.getKey(), kv.getValue());
        }
        return new PartitionInfo(p.getPartitionId(), spec);
    }

    @Override
    public CompletableFuture<Void> createPartition(
            TablePath path, Map<String, String> spec, boolean ignoreIfExists) {
        // The field says "if not exists", but means "if it exists" (wire protocol, section 7.12).
        return change(
                ApiKey.CREATE_PARTITION,
                CreatePartitionRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setPartitionSpec(partitionSpec(spec))
                        .setIgnoreIfNotExists(ignoreIfExists)
                        .build());
    }

    @Override
    public CompletableFuture<Void> dropPartition(
            TablePath path, Map<String, String> spec, boolean ignoreIfNotExists) {
        return change(
                ApiKey.DROP_PARTITION,
                DropPartitionRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setPartitionSpec(partitionSpec(spec))
                        .setIgnoreIfNotExists(ignoreIfNotExists)
                        .build());
    }

    private static PbPartitionSpec partitionSpec(Map<String, String> spec) {
        PbPartitionSpec.Builder b = PbPartitionSpec.newBuilder();
        spec.forEach((k, v) -> b.addPartitionKeyValuesBuilder().setKey(k).setValue(v));
        return b.build();
    }

    private CompletableFuture<Void> change(ApiKey api, MessageLite request) {
        return cluster.<MessageLite>coordinator(api, request).thenApply(a -> null);
    }

    @Override
    public CompletableFuture<Map<TableBucket, Long>> listOffsets(
            TableInfo table,
            OptionalLong partitionId,
            Collection<Integer> buckets,
            OffsetSpec spec) {
        List<TableBucket> wanted =
                buckets.stream()
                        .distinct()
                        .map(b -> TableBucket.of(table.tableId(), partitionId, b))
                        .toList();
        Map<TableBucket, Long> known = new ConcurrentHashMap<>();
        return fromLeaders(
                table,
                wanted,
                known,
                (leader, some) -> askOffsets(table, leader, some, spec, known));
    }

    @Override
    public CompletableFuture<Map<TableBucket, Long>> rowCounts(
            TableInfo table, OptionalLong partitionId, Collection<Integer> buckets) {
        List<TableBucket> wanted =
                buckets.stream()
                        .distinct()
                        .map(b -> TableBucket.of(table.tableId(), partitionId, b))
                        .toList();
        Map<TableBucket, Long> known = new ConcurrentHashMap<>();
        return fromLeaders(
                table, wanted, known, (leader, some) -> askRowCounts(table, leader, some, known));
    }

    /** Asks one leader about its buckets. */
    private interface LeaderCall {
        CompletableFuture<Void> ask(int leader, List<TableBucket> buckets);
    }

    /** Asks leaders until all is known, or an error is final. */
    private CompletableFuture<Map<TableBucket, Long>> fromLeaders(
            TableInfo table,
            List<TableBucket> wanted,
            Map<TableBucket, Long> known,
            LeaderCall call) {
        return cluster.retrying(() -> round(table, wanted, known, call), Cluster::isRetriable);
    }

    /** Asks the leaders of what is still missing. */
    private CompletableFuture<Map<TableBucket, Long>> round(
            TableInfo table,
            List<TableBucket> wanted,
            Map<TableBucket, Long> known,
            LeaderCall call) {
        List<TableBucket> missing = wanted.stream().filter(b -> !known.containsKey(b)).toList();
        return withLeaders(table, missing)
                .thenCompose(
                        byLeader -> {
                            List<CompletableFuture<Void>> calls = new ArrayList<>();
                            byLeader.forEach((leader, some) -> calls.add(call.ask(leader, some)));
                            return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new));
                        })
                .thenApply(done -> Map.copyOf(known));
    }

    private CompletableFuture<Map<Integer, List<TableBucket>>> withLeaders(
            TableInfo table, List<TableBucket> buckets) {
        boolean allKnown = buckets.stream().allMatch(b -> cluster.leader(b).isPresent());
        CompletableFuture<?> ready =
                allKnown
                        ? CompletableFuture.completedFuture(null)
                        : cluster.refresh(
                                table.path(),
                                buckets.stream()
                                        .filter(TableBucket::isPartitioned)
                                        .map(TableBucket::partitionId)
                                        .distinct()
                                        .toList());
        return ready.thenApply(
                done -> {
                    Map<Integer, List<TableBucket>> byLeader = new HashMap<>();
                    for (TableBucket b : buckets) {
                        OptionalInt leader = cluster.leader(b);
                        if (leader.isEmpty()) {
                            throw ErrorReason.LEADER_NOT_AVAILABLE.exception(
                                    table.path() + ": bucket " + b + " has no leader");
                        }
                        byLeader.computeIfAbsent(leader.getAsInt(), k -> new ArrayList<>()).add(b);
                    }
                    return byLeader;
                });
    }

    private CompletableFuture<Void> askOffsets(
            TableInfo table,
            int leader,
            List<TableBucket> buckets,
            OffsetSpec spec,
            Map<TableBucket, Long> known) {
        ListOffsetsRequest.Builder request =
                ListOffsetsRequest.newBuilder()
                        .setFollowerServerId(CLIENT)
                        .setOffsetType(offsetType(spec))
                        .setTableId(table.tableId());
        if (spec instanceof OffsetSpec.AtTimestamp at) {
            request.setStartTimestamp(at.epochMs());
        }
        OptionalLong partition = buckets.get(0).partition();
        partition.ifPresent(request::setPartitionId);
        buckets.forEach(b -> request.addBucketId(b.bucket()));
        return cluster.tabletServer(leader)
                .thenCompose(
                        c ->
                                c.<ListOffsetsResponse>send(
                                        ApiKey.LIST_OFFSETS,
                                        request.build(),
                                        cluster.requestTimeout()))
                .handle(
                        (answer, failure) -> {
                            if (failure != null) {
                                buckets.forEach(cluster::forgetLeader);
                                throw new CompletionException(FlussException.from(failure));
                            }
                            takeOffsets(table, partition, answer, known);
                            return null;
                        });
    }

    private CompletableFuture<Void> askRowCounts(
            TableInfo table, int leader, List<TableBucket> buckets, Map<TableBucket, Long> known) {
        GetTableStatsRequest.Builder request =
                GetTableStatsRequest.newBuilder().setTableId(table.tableId());
        for (TableBucket b : buckets) {
            PbTableStatsReqForBucket.Builder one =
                    request.addBucketsReqBuilder().setBucketId(b.bucket());
            b.partition().ifPresent(one::setPartitionId);
        }
        return cluster.tabletServer(leader)
                .thenCompose(
                        c ->
                                c.<GetTableStatsResponse>send(
                                        ApiKey.GET_TABLE_STATS,
                                        request.build(),
                                        cluster.requestTimeout()))
                .handle(
                        (answer, failure) -> {
                            if (failure != null) {
                                buckets.forEach(cluster::forgetLeader);
                                throw new CompletionException(FlussException.from(failure));
                            }
                            takeRowCounts(table, answer, known);
                            return null;
                        });
    }

    private void takeRowCounts(
            TableInfo table, GetTableStatsResponse answer, Map<TableBucket, Long> known) {
        for (PbTableStatsRespForBucket b : answer.getBucketsRespList()) {
            OptionalLong partition =
                    b.hasPartitionId() ? OptionalLong.of(b.getPartitionId()) : OptionalLong.empty();
            TableBucket bucket = TableBucket.of(table.tableId(), partition, b.getBucketId());
            if (b.hasErrorCode()) {
                cluster.forgetLeader(bucket);
                throw ErrorCodes.toException(
                        b.getErrorCode(),
                        b.getErrorMessage(),
                        "row count of " + table.path() + " bucket " + bucket);
            }
            known.put(bucket, b.getRowCount());
        }
    }

    @Override
    public CompletableFuture<List<BucketLocation>> bucketLocations(
            TableInfo table, OptionalLong partitionId) {
        List<Long> partitions =
                partitionId.isPresent() ? List.of(partitionId.getAsLong()) : List.of();
        return cluster.retrying(
                        () -> cluster.refresh(table.path(), partitions), Cluster::isRetriable)
                .thenApply(answer -> locations(table, partitionId, answer));
    }

    private static List<BucketLocation> locations(
            TableInfo table, OptionalLong partitionId, MetadataResponse answer) {
        List<PbBucketMetadata> buckets = new ArrayList<>();
        if (partitionId.isPresent()) {
            answer.getPartitionMetadataList().stream()
                    .filter(p -> p.getPartitionId() == partitionId.getAsLong())
                    .forEach(p -> buckets.addAll(p.getBucketMetadataList()));
        } else {
            answer.getTableMetadataList().stream()
                    .filter(t -> t.getTableId() == table.tableId())
                    .forEach(t -> buckets.addAll(t.getBucketMetadataList()));
        }
        return buckets.stream()
                .map(
                        b ->
                                new BucketLocation(
                                        TableBucket.of(
                                                table.tableId(), partitionId, b.getBucketId()),
                                        b.hasLeaderId() && b.getLeaderId() >= 0
                                                ? OptionalInt.of(b.getLeaderId())
                                                : OptionalInt.empty(),
                                        b.getReplicaIdList()))
                .sorted(java.util.Comparator.comparing(BucketLocation::bucket))
                .toList();
    }

    @Override
    public CompletableFuture<List<ServerNode>> serverNodes() {
        return cluster.retrying(
                        () -> cluster.refresh(MetadataRequest.getDefaultInstance()),
                        Cluster::isRetriable)
                .thenApply(
                        answer -> {
                            List<ServerNode> nodes = new ArrayList<>();
                            if (answer.hasCoordinatorServer()) {
                                nodes.add(
                                        node(
                                                answer.getCoordinatorServer(),
                                                ServerNode.Role.COORDINATOR));
                            }
                            answer.getTabletServersList()
                                    .forEach(
                                            n -> nodes.add(node(n, ServerNode.Role.TABLET_SERVER)));
                            return List.copyOf(nodes);
                        });
    }

    private static ServerNode node(PbServerNode n, ServerNode.Role role) {
        return new ServerNode(
                n.getNodeId(),
                n.getHost(),
                n.getPort(),
                role,
                n.hasRack() ? Optional.of(n.getRack()) : Optional.empty());
    }

    @Override
    public CompletableFuture<List<ConfigEntry>> clusterConfigs() {
        return cluster.<DescribeClusterConfigsResponse>read(
                        ApiKey.DESCRIBE_CLUSTER_CONFIGS,
                        DescribeClusterConfigsRequest.getDefaultInstance())
                .thenApply(
                        answer ->
                                answer.getConfigsList().stream()
                                        .map(
                                                c ->
                                                        new ConfigEntry(
                                                                c.getConfigKey(),
                                                                c.hasConfigValue()
                                                                        ? Optional.of(
                                                                                c.getConfigValue())
                                                                        : Optional.empty(),
                                                                c.getConfigSource()
                                                                        .equals(DYNAMIC)))
                                        .toList());
    }

    @Override
    public CompletableFuture<Void> alterClusterConfigs(Map<String, Optional<String>> changes) {
        AlterClusterConfigsRequest.Builder request = AlterClusterConfigsRequest.newBuilder();
        changes.forEach((key, value) -> request.addAlterConfigs(change(key, value)));
        return change(ApiKey.ALTER_CLUSTER_CONFIGS, request.build());
    }

    private static int offsetType(OffsetSpec spec) {
        if (spec instanceof OffsetSpec.Earliest) {
            return 0;
        }
        return spec instanceof OffsetSpec.Latest ? 1 : 2;
    }

    private void takeOffsets(
            TableInfo table,
            OptionalLong partition,
            ListOffsetsResponse answer,
            Map<TableBucket, Long> known) {
        Optional<FlussException> error = Optional.empty();
        for (PbListOffsetsRespForBucket b : answer.getBucketsRespList()) {
            TableBucket bucket = TableBucket.of(table.tableId(), partition, b.getBucketId());
            if (b.hasErrorCode()) {
                cluster.forgetLeader(bucket);
                error =
                        Optional.of(
                                ErrorCodes.toException(
                                        b.getErrorCode(),
                                        b.getErrorMessage(),
                                        "offset of " + table.path() + " bucket " + bucket));
            } else {
                known.put(bucket, b.getOffset());
            }
        }
        error.ifPresent(
                e -> {
                    throw e;
                });
    }

    @Override
    public CompletableFuture<Optional<LakeSnapshot>> latestLakeSnapshot(TablePath path) {
        return lakeSnapshot(
                GetLakeSnapshotRequest.newBuilder().setTablePath(Wire.path(path)).build());
    }

    @Override
    public CompletableFuture<Optional<LakeSnapshot>> readableLakeSnapshot(TablePath path) {
        return lakeSnapshot(
                GetLakeSnapshotRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setReadable(true)
                        .build());
    }

    @Override
    public CompletableFuture<Optional<LakeSnapshot>> lakeSnapshot(TablePath path, long snapshotId) {
        return lakeSnapshot(
                GetLakeSnapshotRequest.newBuilder()
                        .setTablePath(Wire.path(path))
                        .setSnapshotId(snapshotId)
                        .build());
    }

    private CompletableFuture<Optional<LakeSnapshot>> lakeSnapshot(GetLakeSnapshotRequest request) {
        return cluster.<GetLakeSnapshotResponse>read(ApiKey.GET_LAKE_SNAPSHOT, request)
                .handle(
                        (answer, failure) -> {
                            if (failure == null) {
                                return Optional.of(lakeSnapshot(answer));
                            }
                            FlussException error = FlussException.from(failure);
                            if (error.reason() == ErrorReason.LAKE_SNAPSHOT_NOT_EXIST) {
                                return Optional.empty();
                            }
                            throw new CompletionException(error);
                        });
    }

    private static LakeSnapshot lakeSnapshot(GetLakeSnapshotResponse answer) {
        Map<TableBucket, Long> offsets = new HashMap<>();
        for (PbLakeSnapshotForBucket b : answer.getBucketSnapshotsList()) {
            if (b.hasLogOffset()) {
                OptionalLong partition =
                        b.hasPartitionId()
                                ? OptionalLong.of(b.getPartitionId())
                                : OptionalLong.empty();
                offsets.put(
                        TableBucket.of(answer.getTableId(), partition, b.getBucketId()),
                        b.getLogOffset());
            }
        }
        return new LakeSnapshot(answer.getTableId(), answer.getSnapshotId(), offsets);
    }
}
