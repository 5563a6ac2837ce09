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
package io.fluss.tablet;

import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.List;
import java.util.Optional;

/**
 * The coordinator's word that this server leads a bucket.
 *
 * @param partitionName present exactly for buckets of partitions
 */
public record LeaderAssignment(
        TableInfo table,
        Optional<String> partitionName,
        TableBucket bucket,
        int leaderEpoch,
        int bucketEpoch,
        List<Integer> replicas,
        List<Integer> isr) {
    public LeaderAssignment {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }
}
