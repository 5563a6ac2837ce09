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

import java.io.Serializable;
import java.util.OptionalLong;

/**
 * The unit of leadership, ordering and storage: bucket {@code bucket} (from 0) of a table or of one
 * partition of it. {@code partitionId} is -1 for a table without partitions.
 */
public record TableBucket(long tableId, long partitionId, int bucket)
        implements Serializable, Comparable<TableBucket> {
    private static final long serialVersionUID = 1L;

    /** Stands for "no partition". */
    public static final long NO_PARTITION = -1;

    public static TableBucket of(long tableId, int bucket) {
        return new TableBucket(tableId, NO_PARTITION, bucket);
    }

    public static TableBucket of(long tableId, OptionalLong partitionId, int bucket) {
        return new TableBucket(tableId, partitionId.orElse(NO_PARTITION), bucket);
    }

    public boolean isPartitioned() {
        return partitionId != NO_PARTITION;
    }

    public OptionalLong partition() {
        return isPartitioned() ? OptionalLong.of(partitionId) : OptionalLong.empty();
    }

    @Override
    public int compareTo(TableBucket o) {
        int c = Long.compare(tableId, o.tableId);
        c = c != 0 ? c : Long.compare(partitionId, o.partitionId);
        return c != 0 ? c : Integer.compare(bucket, o.bucket);
    }

    /** {@code table/bucket} or {@code table/partition/bucket}, by ids. */
    @Override
    public String toString() {
        return tableId + (isPartitioned() ? "/p" + partitionId : "") + "/" + bucket;
    }
}
