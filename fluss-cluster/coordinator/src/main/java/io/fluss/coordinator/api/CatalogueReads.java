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
package io.fluss.coordinator.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.coordinator.SecretOptions;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.json.DatabaseJson;
import io.fluss.formats.json.SchemaJson;
import io.fluss.formats.json.TableJson;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.DatabaseExistsRequest;
import io.fluss.protocol.messages.DatabaseExistsResponse;
import io.fluss.protocol.messages.DescribeClusterConfigsRequest;
import io.fluss.protocol.messages.DescribeClusterConfigsResponse;
import io.fluss.protocol.messages.GetDatabaseInfoRequest;
import io.fluss.protocol.messages.GetDatabaseInfoResponse;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenRequest;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenResponse;
import io.fluss.protocol.messages.GetTableInfoRequest;
import io.fluss.protocol.messages.GetTableInfoResponse;
import io.fluss.protocol.messages.GetTableSchemaRequest;
import io.fluss.protocol.messages.GetTableSchemaResponse;
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
import io.fluss.protocol.messages.ListPartitionInfosRequest;
import io.fluss.protocol.messages.ListPartitionInfosResponse;
import io.fluss.protocol.messages.ListTablesRequest;
import io.fluss.protocol.messages.ListTablesResponse;
import io.fluss.protocol.messages.PbDatabaseSummary;
import io.fluss.protocol.messages.PbDescribeConfig;
import io.fluss.protocol.messages.PbKeyValue;
import io.fluss.protocol.messages.PbPartitionInfo;
import io.fluss.protocol.messages.PbPartitionSpec;
import io.fluss.protocol.messages.TableExistsRequest;
import io.fluss.protocol.messages.TableExistsResponse;
import io.fluss.table.DatabaseInfo;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Read-only catalogue requests, answered from the image by every server type (wire protocol
 * document, sections 4.10 to 4.16). Thread-safe, never blocks.
 */
public final class CatalogueReads {
    private static final String MASKED = "******";

    private final Supplier<ClusterImage> image;
    private final Supplier<CoordinatorSettings> settings;
    private final Supplier<Map<String, String>> changedOptions;

    /**
     * @param settings those in force
     * @param changedOptions options that were changed at run time
     */
    public CatalogueReads(
            Supplier<ClusterImage> image,
            Supplier<CoordinatorSettings> settings,
            Supplier<Map<String, String>> changedOptions) {
        this.image = image;
        this.settings = settings;
        this.changedOptions = changedOptions;
    }

    public ListDatabasesResponse listDatabases(ListDatabasesRequest request) {
        ClusterImage i = image.get();
        ListDatabasesResponse.Builder out = ListDatabasesResponse.newBuilder();
        for (DatabaseInfo d : i.databases().values()) {
            if (!request.getIncludeSummary()) {
                out.addDatabaseName(d.name());
                continue;
            }
            out.addDatabaseSummary(
                    PbDatabaseSummary.newBuilder()
                            .setDatabaseName(d.name())
                            .setCreatedTime(d.createdTimeMs())
                            .setTableCount(i.tablesOf(d.name()).size()));
        }
        return out.build();
    }

    public DatabaseExistsResponse databaseExists(DatabaseExistsRequest request) {
        boolean exists = image.get().databases().containsKey(request.getDatabaseName());
        return DatabaseExistsResponse.newBuilder().setExists(exists).build();
    }

    public GetDatabaseInfoResponse databaseInfo(GetDatabaseInfoRequest request) {
        DatabaseInfo d = image.get().existingDatabase(request.getDatabaseName());
        return GetDatabaseInfoResponse.newBuilder()
                .setDatabaseJson(bytes(DatabaseJson.write(d.descriptor())))
                .setCreatedTime(d.createdTimeMs())
                .setModifiedTime(d.modifiedTimeMs())
                .build();
    }

    public ListTablesResponse listTables(ListTablesRequest request) {
        ClusterImage i = image.get();
        i.existingDatabase(request.getDatabaseName());
        ListTablesResponse.Builder out = ListTablesResponse.newBuilder();
        i.tablesOf(request.getDatabaseName()).keySet().forEach(p -> out.addTableName(p.table()));
        return out.build();
    }

    public TableExistsResponse tableExists(TableExistsRequest request) {
        boolean exists = image.get().table(Wire.path(request.getTablePath())).isPresent();
        return TableExistsResponse.newBuilder().setExists(exists).build();
    }

