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

import io.fluss.errors.ErrorReason;

/**
 * A table as the cluster knows it. Immutable.
 *
 * @param tableId unique in the cluster, never reused
 * @param schemaId id of the latest schema, from 1
 * @param descriptor completed: bucket count and defaults are filled in
 */
public record TableInfo(
        TablePath path,
        long tableId,
        int schemaId,
        TableDescriptor descriptor,
        long createdTimeMs,
        long modifiedTimeMs) {

    public TableSchema schema() {
        return descriptor.schema();
    }

    public int bucketCount() {
        return descriptor
                .bucketCount()
                .orElseThrow(
                        () ->
                                ErrorReason.INVALID_TABLE.exception(
                                        path + ": the cluster gave no bucket count"));
    }

    public boolean isPartitioned() {
        return descriptor.isPartitioned();
    }

    public boolean hasPrimaryKey() {
        return descriptor.hasPrimaryKey();
    }

    public TableOptions options() {
        return descriptor.options();
    }
}
