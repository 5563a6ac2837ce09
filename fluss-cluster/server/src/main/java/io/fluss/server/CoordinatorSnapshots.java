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
package io.fluss.server;

import io.fluss.coordinator.KvSnapshotRegistry;
import io.fluss.metastore.KvSnapshots;
import io.fluss.remote.snapshot.SnapshotRegistry;
import io.fluss.table.TableBucket;
import java.util.List;
import java.util.function.Function;

/** Snapshots at the coordinator in the same process. */
final class CoordinatorSnapshots implements SnapshotRegistry {
    private final CoordinatorLink link;

    CoordinatorSnapshots(CoordinatorLink link) {
        this.link = link;
    }

    @Override
    public Known read(TableBucket bucket, int leaderEpoch) {
        return known(r -> r.read(bucket, leaderEpoch));
    }

    @Override
    public long begin(TableBucket bucket, int leaderEpoch) {
        return link.ask(c -> c.kvSnapshots().begin(bucket, leaderEpoch));
    }

    @Override
    public Known commit(TableBucket bucket, int leaderEpoch, Entry e) {
        return known(
                r ->
                        r.commit(
                                bucket,
                                leaderEpoch,
                                new KvSnapshots.Entry(e.id(), e.metadataUri(), e.logOffset())));
    }

    @Override
    public Known trim(TableBucket bucket, int leaderEpoch) {
        return known(r -> r.trim(bucket, leaderEpoch));
    }

    @Override
    public Known drop(TableBucket bucket, int leaderEpoch, long snapshotId) {
        return known(r -> r.drop(bucket, leaderEpoch, snapshotId));
    }

    private Known known(Function<KvSnapshotRegistry, List<KvSnapshots.Entry>> question) {
        return new Known(
                link.ask(c -> question.apply(c.kvSnapshots())).stream()
                        .map(e -> new Entry(e.id(), e.metadataUri(), e.logOffset()))
                        .toList());
    }
}
