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
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * The directory of one bucket's log in remote storage, and the names of the files in it (data
 * formats document, section 8.1). Golden vectors: {@code remote.json}.
 *
 * @param uri without a slash at the end
 */
public record RemoteLogDirectory(String uri) {

    /**
     * The directory of a bucket.
     *
     * @param root the remote data directory, without a slash at the end
     * @param partitionName of a bucket of a partitioned table
     */
    public static RemoteLogDirectory of(
            String root, TablePath table, Optional<String> partitionName, TableBucket bucket) {
        String parent =
                partitionName
                        .map(name -> "/" + partitionDirectory(name, bucket.partitionId()))
                        .orElse("");
        return new RemoteLogDirectory(
                ofTable(root, table, bucket.tableId()) + parent + "/" + bucket.bucket());
    }

    /** The directory of all logs of a table. */
    public static String ofTable(String root, TablePath table, long tableId) {
        return root + "/log/" + table.database() + "/" + table.table() + "-" + tableId;
    }

    private static String partitionDirectory(String name, long partitionId) {
        return name + partitionSuffix(partitionId);
    }

    /** How the name of a partition's directory ends; no two partitions share it. */
    public static String partitionSuffix(long partitionId) {
        return "-p" + partitionId;
    }

    /** Directory of all manifests. */
    public String manifests() {
        return uri + "/metadata";
    }

    public String manifest(UUID id) {
        return manifests() + "/" + id + ".manifest";
    }

    /** Directory of all files of a segment. */
    public String segment(UUID id) {
        return uri + "/" + id;
    }

    public String log(RemoteSegment s) {
        return file(s, s.startOffset(), ".log");
    }

    public String offsetIndex(RemoteSegment s) {
        return file(s, s.startOffset(), ".index");
    }

    public String timeIndex(RemoteSegment s) {
        return file(s, s.startOffset(), ".timeindex");
    }

    public String writerSnapshot(RemoteSegment s) {
        return file(s, s.endOffset(), ".writer_snapshot");
    }

    private String file(RemoteSegment s, long offset, String suffix) {
        return segment(s.id()) + "/" + String.format(Locale.ROOT, "%020d", offset) + suffix;
    }
}
