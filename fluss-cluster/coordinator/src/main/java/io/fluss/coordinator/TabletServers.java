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
package io.fluss.coordinator;

import io.fluss.errors.FlussException;
import io.fluss.metastore.Dropped;
import io.fluss.settings.Settings;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the coordinator tells tablet servers. Calls return at once; answers come on any thread. */
public interface TabletServers {

    /**
     * Makes a server the leader of buckets.
     *
     * @return per bucket, empty once it serves, or why it does not
     */
    CompletableFuture<Map<TableBucket, Optional<FlussException>>> becomeLeaders(
            int serverId, List<LeaderAssignment> assignments);

    /**
     * Stops the replicas of a group that was dropped, on all servers, and deletes what these have
     * on disk of it, also if they do not host it any more.
     */
    CompletableFuture<Void> delete(Dropped.Group group);

    /** Log end offsets of buckets; those that no server leads now are left out. */
    CompletableFuture<Map<TableBucket, Long>> endOffsets(Collection<TableBucket> buckets);

    /** Server options were changed at run time; all options in force. */
    void optionsChanged(Settings options);

    /** The description of a table has changed. */
    void tableChanged(TableInfo table);

    /** Log end offsets (exclusive) up to which the lake holds the buckets. */
    void lakeOffsets(Map<TableBucket, Long> offsets);
}
