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
package io.fluss.client;

import io.fluss.table.TableBucket;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which tablet servers have a bucket.
 *
 * @param leader empty while there is none: then the bucket can be neither written nor read
 */
public record BucketLocation(TableBucket bucket, OptionalInt leader, List<Integer> replicas) {
    public BucketLocation {
        replicas = List.copyOf(replicas);
    }
}
