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
package io.fluss.remote.snapshot;

import io.fluss.table.TableBucket;
import java.util.List;
import java.util.Optional;

/**
 * Where the coordinator keeps which snapshots a bucket has. Calls block, and are refused with
 * FENCED_LEADER_EPOCH for a leader that is not the current one, or with UNKNOWN_TABLE_OR_BUCKET for
 * a bucket that is gone; other failures leave the outcome unknown.
 */
public interface SnapshotRegistry {

    /** All snapshots. */
    Known read(TableBucket bucket, int leaderEpoch);

    /** An id that no snapshot of the bucket had or will have. */
    long begin(TableBucket bucket, int leaderEpoch);

    /**
     * Makes a snapshot known whose files are complete, and forgets those that nothing holds.
     *
     * @return all that are left
     */
    Known commit(TableBucket bucket, int leaderEpoch, Entry snapshot);

    /** Forgets those that nothing holds any more; gives those that are left. */
    Known trim(TableBucket bucket, int leaderEpoch);

    /** Forgets a snapshot that cannot be used; gives those that are left. */
    Known drop(TableBucket bucket, int leaderEpoch, long snapshotId);

    /**
     * A complete snapshot.
     *
     * @param metadataUri the document that lists its files
     * @param logOffset where the changelog continues
     */
    record Entry(long id, String metadataUri, long logOffset) {}

    /**
     * The snapshots of a bucket at one moment.
     *
     * @param entries by id
     */
    record Known(List<Entry> entries) {
        public static final Known NONE = new Known(List.of());

        public Known {
            entries = List.copyOf(entries);
        }

        public Optional<Entry> latest() {
            return entries.isEmpty()
                    ? Optional.empty()
                    : Optional.of(entries.get(entries.size() - 1));
        }

        boolean holds(long id) {
            return entries.stream().anyMatch(e -> e.id() == id);
        }
    }
}
