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

import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.coordinator.image.Endpoint;
import io.fluss.coordinator.image.ServerNode;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.ErrorReason;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbBucketMetadata;
import io.fluss.protocol.messages.PbPartitionMetadata;
import io.fluss.protocol.messages.PbPhysicalTablePath;
import io.fluss.protocol.messages.PbServerNode;
import io.fluss.protocol.messages.PbTableMetadata;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * GET_METADATA (wire protocol document, section 4.9): all servers, and tables and partitions that
 * were asked for. Thread-safe, never blocks.
 */
public final class MetadataReads {
    private final Supplier<ClusterImage> image;
    private final Supplier<ServerNode> coordinator;
    private final CatalogueReads catalogue;

    /** The coordinator's address is asked for at each request: its port is known after binding. */
    public MetadataReads(
            Supplier<ClusterImage> image,
            Supplier<ServerNode> coordinator,
            CatalogueReads catalogue) {
        this.image = image;
        this.coordinator = coordinator;
        this.catalogue = catalogue;
    }

    /** Servers are named with their address for the listener of the request. */
    public MetadataResponse metadata(MetadataRequest request, String listener) {
        ClusterImage i = image.get();
        MetadataResponse.Builder out = MetadataResponse.newBuilder();
        node(coordinator.get(), listener).ifPresent(out::setCoordinatorServer);
        i.servers().values().forEach(s -> node(s, listener).ifPresent(out::addTabletServers));
        request.getTablePathList()
                .forEach(p -> out.addTableMetadata(table(i.existing(Wire.path(p)))));
        request.getPartitionsPathList().forEach(p -> out.addPartitionMetadata(partition(i, p)));
        request.getPartitionsIdList().forEach(id -> out.addPartitionMetadata(partition(i, id)));
        return out.build();
    }

    private static Optional<PbServerNode> node(ServerNode server, String listener) {
        Endpoint e = server.endpoints().get(listener);
        if (e == null) {
            return Optional.empty();
        }
        PbServerNode.Builder node =
                PbServerNode.newBuilder()
                        .setNodeId(server.id())
                        .setHost(e.host())
                        .setPort(e.port());
        server.rack().ifPresent(node::setRack);
        return Optional.of(node.build());
    }

    private PbTableMetadata table(TableEntry entry) {
        TableInfo t = entry.info();
        return PbTableMetadata.newBuilder()
                .setTablePath(Wire.path(t.path()))
                .setTableId(t.tableId())
                .setSchemaId(t.schemaId())
                .setTableJson(catalogue.tableJson(t))
                .addAllBucketMetadata(buckets(entry, TableBucket.NO_PARTITION))
                .setCreatedTime(t.createdTimeMs())
                .setModifiedTime(t.modifiedTimeMs())
                .build();
    }

    private static PbPartitionMetadata partition(ClusterImage i, PbPhysicalTablePath p) {
        TableEntry table = i.existing(TablePath.of(p.getDatabaseName(), p.getTableName()));
        PartitionInfo partition = table.partitions().get(p.getPartitionName());
        if (partition == null) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    "partition '"
                            + p.getPartitionName()
                            + "' of table '"
                            + table.info().path()
                            + "' does not exist");
        }
        return message(table, partition);
    }

    private static PbPartitionMetadata partition(ClusterImage i, long partitionId) {
        for (TableEntry table : i.tables().values()) {
            Optional<PartitionInfo> found = table.partition(partitionId);
            if (found.isPresent()) {
                return message(table, found.get());
            }
        }
        throw ErrorReason.PARTITION_NOT_EXIST.exception(
                "partition " + partitionId + " does not exist");
    }

    private static PbPartitionMetadata message(TableEntry table, PartitionInfo p) {
        return PbPartitionMetadata.newBuilder()
                .setTableId(table.info().tableId())
                .setPartitionName(p.name())
                .setPartitionId(p.partitionId())
                .addAllBucketMetadata(buckets(table, p.partitionId()))
                .build();
    }

    private static List<PbBucketMetadata> buckets(TableEntry table, long partitionId) {
        List<PbBucketMetadata> out = new ArrayList<>();
        for (Bucket b : table.buckets().getOrDefault(partitionId, List.of())) {
            PbBucketMetadata.Builder message =
                    PbBucketMetadata.newBuilder()
                            .setBucketId(b.state().bucket())
                            .addAllReplicaId(b.state().replicas());
            b.servingLeader()
                    .ifPresent(
                            leader ->
                                    message.setLeaderId(leader)
                                            .setLeaderEpoch(b.state().leaderEpoch()));
            out.add(message.build());
        }
        return out;
    }
}
