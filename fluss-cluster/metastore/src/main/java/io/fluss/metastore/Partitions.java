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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import io.fluss.table.PartitionInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Partitions of a table by name. Thread-safe. */
public final class Partitions {
    private final NodeTree tree;

    Partitions(NodeTree tree) {
        this.tree = tree;
    }

    static String path(long tableId) {
        return Tables.path(tableId) + "/partitions";
    }

    static String bucketsPath(long tableId) {
        return Tables.path(tableId) + "/partition-buckets";
    }

    private static String path(long tableId, String name) {
        return path(tableId) + "/" + name;
    }

    /** In name order. */
    public List<PartitionInfo> all(long tableId) {
        List<PartitionInfo> out = new ArrayList<>();
        for (String name : tree.children(path(tableId))) {
            String path = path(tableId, name);
            tree.read(path).ifPresent(n -> out.add(decode(Documents.parse(n.data(), path), path)));
        }
        return out;
    }

    /** Creates the partition and its buckets in one transaction. */
    public void create(long tableId, PartitionInfo partition, List<BucketState> buckets) {
        boolean done =
                tree.commit(
                        List.of(
                                new NodeTree.Create(
                                        path(tableId, partition.name()), encode(partition)),
                                new NodeTree.Create(
                                        BucketStates.path(tableId, partition.partitionId()),
                                        BucketStates.encode(buckets))));
        if (!done) {
            throw ErrorReason.PARTITION_ALREADY_EXIST.exception(
                    "partition '" + partition.name() + "' of table " + tableId + " exists already");
        }
    }

    /** Removes the partition and notes what data is to be deleted, in one transaction. */
    public void drop(long tableId, PartitionInfo partition, Dropped.Group data) {
        List<NodeTree.Change> changes =
                new ArrayList<>(RemoteManifests.deletes(tree, tableId, partition.partitionId()));
        changes.addAll(KvSnapshots.deletes(tree, tableId, partition.partitionId()));
        changes.add(new NodeTree.Delete(path(tableId, partition.name())));
        changes.add(new NodeTree.Delete(BucketStates.path(tableId, partition.partitionId())));
        changes.add(Dropped.create(data));
        if (!tree.commit(changes)) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    "partition '" + partition.name() + "' of table " + tableId + " does not exist");
        }
    }

    private static byte[] encode(PartitionInfo partition) {
        ObjectNode out = Documents.object().put("partition_id", partition.partitionId());
        ObjectNode spec = out.putObject("spec");
        partition.spec().forEach(spec::put);
        return Documents.bytes(out);
    }

    private static PartitionInfo decode(JsonNode json, String where) {
        Map<String, String> spec = new LinkedHashMap<>();
        JsonNode stored = Documents.field(json, "spec", where);
        stored.fieldNames().forEachRemaining(k -> spec.put(k, stored.path(k).asText()));
        return new PartitionInfo(Documents.field(json, "partition_id", where).asLong(), spec);
    }
}
