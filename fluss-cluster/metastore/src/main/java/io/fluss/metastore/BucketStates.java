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
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Assignment and leadership of all buckets of a table or of one partition, in one document.
 * Thread-safe.
 */
public final class BucketStates {
    private final NodeTree tree;

    BucketStates(NodeTree tree) {
        this.tree = tree;
    }

    /** Where the buckets of a group are; {@code partitionId} may be "no partition". */
    static String path(long tableId, long partitionId) {
        String table = Tables.path(tableId);
        return partitionId == TableBucket.NO_PARTITION
                ? table + "/buckets"
                : table + "/partition-buckets/" + partitionId;
    }

    /** In bucket order; empty if the group does not exist. */
    public List<BucketState> read(long tableId, long partitionId) {
        String path = path(tableId, partitionId);
        return tree.read(path)
                .map(n -> decode(Documents.parse(n.data(), path), path))
                .orElse(List.of());
    }

    /** Replaces the states of a group that exists; UNKNOWN_TABLE_OR_BUCKET if it does not. */
    public void write(long tableId, long partitionId, List<BucketState> states) {
        NodeTree.Change put =
                new NodeTree.Put(path(tableId, partitionId), encode(states), NodeTree.ANY_VERSION);
        if (!tree.commit(List.of(put))) {
            throw ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                    "table " + tableId + ", partition " + partitionId + ": has no buckets");
        }
    }

    static byte[] encode(List<BucketState> states) {
        ObjectNode out = Documents.object();
        ArrayNode array = out.putArray("buckets");
        for (BucketState s : states) {
            ObjectNode b = array.addObject();
            b.put("bucket", s.bucket());
            b.put("leader", s.leader().orElse(-1));
            b.put("leader_epoch", s.leaderEpoch());
            b.put("bucket_epoch", s.bucketEpoch());
            b.set("replicas", Documents.array(s.replicas()));
            b.set("isr", Documents.array(s.isr()));
        }
        return Documents.bytes(out);
    }

    private static List<BucketState> decode(JsonNode json, String where) {
        List<BucketState> out = new ArrayList<>();
        for (JsonNode b : Documents.field(json, "buckets", where)) {
            int leader = Documents.field(b, "leader", where).asInt();
            out.add(
                    new BucketState(
                            Documents.field(b, "bucket", where).asInt(),
                            leader < 0 ? OptionalInt.empty() : OptionalInt.of(leader),
                            Documents.field(b, "leader_epoch", where).asInt(),
                            Documents.field(b, "bucket_epoch", where).asInt(),
                            Documents.numbers(Documents.field(b, "replicas", where)),
                            Documents.numbers(Documents.field(b, "isr", where))));
        }
        return out;
    }
}
