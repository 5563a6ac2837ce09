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
package io.fluss.spark.read;

import java.util.Map;
import java.util.OptionalLong;

/**
 * A partition of a table, or the whole of a table without partitions.
 *
 * @param spec texts by partition key, empty without partitions
 */
public record TablePartition(OptionalLong id, Map<String, String> spec) {
    static final TablePartition WHOLE = new TablePartition(OptionalLong.empty(), Map.of());

    public TablePartition {
        spec = Map.copyOf(spec);
    }
}
