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
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.ErrorReason;
import io.fluss.protocol.messages.ListRemoteLogManifestsRequest;
import io.fluss.protocol.messages.ListRemoteLogManifestsResponse;
import io.fluss.protocol.messages.PbRemoteLogManifestEntry;
import io.fluss.protocol.messages.PbTableBucket;
import io.fluss.table.TableBucket;
import java.util.concurrent.CompletableFuture;

/** The remote log as clients may ask for it (wire protocol document, section 4.15). */
public final class RemoteLogApi {
    private final Coordinator coordinator;

    public RemoteLogApi(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    public CompletableFuture<ListRemoteLogManifestsResponse> manifests(
            ListRemoteLogManifestsRequest r) {
        TableEntry table =
                coordinator
                        .image()
                        .table(r.getTableId())
                        .orElseThrow(
                                () ->
                                        ErrorReason.TABLE_NOT_EXIST.exception(
                                                "table " + r.getTableId() + " does not exist"));
        long partition = r.hasPartitionId() ? r.getPartitionId() : TableBucket.NO_PARTITION;
        if (r.hasPartitionId() && table.partition(partition).isEmpty()) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    "'" + table.info().path() + "' has no partition with the id " + partition);
        }
        return coordinator.onIo(() -> message(r, partition));
    }

    private ListRemoteLogManifestsResponse message(
            ListRemoteLogManifestsRequest r, long partition) {
        ListRemoteLogManifestsResponse.Builder out = ListRemoteLogManifestsResponse.newBuilder();
        coordinator
                .remoteLogs()
                .all(r.getTableId(), partition)
                .forEach(
                        (bucket, entry) -> {
                            PbTableBucket.Builder b =
                                    PbTableBucket.newBuilder()
                                            .setTableId(r.getTableId())
                                            .setBucketId(bucket);
                            if (r.hasPartitionId()) {
                                b.setPartitionId(r.getPartitionId());
                            }
                            out.addManifests(
                                    PbRemoteLogManifestEntry.newBuilder()
                                            .setTableBucket(b)
                                            .setRemoteLogManifestPath(entry.uri())
                                            .setRemoteLogEndOffset(entry.endOffset()));
                        });
        return out.build();
    }
}
