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
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Bucket groups that are gone from the catalogue and whose data still has to be deleted.
 * Thread-safe.
 */
public final class Dropped {
    private final NodeTree tree;

    Dropped(NodeTree tree) {
        this.tree = tree;
    }

    /**
     * Buckets of a dropped table or partition.
     *
     * @param bucketCount 0 for the frame of a partitioned table
     * @param isWholeTable whether files that belong to the table as a whole go as well
     */
    public record Group(
            TablePath path, long tableId, long partitionId, int bucketCount, boolean isWholeTable) {
        public List<TableBucket> buckets() {
            return IntStream.range(0, bucketCount)
                    .mapToObj(b -> new TableBucket(tableId, partitionId, b))
                    .toList();
        }
    }

    public List<Group> all() {
        List<Group> out = new ArrayList<>();
        for (String name : tree.children(Metastore.DROPPED)) {
            String path = Metastore.DROPPED + "/" + name;
            tree.read(path).ifPresent(n -> out.add(decode(Documents.parse(n.data(), path), path)));
        }
        return out;
    }

    /** The data is deleted; does nothing if that was noted before. */
    public void finish(Group group) {
        // A missing node means that somebody noted it before.
        boolean unused = tree.commit(List.of(new NodeTree.Delete(path(group))));
    }

    private static String path(Group group) {
        return Metastore.DROPPED + "/" + group.tableId() + "_" + group.partitionId();
    }

    static NodeTree.Change create(Group group) {
        return new NodeTree.Create(
                path(group),
                Documents.bytes(
                        Documents.object()
                                .put("database", group.path().database())
                                .put("table", group.path().table())
                                .put("table_id", group.tableId())
                                .put("partition_id", group.partitionId())
                                .put("bucket_count", group.bucketCount())
                                .put("whole_table", group.isWholeTable())));
    }

    private static Group decode(JsonNode json, String where) {
        return new Group(
                TablePath.of(
                        Documents.field(json, "database", where).asText(),
                        Documents.field(json, "table", where).asText()),
                Documents.field(json, "table_id", where).asLong(),
                Documents.field(json, "partition_id", where).asLong(),
                Documents.field(json, "bucket_count", where).asInt(),
                Documents.field(json, "whole_table", where).asBoolean());
    }
}
