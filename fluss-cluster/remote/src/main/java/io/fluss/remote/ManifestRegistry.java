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
package io.fluss.remote;

import io.fluss.table.TableBucket;
import java.util.Optional;

/**
 * Where the coordinator keeps which manifest is the valid one of a bucket. Both calls block, and
 * are refused with FENCED_LEADER_EPOCH for a leader that is not the current one, or with
 * UNKNOWN_TABLE_OR_BUCKET for a bucket that is gone; other failures leave the outcome unknown.
 */
public interface ManifestRegistry {

    /** URI of the valid manifest, if there is one. */
    Optional<String> read(TableBucket bucket, int leaderEpoch);

    /** Makes a manifest the valid one. */
    void commit(Commit commit);

    /**
     * A step from one manifest to the next.
     *
     * @param previous URI of the manifest that must be the valid one; empty: there must be none
     * @param manifest URI of the next one
     * @param startOffset first offset in it
     * @param endOffset behind the last offset in it
     */
    record Commit(
            TableBucket bucket,
            int leaderEpoch,
            Optional<String> previous,
            String manifest,
            long startOffset,
            long endOffset) {}
}
