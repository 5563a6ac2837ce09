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

import io.fluss.metastore.RemoteManifests;
import io.fluss.remote.ManifestRegistry;
import io.fluss.table.TableBucket;
import java.util.Optional;

/** Manifests of remote logs at the coordinator in the same process. */
final class CoordinatorManifests implements ManifestRegistry {
    private final CoordinatorLink link;

    CoordinatorManifests(CoordinatorLink link) {
        this.link = link;
    }

    @Override
    public Optional<String> read(TableBucket bucket, int leaderEpoch) {
        return link.ask(c -> c.remoteLogs().read(bucket, leaderEpoch));
    }

    @Override
    public void commit(Commit c) {
        var unused =
                link.ask(
                        coordinator -> {
                            coordinator
                                    .remoteLogs()
                                    .commit(
                                            c.bucket(),
                                            c.leaderEpoch(),
                                            c.previous(),
                                            new RemoteManifests.Entry(
                                                    c.manifest(), c.startOffset(), c.endOffset()));
                            return c.manifest();
                        });
    }
}
