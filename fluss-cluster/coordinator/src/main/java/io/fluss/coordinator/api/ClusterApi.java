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

import io.fluss.coordinator.Coordinator;
import io.fluss.coordinator.cluster.ServerTags.Goal;
import io.fluss.coordinator.cluster.ServerTags.Tag;
import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.ErrorReason;
import io.fluss.metastore.ProducerOffsets.Entry;
import io.fluss.protocol.messages.AddServerTagRequest;
import io.fluss.protocol.messages.AddServerTagResponse;
import io.fluss.protocol.messages.AlterClusterConfigsRequest;
import io.fluss.protocol.messages.AlterClusterConfigsResponse;
import io.fluss.protocol.messages.CancelRebalanceRequest;
import io.fluss.protocol.messages.CancelRebalanceResponse;
import io.fluss.protocol.messages.DeleteProducerOffsetsRequest;
import io.fluss.protocol.messages.DeleteProducerOffsetsResponse;
import io.fluss.protocol.messages.GetClusterHealthRequest;
import io.fluss.protocol.messages.GetClusterHealthResponse;
import io.fluss.protocol.messages.GetProducerOffsetsRequest;
import io.fluss.protocol.messages.GetProducerOffsetsResponse;
import io.fluss.protocol.messages.ListRebalanceProgressRequest;
import io.fluss.protocol.messages.ListRebalanceProgressResponse;
import io.fluss.protocol.messages.PbAlterConfig;
import io.fluss.protocol.messages.PbBucketOffset;
import io.fluss.protocol.messages.PbProducerTableOffsets;
import io.fluss.protocol.messages.RebalanceRequest;
import io.fluss.protocol.messages.RebalanceResponse;
import io.fluss.protocol.messages.RegisterProducerOffsetsRequest;
import io.fluss.protocol.messages.RegisterProducerOffsetsResponse;
import io.fluss.protocol.messages.RemoveServerTagRequest;
import io.fluss.protocol.messages.RemoveServerTagResponse;
import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Requests that concern the whole cluster (wire protocol document, sections 4.17, 4.19 and 4.20).
 * Thread-safe, never blocks.
 */
public final class ClusterApi {
    private static final int SET = 0;
    private static final int DELETE = 1;
    private static final int CREATED = 0;
    private static final int ALREADY_EXISTS = 1;
    private static final int COMPLETED = 3;
    private static final int GREEN = 0;
    private static final int YELLOW = 1;
    private static final int RED = 2;

    private final Coordinator coordinator;

