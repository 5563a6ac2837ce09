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

import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.coordinator.LeaderAssignment;
import io.fluss.coordinator.TabletServers;
import io.fluss.errors.FlussException;
import io.fluss.metastore.Dropped;
import io.fluss.settings.Settings;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.tablet.ReplicaHost;
import io.fluss.tablet.TabletSettings;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The coordinator's view of the one tablet server in the same process. */
final class HostedTablets implements TabletServers {
    private final ReplicaHost host;
    private final CatalogLakeTables lakeTables;

    HostedTablets(ReplicaHost host, CatalogLakeTables lakeTables) {
        this.host = host;
        this.lakeTables = lakeTables;
    }

    @Override
    public CompletableFuture<Map<TableBucket, Optional<FlussException>>> becomeLeaders(
            int serverId, List<LeaderAssignment> assignments) {
        return host.becomeLeaders(assignments.stream().map(HostedTablets::forTablet).toList());
    }

    private static io.fluss.tablet.LeaderAssignment forTablet(LeaderAssignment a) {
        return new io.fluss.tablet.LeaderAssignment(
                a.table(),
                a.partitionName(),
                a.bucket(),
                a.state().leaderEpoch(),
                a.state().bucketEpoch(),
                a.state().replicas(),
                a.state().isr());
    }

    @Override
    public CompletableFuture<Void> delete(Dropped.Group group) {
        if (group.isWholeTable()) {
            return host.stopReplicas(group.buckets(), true)
                    .thenCompose(done -> host.tableDropped(group.path(), group.tableId()));
        }
        return host.stopReplicas(group.buckets(), true)
                .thenCompose(
                        done ->
                                host.partitionDropped(
                                        group.path(), group.tableId(), group.partitionId()));
    }

    @Override
    public CompletableFuture<Map<TableBucket, Long>> endOffsets(Collection<TableBucket> buckets) {
        return CompletableFuture.completedFuture(host.endOffsets(buckets));
    }

    @Override
    public void optionsChanged(Settings options) {
        lakeTables.settings(CoordinatorSettings.from(options));
        host.minInSyncReplicas(TabletSettings.from(options).minInSyncReplicas());
    }

    @Override
    public void tableChanged(TableInfo table) {
        host.tableChanged(table);
    }

    @Override
    public void lakeOffsets(Map<TableBucket, Long> offsets) {
        host.lakeOffsets(offsets);
    }
}