    public GetTableInfoResponse tableInfo(GetTableInfoRequest request) {
        TableInfo t = image.get().existing(Wire.path(request.getTablePath())).info();
        return GetTableInfoResponse.newBuilder()
                .setTableId(t.tableId())
                .setSchemaId(t.schemaId())
                .setTableJson(tableJson(t))
                .setCreatedTime(t.createdTimeMs())
                .setModifiedTime(t.modifiedTimeMs())
                .setRemoteDataDir(settings.get().remoteDataDir())
                .build();
    }

    /** The descriptor as clients see it: with the cluster's lake options. */
    ByteString tableJson(TableInfo table) {
        TableDescriptor d = table.descriptor();
        Map<String, String> all = new TreeMap<>(settings.get().lakePropertiesForClients());
        all.putAll(d.properties());
        return bytes(TableJson.write(d.withProperties(all)));
    }

    /** An unknown table is SCHEMA_NOT_EXIST too, as published servers answer. */
    public GetTableSchemaResponse tableSchema(GetTableSchemaRequest request) {
        Optional<TableEntry> table = image.get().table(Wire.path(request.getTablePath()));
        int id =
                request.hasSchemaId()
                        ? request.getSchemaId()
                        : table.map(t -> t.info().schemaId()).orElse(0);
        if (table.isEmpty() || id < 1 || id > table.get().schemas().size()) {
            throw ErrorReason.SCHEMA_NOT_EXIST.exception(
                    "table '" + Wire.path(request.getTablePath()) + "' has no schema " + id);
        }
        return GetTableSchemaResponse.newBuilder()
                .setSchemaId(id)
                .setSchemaJson(bytes(SchemaJson.write(table.get().schemas().get(id - 1))))
                .build();
    }

    public ListPartitionInfosResponse listPartitions(ListPartitionInfosRequest request) {
        TableEntry table = image.get().existing(Wire.path(request.getTablePath()));
        if (!table.info().isPartitioned()) {
            throw ErrorReason.TABLE_NOT_PARTITIONED.exception(
                    "table '" + table.info().path() + "' is not partitioned");
        }
        Map<String, String> filter = spec(request.getPartialPartitionSpec());
        for (String key : filter.keySet()) {
            if (!table.info().descriptor().partitionKeys().contains(key)) {
                throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                        "'" + key + "' is not a partition key of '" + table.info().path() + "'");
            }
        }
        ListPartitionInfosResponse.Builder out = ListPartitionInfosResponse.newBuilder();
        new TreeMap<>(table.partitions())
                .values().stream()
                        .filter(p -> p.spec().entrySet().containsAll(filter.entrySet()))
                        .forEach(p -> out.addPartitionsInfo(message(p)));
        return out.build();
    }

    private PbPartitionInfo message(PartitionInfo p) {
        PbPartitionSpec.Builder spec = PbPartitionSpec.newBuilder();
        p.spec()
                .forEach(
                        (k, v) ->
                                spec.addPartitionKeyValues(
                                        PbKeyValue.newBuilder().setKey(k).setValue(v)));
        return PbPartitionInfo.newBuilder()
                .setPartitionId(p.partitionId())
                .setPartitionSpec(spec)
                .setRemoteDataDir(settings.get().remoteDataDir())
                .build();
    }

    static Map<String, String> spec(PbPartitionSpec spec) {
        Map<String, String> out = new LinkedHashMap<>();
        spec.getPartitionKeyValuesList().forEach(kv -> out.put(kv.getKey(), kv.getValue()));
        return out;
    }

    /** Local files need no token. */
    public GetFileSystemSecurityTokenResponse securityToken(
            GetFileSystemSecurityTokenRequest request) {
        return RemoteStorageToken.of(settings.get().remoteDataDir(), settings.get().all());
    }

    public DescribeClusterConfigsResponse describeConfigs(DescribeClusterConfigsRequest request) {
        DescribeClusterConfigsResponse.Builder out = DescribeClusterConfigsResponse.newBuilder();
        Map<String, String> changed = changedOptions.get();
        new TreeMap<>(settings.get().all().asMap())
                .forEach(
                        (k, v) ->
                                out.addConfigs(
                                        PbDescribeConfig.newBuilder()
                                                .setConfigKey(k)
                                                .setConfigValue(
                                                        SecretOptions.isSecret(k) ? MASKED : v)
                                                .setConfigSource(
                                                        changed.containsKey(k)
                                                                ? "DYNAMIC_SERVER_CONFIG"
                                                                : "INITIAL_SERVER_CONFIG")));
        return out.build();
    }

    private static ByteString bytes(byte[] json) {
        return UnsafeByteOperations.unsafeWrap(json);
    }
}
