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
package io.fluss.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A partition of a table.
 *
 * @param partitionId unique in the cluster, never reused
 * @param spec partition column to value as text, in the order of the partition keys
 */
public record PartitionInfo(long partitionId, Map<String, String> spec) {
    public PartitionInfo {
        spec = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(spec));
    }

    /** The values joined with {@code $}; opaque, never parsed and formatted again. */
    public String name() {
        return String.join("$", List.copyOf(spec.values()));
    }
}
