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
package io.fluss.lake.paimon;

import java.util.function.Function;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.catalog.SnapshotCommit;
import org.apache.paimon.table.CatalogEnvironment;
import org.apache.paimon.table.PartitionModification;
import org.apache.paimon.utils.SnapshotManager;
import org.jspecify.annotations.Nullable;

/** The catalog as a commit sees it, with a fence before the publishing of snapshots. */
final class FencedEnvironment extends CatalogEnvironment {
    private static final long serialVersionUID = 1L;

    private final transient CatalogEnvironment inner;
    private final transient Function<SnapshotCommit, SnapshotCommit> fence;

    FencedEnvironment(CatalogEnvironment inner, Function<SnapshotCommit, SnapshotCommit> fence) {
        super(
                inner.identifier(),
                inner.uuid(),
                inner.catalogLoader(),
                inner.lockFactory(),
                inner.lockContext(),
                inner.catalogContext(),
                inner.supportsVersionManagement(),
                false);
        this.inner = inner;
        this.fence = fence;
    }

    @Override
    public SnapshotCommit snapshotCommit(SnapshotManager snapshots) {
        return fence.apply(inner.snapshotCommit(snapshots));
    }

    @Override
    public @Nullable PartitionModification partitionModification() {
        return inner.partitionModification();
    }

    @Override
    public CatalogEnvironment copy(Identifier identifier) {
        return new FencedEnvironment(inner.copy(identifier), fence);
    }
}
