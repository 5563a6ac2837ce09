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
package io.fluss.client.scan;

import io.fluss.table.TableBucket;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What one poll has brought, in the order of each bucket. Immutable. */
public record ScanRecords(List<ScanRecord> all) implements Iterable<ScanRecord> {
    public ScanRecords {
        all = List.copyOf(all);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    public int count() {
        return all.size();
    }

    public Set<TableBucket> buckets() {
        return all.stream().map(ScanRecord::bucket).collect(Collectors.toUnmodifiableSet());
    }

    public List<ScanRecord> of(TableBucket bucket) {
        return all.stream().filter(r -> r.bucket().equals(bucket)).toList();
    }

    @Override
    public Iterator<ScanRecord> iterator() {
        return all.iterator();
    }
}
