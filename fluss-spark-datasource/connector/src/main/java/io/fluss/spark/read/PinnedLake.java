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

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.hold.LakeUse;
import io.fluss.table.TableInfo;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lake snapshot of one read, asked for once and then the same for all steps of planning: what
 * is decided because there is none must hold for the plan too. Used by the thread that plans the
 * query.
 */
final class PinnedLake {
    private final TableInfo table;
    private final FlussOptions options;
    private @Nullable Answer answer;
    private @Nullable LakeUse use;

    PinnedLake(TableInfo table, FlussOptions options) {
        this.table = table;
        this.options = options;
    }

    /** The snapshot to read; empty if the read takes no rows from the lake. */
    Optional<LakeSnapshot> snapshot() {
        Answer a = answer;
        if (a == null) {
            a = new Answer(ask());
            answer = a;
        }
        return a.snapshot();
    }

    /** The right to read the snapshot, for as long as a scan may. */
    LakeUse use() {
        LakeUse u = use;
        if (u == null) {
            u = LakeTier.use(table, options, snapshot().orElseThrow().snapshotId());
            use = u;
        }
        return u;
    }

    private record Answer(Optional<LakeSnapshot> snapshot) {}

    private Optional<LakeSnapshot> ask() {
        // The lake has rows of a table with a primary key, not its changes.
        boolean isLog =
                table.hasPrimaryKey()
                        && options.isChangelog()
                        && options.readMode() != ReadMode.LAKE;
        if (isLog || options.readMode() == ReadMode.HOT || table.options().lakeFormat().isEmpty()) {
            return Optional.empty();
        }
        try (SharedConnections.Lease lease = SharedConnections.lease(options.clientSettings())) {
            return LakeTier.readable(lease, table);
        }
    }
}
