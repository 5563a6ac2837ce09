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
package io.fluss.formats.remote;

import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.Optional;
import java.util.UUID;

/**
 * The directory of one bucket's snapshots in remote storage, and the names in it (data formats
 * document, section 8.1). Golden vectors: {@code remote.json}.
 *
 * @param uri without a slash at the end
 */
public record KvSnapshotDirectory(String uri) {

    /**
     * The directory of a bucket.
     *
     * @param root the remote data directory, without a slash at the end
     * @param partitionName of a bucket of a partitioned table
     */
    public static KvSnapshotDirectory of(
            String root, TablePath table, Optional<String> partitionName, TableBucket bucket) {
        String parent =
                partitionName
                        .map(
                                name ->
                                        "/"
                                                + name
                                                + RemoteLogDirectory.partitionSuffix(
                                                        bucket.partitionId()))
                        .orElse("");
        return new KvSnapshotDirectory(
                ofTable(root, table, bucket.tableId()) + parent + "/" + bucket.bucket());
    }

    /** The directory of all snapshots of a table. */
    public static String ofTable(String root, TablePath table, long tableId) {
        return root + "/kv/" + table.database() + "/" + table.table() + "-" + tableId;
    }

    /** Directory of the files that snapshots share. */
    public String shared() {
        return uri + "/shared";
    }

    public String shared(UUID id) {
        return shared() + "/" + id;
    }

    /** Directory of the files of one snapshot alone. */
    public String snapshot(long id) {
        return uri + "/snap-" + id;
    }

    public String own(long snapshotId, UUID id) {
        return snapshot(snapshotId) + "/" + id;
    }

    /** The document that lists the files of a snapshot. */
    public String metadata(long snapshotId) {
        return snapshot(snapshotId) + "/_METADATA";
    }
}
