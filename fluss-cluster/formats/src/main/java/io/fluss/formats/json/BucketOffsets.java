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
package io.fluss.formats.json;

import io.fluss.table.TableBucket;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Log end offset (exclusive) of buckets of one table. Immutable; unknown buckets are absent.
 *
 * @param offsets keys all have this table id; either all are partitioned or none
 */
public record BucketOffsets(long tableId, Map<TableBucket, Long> offsets) {
    public BucketOffsets {
        offsets = java.util.Collections.unmodifiableMap(new TreeMap<>(offsets));
    }

    public OptionalLong of(TableBucket bucket) {
        Long o = offsets.get(bucket);
        return o == null ? OptionalLong.empty() : OptionalLong.of(o);
    }

    /** These offsets, with the newer ones in place of those of the same bucket. */
    public BucketOffsets plus(BucketOffsets newer) {
        Map<TableBucket, Long> all = new TreeMap<>(offsets);
        all.putAll(newer.offsets);
        return new BucketOffsets(tableId, all);
    }
}
