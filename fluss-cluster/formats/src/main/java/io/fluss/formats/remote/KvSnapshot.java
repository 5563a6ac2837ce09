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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a snapshot of a bucket with a primary key consists of: the files of a RocksDB checkpoint and
 * the state that goes with them (data formats document, section 8.3).
 *
 * @param id unique within the bucket, growing
 * @param location the directory of the snapshot's own files
 * @param shared immutable files that later snapshots may name too
 * @param own files of this snapshot alone
 * @param incrementalBytes size of the files that were new with this snapshot
 * @param logOffset where the changelog continues
 * @param rowCount number of rows, if it is known
 * @param idRanges of auto-increment columns: ids that the leader had in hand
 */
public record KvSnapshot(
        TableBucket bucket,
        long id,
        String location,
        List<File> shared,
        List<File> own,
        long incrementalBytes,
        long logOffset,
        OptionalLong rowCount,
        List<IdRange> idRanges) {

    public KvSnapshot {
        shared = List.copyOf(shared);
        own = List.copyOf(own);
        idRanges = List.copyOf(idRanges);
        if (id < 0 || logOffset < 0 || incrementalBytes < 0) {
            throw new IllegalArgumentException(
                    "snapshot "
                            + id
                            + " at offset "
                            + logOffset
                            + " of "
                            + incrementalBytes
                            + " B");
        }
    }

    /**
     * One file.
     *
     * @param uri in remote storage
     * @param sizeBytes its size
     * @param localName its name in the RocksDB directory
     */
    public record File(String uri, long sizeBytes, String localName) {
        public File {
            if (sizeBytes < 0 || localName.isEmpty() || localName.contains("/")) {
                throw new IllegalArgumentException(
                        "file '" + localName + "' of " + sizeBytes + " bytes");
            }
        }
    }

    /** Ids of an auto-increment column, from start to end. */
    public record IdRange(int columnId, long start, long end) {}

    /** Shared files first. */
    public List<File> files() {
        List<File> all = new ArrayList<>(shared);
        all.addAll(own);
        return all;
    }

    public long sizeBytes() {
        return files().stream().mapToLong(File::sizeBytes).sum();
    }
}
