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
import io.fluss.formats.json.DatabaseJson;
import io.fluss.formats.json.SchemaJson;
import io.fluss.formats.json.TableJson;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.CreateDatabaseRequest;
import io.fluss.protocol.messages.CreatePartitionRequest;
import io.fluss.protocol.messages.CreateTableRequest;
import io.fluss.protocol.messages.DatabaseExistsRequest;
import io.fluss.protocol.messages.DatabaseExistsResponse;
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
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
import io.fluss.protocol.messages.ListOffsetsRequest;
import io.fluss.protocol.messages.ListOffsetsResponse;
import io.fluss.protocol.messages.ListPartitionInfosRequest;
import io.fluss.protocol.messages.ListPartitionInfosResponse;
import io.fluss.protocol.messages.ListTablesRequest;
import io.fluss.protocol.messages.ListTablesResponse;
import io.fluss.protocol.messages.PbKeyValue;
import io.fluss.protocol.messages.PbLakeSnapshotForBucket;
import io.fluss.protocol.messages.PbListOffsetsRespForBucket;
import io.fluss.protocol.messages.PbPartitionInfo;
import io.fluss.protocol.messages.PbPartitionSpec;
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
        return cluster.<ListPartitionInfosResponse>read(
                        ApiKey.LIST_PARTITION_INFOS,
                        ListPartitionInfosRequest.newBuilder()
                                .setTablePath(Wire.path(path))
                                .build())
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
        return cluster.retrying(
                () -> offsetsRound(table, wanted, spec, known), Cluster::isRetriable);
    }

    /** Asks the leaders of what is still missing. */
    private CompletableFuture<Map<TableBucket, Long>> offsetsRound(
            TableInfo table,
            List<TableBucket> wanted,
            OffsetSpec spec,
            Map<TableBucket, Long> known) {
        List<TableBucket> missing = wanted.stream().filter(b -> !known.containsKey(b)).toList();
        return withLeaders(table, missing)
                .thenCompose(
                        byLeader -> {
                            List<CompletableFuture<Void>> calls = new ArrayList<>();
                            byLeader.forEach(
                                    (leader, some) ->
                                            calls.add(
                                                    askOffsets(table, leader, some, spec, known)));
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
