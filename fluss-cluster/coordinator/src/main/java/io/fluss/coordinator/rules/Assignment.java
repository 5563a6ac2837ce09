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
package io.fluss.coordinator.rules;

import io.fluss.errors.ErrorReason;
import io.fluss.metastore.BucketState;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * Places replicas of new buckets on live servers (server behaviour document, section 2). Racks are
 * not looked at. Pure.
 */
public final class Assignment {
    private Assignment() {}

    /**
     * First replicas go round the servers from a random one; further ones follow at a shift that
     * grows with each round. All replicas are in sync, the first leads, epochs are 0.
     */
    public static List<BucketState> of(
            int bucketCount, int replicationFactor, List<Integer> servers, RandomGenerator random) {
        if (replicationFactor > servers.size()) {
            throw ErrorReason.INVALID_REPLICATION_FACTOR.exception(
                    "replication factor is "
                            + replicationFactor
                            + ", but only "
                            + servers.size()
                            + " tablet server(s) are alive");
        }
        int n = servers.size();
        int start = random.nextInt(n);
        int shift = random.nextInt(n);
        List<BucketState> out = new ArrayList<>();
        for (int b = 0; b < bucketCount; b++) {
            if (b > 0 && b % n == 0) {
                shift++;
            }
            List<Integer> replicas = new ArrayList<>();
            int first = (start + b) % n;
            replicas.add(servers.get(first));
            for (int r = 1; r < replicationFactor; r++) {
                int distance = 1 + (shift + r - 1) % (n - 1);
                replicas.add(servers.get((first + distance) % n));
            }
            out.add(new BucketState(b, OptionalInt.of(replicas.get(0)), 0, 0, replicas, replicas));
        }
        return out;
    }
}
