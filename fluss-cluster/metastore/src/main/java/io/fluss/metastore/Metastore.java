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
package io.fluss.metastore;

import java.util.List;

/** All nouns of the cluster's durable metadata. Thread-safe; owns its node tree. */
public final class Metastore implements AutoCloseable {
    static final String DATABASES = "/databases";
    static final String TABLES = "/tables";
    static final String DROPPED = "/dropped";
    static final String COUNTERS = "/counters";
    static final String SERVERS = "/servers";
    static final String CLUSTER = "/cluster";
    static final String PRODUCERS = "/producers";
    static final String SNAPSHOT_LEASES = "/snapshot-leases";

    private static final List<String> TOP =
            List.of(
                    DATABASES,
                    TABLES,
                    DROPPED,
                    COUNTERS,
                    SERVERS,
                    CLUSTER,
                    PRODUCERS,
                    SNAPSHOT_LEASES);

    private final NodeTree tree;

    private Metastore(NodeTree tree) {
        this.tree = tree;
    }

    /** Takes over the tree and makes the top nodes that are missing. */
    public static Metastore over(NodeTree tree) {
        for (String top : TOP) {
            if (tree.read(top).isEmpty()) {
                // Losing this race is fine: the node exists then.
                boolean unused = tree.commit(List.of(new NodeTree.Create(top, new byte[0])));
            }
        }
        return new Metastore(tree);
    }

    public Databases databases() {
        return new Databases(tree);
    }

    public Tables tables() {
        return new Tables(tree);
    }

    public Partitions partitions() {
        return new Partitions(tree);
    }

    /** Bucket groups that are gone from the catalogue and whose data is to be deleted. */
    public Dropped dropped() {
        return new Dropped(tree);
    }

    public BucketStates bucketStates() {
        return new BucketStates(tree);
    }

    public LakeSnapshots lakeSnapshots() {
        return new LakeSnapshots(tree);
    }

    public RemoteManifests remoteManifests() {
        return new RemoteManifests(tree);
    }

    public KvSnapshots kvSnapshots() {
        return new KvSnapshots(tree);
    }

    public SnapshotLeases snapshotLeases() {
        return new SnapshotLeases(tree);
    }

    public Counters counters() {
        return new Counters(tree);
    }

    public Servers servers() {
        return new Servers(tree);
    }

    public ClusterMaps clusterMaps() {
        return new ClusterMaps(tree);
    }

    public ProducerOffsets producerOffsets() {
        return new ProducerOffsets(tree);
    }

    @Override
    public void close() {
        tree.close();
    }
}