    public ClusterApi(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    public CompletableFuture<AlterClusterConfigsResponse> alterConfigs(
            AlterClusterConfigsRequest r) {
        Map<String, Optional<String>> changes = new LinkedHashMap<>();
        for (PbAlterConfig c : r.getAlterConfigsList()) {
            if (c.getOpType() == SET && c.hasConfigValue()) {
                changes.put(c.getConfigKey(), Optional.of(c.getConfigValue()));
            } else if (c.getOpType() == DELETE) {
                changes.put(c.getConfigKey(), Optional.empty());
            } else {
                throw ErrorReason.CONFIG.exception(
                        "option '"
                                + c.getConfigKey()
                                + "': only SET with a value and DELETE are for options that are"
                                + " neither lists nor maps");
            }
        }
        return coordinator
                .alterOptions(changes)
                .thenApply(done -> AlterClusterConfigsResponse.getDefaultInstance());
    }

    public CompletableFuture<AddServerTagResponse> addTag(AddServerTagRequest r) {
        Tag tag = constant(Tag.values(), r.getServerTag(), "server tag");
        return coordinator.onCluster(
                (c, now) -> {
                    c.tags().add(r.getServerIdsList(), tag);
                    return AddServerTagResponse.getDefaultInstance();
                });
    }

    public CompletableFuture<RemoveServerTagResponse> removeTag(RemoveServerTagRequest r) {
        Tag tag = constant(Tag.values(), r.getServerTag(), "server tag");
        return coordinator.onCluster(
                (c, now) -> {
                    c.tags().remove(r.getServerIdsList(), tag);
                    return RemoveServerTagResponse.getDefaultInstance();
                });
    }

    private static <E extends Enum<E>> E constant(E[] all, int number, String what) {
        if (number < 0 || number >= all.length) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    what + " " + number + " is not known; 0 to " + (all.length - 1) + " are");
        }
        return all[number];
    }

    public CompletableFuture<RebalanceResponse> rebalance(RebalanceRequest r) {
        List<Goal> goals =
                r.getGoalsList().stream()
                        .map(g -> constant(Goal.values(), g, "rebalance goal"))
                        .toList();
        return coordinator.onCluster(
                (c, now) -> {
                    String id = c.newId();
                    c.tags().rebalance(goals, id);
                    return RebalanceResponse.newBuilder().setRebalanceId(id).build();
                });
    }

    /** Of an id that is not known there is no progress, as published servers answer. */
    public CompletableFuture<ListRebalanceProgressResponse> rebalanceProgress(
            ListRebalanceProgressRequest r) {
        return coordinator.onCluster(
                (c, now) ->
                        c.tags()
                                .lastRebalance()
                                .filter(id -> !r.hasRebalanceId() || r.getRebalanceId().equals(id))
                                .map(
                                        id ->
                                                ListRebalanceProgressResponse.newBuilder()
                                                        .setRebalanceId(id)
                                                        .setRebalanceStatus(COMPLETED)
                                                        .build())
                                .orElse(ListRebalanceProgressResponse.getDefaultInstance()));
    }

    /** A rebalance is complete at once, so that there is nothing to cancel. */
    public CancelRebalanceResponse cancelRebalance(CancelRebalanceRequest r) {
        return CancelRebalanceResponse.getDefaultInstance();
    }

    public CompletableFuture<RegisterProducerOffsetsResponse> registerOffsets(
            RegisterProducerOffsetsRequest r) {
        Map<TableBucket, Long> offsets = new HashMap<>();
        for (PbProducerTableOffsets t : r.getTableOffsetsList()) {
            for (PbBucketOffset b : t.getBucketOffsetsList()) {
                if (!b.hasLogEndOffset()) {
                    throw ErrorReason.CORRUPT_MESSAGE.exception(
                            "bucket " + b.getBucketId() + " has no log_end_offset");
                }
                offsets.put(
                        TableBucket.of(
                                t.getTableId(),
                                b.hasPartitionId()
                                        ? OptionalLong.of(b.getPartitionId())
                                        : OptionalLong.empty(),
                                b.getBucketId()),
                        b.getLogEndOffset());
            }
        }
        Optional<Duration> ttl =
                r.hasTtlMs() ? Optional.of(Duration.ofMillis(r.getTtlMs())) : Optional.empty();
        return coordinator.onCluster(
                (c, now) -> {
                    boolean isNew = c.producers().register(r.getProducerId(), offsets, ttl, now);
                    return RegisterProducerOffsetsResponse.newBuilder()
                            .setResult(isNew ? CREATED : ALREADY_EXISTS)
                            .build();
                });
    }

    public CompletableFuture<GetProducerOffsetsResponse> producerOffsets(
            GetProducerOffsetsRequest r) {
        return coordinator.onCluster(
                (c, now) ->
                        c.producers()
                                .read(r.getProducerId(), now)
                                .map(e -> message(r.getProducerId(), e))
                                .orElse(GetProducerOffsetsResponse.getDefaultInstance()));
    }

    private static GetProducerOffsetsResponse message(String producerId, Entry entry) {
        Map<Long, PbProducerTableOffsets.Builder> tables = new TreeMap<>();
        new TreeMap<>(entry.offsets())
                .forEach(
                        (b, offset) -> {
                            PbBucketOffset.Builder one =
                                    PbBucketOffset.newBuilder()
                                            .setBucketId(b.bucket())
                                            .setLogEndOffset(offset);
                            if (b.isPartitioned()) {
                                one.setPartitionId(b.partitionId());
                            }
                            tables.computeIfAbsent(
                                            b.tableId(),
                                            id ->
                                                    PbProducerTableOffsets.newBuilder()
                                                            .setTableId(id))
                                    .addBucketOffsets(one);
                        });
        GetProducerOffsetsResponse.Builder out =
                GetProducerOffsetsResponse.newBuilder()
                        .setProducerId(producerId)
                        .setExpirationTime(entry.expiresMs());
        tables.values().forEach(out::addTableOffsets);
        return out.build();
    }

    public CompletableFuture<DeleteProducerOffsetsResponse> deleteOffsets(
            DeleteProducerOffsetsRequest r) {
        return coordinator.onCluster(
                (c, now) -> {
                    c.producers().delete(r.getProducerId());
                    return DeleteProducerOffsetsResponse.getDefaultInstance();
                });
    }

    /** Red: a bucket has no leader that serves; yellow: a replica is not in sync. */
    public GetClusterHealthResponse health(GetClusterHealthRequest r) {
        return healthOf(coordinator.image());
    }

    static GetClusterHealthResponse healthOf(ClusterImage image) {
        int replicas = 0;
        int inSync = 0;
        int leaders = 0;
        int active = 0;
        for (TableEntry table : image.tables().values()) {
            for (List<Bucket> group : table.buckets().values()) {
                for (Bucket b : group) {
                    replicas += b.state().replicas().size();
                    inSync += b.state().isr().size();
                    leaders++;
                    active += b.servingLeader().isPresent() ? 1 : 0;
                }
            }
        }
        return GetClusterHealthResponse.newBuilder()
                .setNumReplicas(replicas)
                .setInSyncReplicas(inSync)
                .setNumLeaderReplicas(leaders)
                .setActiveLeaderReplicas(active)
                .setStatus(active < leaders ? RED : inSync < replicas ? YELLOW : GREEN)
                .build();
    }
}
