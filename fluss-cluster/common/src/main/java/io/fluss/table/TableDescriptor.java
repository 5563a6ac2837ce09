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
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a table is declared to be: the request of a CREATE TABLE and, completed by the cluster, part
 * of the table info.
 *
 * @param partitionKeys empty if the table is not partitioned
 * @param bucketKeys columns whose hash picks the bucket; empty: the writer picks
 * @param bucketCount absent until the cluster has filled in its default
 * @param properties {@code table.*} options, see {@link TableOptions}
 * @param customProperties everything else, stored untouched
 */
public record TableDescriptor(
        TableSchema schema,
        Optional<String> comment,
        List<String> partitionKeys,
        List<String> bucketKeys,
        OptionalInt bucketCount,
        Map<String, String> properties,
        Map<String, String> customProperties) {

    public TableDescriptor {
        partitionKeys = List.copyOf(partitionKeys);
        bucketKeys = List.copyOf(bucketKeys);
        properties = Map.copyOf(properties);
        customProperties = Map.copyOf(customProperties);
    }

    /** An unpartitioned table with the cluster's default number of buckets and no options. */
    public static TableDescriptor of(TableSchema schema) {
        return new TableDescriptor(
                schema,
                Optional.empty(),
                List.of(),
                List.of(),
                OptionalInt.empty(),
                Map.of(),
                Map.of());
    }

    public TableDescriptor withBuckets(int count, String... keys) {
        return new TableDescriptor(
                schema,
                comment,
                partitionKeys,
                List.of(keys),
                OptionalInt.of(count),
                properties,
                customProperties);
    }

    public TableDescriptor withPartitionKeys(String... keys) {
        return new TableDescriptor(
                schema,
                comment,
                List.of(keys),
                bucketKeys,
                bucketCount,
                properties,
                customProperties);
    }

    public TableDescriptor withProperty(String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(properties);
        all.put(key, value);
        return withProperties(all);
    }

    public TableDescriptor withProperties(Map<String, String> all) {
        return new TableDescriptor(
                schema, comment, partitionKeys, bucketKeys, bucketCount, all, customProperties);
    }

    public TableDescriptor withCustomProperty(String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(customProperties);
        all.put(key, value);
        return new TableDescriptor(
                schema, comment, partitionKeys, bucketKeys, bucketCount, properties, all);
    }

    public TableDescriptor withComment(String text) {
        return new TableDescriptor(
                schema,
                Optional.of(text),
                partitionKeys,
                bucketKeys,
                bucketCount,
                properties,
                customProperties);
    }

    public boolean isPartitioned() {
        return !partitionKeys.isEmpty();
    }

    public boolean hasPrimaryKey() {
        return schema.hasPrimaryKey();
    }

    public TableOptions options() {
        return TableOptions.of(properties);
    }
}
