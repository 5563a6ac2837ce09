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
package io.fluss.server;

import com.google.protobuf.MessageLite;
import io.fluss.coordinator.Coordinator;
import io.fluss.coordinator.api.CatalogueReads;
import io.fluss.coordinator.api.CatalogueWrites;
import io.fluss.coordinator.api.ClusterApi;
import io.fluss.coordinator.api.LakeApi;
import io.fluss.coordinator.api.MetadataReads;
import io.fluss.coordinator.api.RemoteLogApi;
import io.fluss.coordinator.api.SnapshotApi;
import io.fluss.coordinator.api.TieringApi;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.errors.ErrorReason;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.transport.ApiHandler;
import io.fluss.transport.ApiHandlers;
import java.util.List;
import java.util.function.Supplier;

/** Binds the coordinator's calls to API keys. */
final class ControlHandlers {
    private static final List<ApiKey> ACCESS_CONTROL =
            List.of(ApiKey.CREATE_ACLS, ApiKey.LIST_ACLS, ApiKey.DROP_ACLS);

    private final Gate gate;
    private final Coordinator coordinator;
    private final CatalogueReads reads;
    private final MetadataReads metadata;
    private final LakeApi lake;
    private final ClusterApi cluster;
    private final SnapshotApi snapshots;

    ControlHandlers(Gate gate, Coordinator coordinator, Supplier<ServerNode> coordinatorNode) {
        this.gate = gate;
        this.coordinator = coordinator;
        this.reads =
                new CatalogueReads(
                        coordinator::image, coordinator::settings, coordinator::changedOptions);
        this.cluster = new ClusterApi(coordinator);
        this.metadata = new MetadataReads(coordinator::image, coordinatorNode, reads);
        this.lake = new LakeApi(coordinator);
        this.snapshots = new SnapshotApi(coordinator);
    }

    /** For every server type. */
    ApiHandlers readOnly() {
        ApiHandler<MetadataRequest> getMetadata =
                (request, context, reply) -> {
                    gate.check();
                    reply.success(metadata.metadata(request, context.listener()));
                };
        ApiHandlers.Builder out =
                ApiHandlers.builder()
                        .on(ApiKey.GET_METADATA, getMetadata)
                        .on(ApiKey.LIST_DATABASES, gate.now(reads::listDatabases))
                        .on(ApiKey.DATABASE_EXISTS, gate.now(reads::databaseExists))
                        .on(ApiKey.GET_DATABASE_INFO, gate.now(reads::databaseInfo))
                        .on(ApiKey.LIST_TABLES, gate.now(reads::listTables))
                        .on(ApiKey.TABLE_EXISTS, gate.now(reads::tableExists))
                        .on(ApiKey.GET_TABLE_INFO, gate.now(reads::tableInfo))
                        .on(ApiKey.GET_TABLE_SCHEMA, gate.now(reads::tableSchema))
                        .on(ApiKey.LIST_PARTITION_INFOS, gate.now(reads::listPartitions))
                        .on(ApiKey.GET_FILESYSTEM_SECURITY_TOKEN, gate.now(reads::securityToken))
                        .on(ApiKey.DESCRIBE_CLUSTER_CONFIGS, gate.now(reads::describeConfigs))
                        .on(ApiKey.GET_CLUSTER_HEALTH, gate.now(cluster::health))
                        .on(ApiKey.GET_LAKE_SNAPSHOT, gate.later(lake::lakeSnapshot))
                        .on(ApiKey.GET_LATEST_KV_SNAPSHOTS, gate.later(snapshots::latest))
                        .on(ApiKey.GET_KV_SNAPSHOT_METADATA, gate.later(snapshots::metadata))
                        .on(ApiKey.LIST_ACLS, noAccessControl());
        return out.build();
    }

    /** For the coordinator only: all that is read, and all that changes the catalogue. */
    ApiHandlers all() {
        CatalogueWrites writes = new CatalogueWrites(coordinator);
        RemoteLogApi remoteLogs = new RemoteLogApi(coordinator);
        TieringApi tiering = new TieringApi(coordinator);
        ApiHandlers.Builder out =
                ApiHandlers.builder()
                        .addAll(readOnly())
                        .on(ApiKey.CREATE_DATABASE, gate.later(writes::createDatabase))
                        .on(ApiKey.ALTER_DATABASE, gate.later(writes::alterDatabase))
                        .on(ApiKey.DROP_DATABASE, gate.later(writes::dropDatabase))
                        .on(ApiKey.CREATE_TABLE, gate.later(writes::createTable))
                        .on(ApiKey.DROP_TABLE, gate.later(writes::dropTable))
                        .on(ApiKey.ALTER_TABLE, gate.later(writes::alterTable))
                        .on(ApiKey.CREATE_PARTITION, gate.later(writes::createPartition))
                        .on(ApiKey.DROP_PARTITION, gate.later(writes::dropPartition))
                        .on(ApiKey.ALTER_CLUSTER_CONFIGS, gate.later(cluster::alterConfigs))
                        .on(ApiKey.ADD_SERVER_TAG, gate.later(cluster::addTag))
                        .on(ApiKey.REMOVE_SERVER_TAG, gate.later(cluster::removeTag))
                        .on(ApiKey.REBALANCE, gate.later(cluster::rebalance))
                        .on(ApiKey.LIST_REBALANCE_PROGRESS, gate.later(cluster::rebalanceProgress))
                        .on(ApiKey.CANCEL_REBALANCE, gate.now(cluster::cancelRebalance))
                        .on(ApiKey.REGISTER_PRODUCER_OFFSETS, gate.later(cluster::registerOffsets))
                        .on(ApiKey.GET_PRODUCER_OFFSETS, gate.later(cluster::producerOffsets))
                        .on(ApiKey.DELETE_PRODUCER_OFFSETS, gate.later(cluster::deleteOffsets))
                        .on(ApiKey.LIST_REMOTE_LOG_MANIFESTS, gate.later(remoteLogs::manifests))
                        .on(ApiKey.LIST_KV_SNAPSHOTS, gate.later(snapshots::list))
                        .on(ApiKey.ACQUIRE_KV_SNAPSHOT_LEASE, gate.later(snapshots::acquire))
                        .on(ApiKey.RELEASE_KV_SNAPSHOT_LEASE, gate.later(snapshots::release))
                        .on(ApiKey.DROP_KV_SNAPSHOT_LEASE, gate.later(snapshots::drop))
                        .on(ApiKey.LAKE_TIERING_HEARTBEAT, gate.later(lake::heartbeat))
                        .on(ApiKey.TIERING_STATUS, gate.later(tiering::status))
                        .on(ApiKey.PREPARE_LAKE_TABLE_SNAPSHOT, gate.later(lake::prepare))
                        .on(ApiKey.COMMIT_LAKE_TABLE_SNAPSHOT, gate.later(lake::commit));
        ACCESS_CONTROL.forEach(api -> out.on(api, noAccessControl()));
        return out.build();
    }

    private ApiHandler<MessageLite> noAccessControl() {
        return gate.refused(
                ErrorReason.SECURITY_DISABLED, "the cluster runs without access control");
    }
}
