package io.fluss.coordinator;

import io.fluss.errors.FlussException;
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

    /** Stops replicas on all servers that host them, and deletes their local data if asked. */
    CompletableFuture<Void> stopReplicas(Collection<TableBucket> buckets, boolean deleteData);

    /** The description of a table has changed. */
    void tableChanged(TableInfo table);

    /** Log end offsets (exclusive) up to which the lake holds the buckets. */
    void lakeOffsets(Map<TableBucket, Long> offsets);
}
