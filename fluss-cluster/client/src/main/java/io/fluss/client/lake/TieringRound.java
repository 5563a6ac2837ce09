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
package io.fluss.client.lake;

import java.util.Optional;

/**
 * A round of tiering that is over. Immutable.
 *
 * @param endedMs by the coordinator's clock; services that report a round leave it 0
 * @param sizes empty if not known, as of a round that failed or of a published service
 * @param hasMore it stopped with work left
 * @param error why it failed; empty if it did not
 * @param restMs how long the service leaves the failed table alone
 * @param service who did it; empty text if not known
 */
public record TieringRound(
        long endedMs,
        long durationMs,
        Optional<Sizes> sizes,
        boolean hasMore,
        Optional<String> error,
        long restMs,
        String service) {

    /**
     * What was committed to the lake.
     *
     * @param lagRecords in the log but not in the lake, of those that were in the log when the
     *     round was planned
     */
    public record Sizes(long rows, long files, long bytes, long lagRecords) {}

    public long startedMs() {
        return endedMs - durationMs;
    }
}
