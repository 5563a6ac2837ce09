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
package io.fluss.spark.procedure;

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeMaintenance;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Removes lake snapshots that were replaced long ago; what the cluster refers to stays. */
final class ExpireSnapshots extends LakeProcedure {
    private final Clock clock;

    ExpireSnapshots(FlussOptions options, Clock clock) {
        super(
                options,
                List.of(
                        ProcedureParameter.in("reader_window", DataTypes.StringType)
                                .defaultValue("'1 h'")
                                .comment("how long a snapshot can be read after it was replaced")
                                .build(),
                        ProcedureParameter.in("retain_last", DataTypes.IntegerType)
                                .defaultValue("1")
                                .comment("so many of the newest snapshots stay")
                                .build()),
                new StructType()
                        .add("table", DataTypes.StringType, false)
                        .add("expired_snapshots", DataTypes.IntegerType, false));
        this.clock = clock;
    }

    @Override
    public String name() {
        return "expire_snapshots";
    }

    @Override
    public String description() {
        return "removes lake snapshots that were replaced long ago, with files that only they have";
    }

    @Override
    Object[] call(SharedConnections.Lease lease, TableInfo table, InternalRow arguments) {
        long window = duration(arguments, 1).toMillis();
        int retained = arguments.getInt(2);
        if (retained < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    name() + ": retain_last is " + retained + "; at least 1 snapshot stays");
        }
        Set<Long> keep = new HashSet<>();
        Await.value(lease.admin().latestLakeSnapshot(table.path()))
                .map(LakeSnapshot::snapshotId)
                .ifPresent(keep::add);
        Await.value(lease.admin().readableLakeSnapshot(table.path()))
                .map(LakeSnapshot::snapshotId)
                .ifPresent(keep::add);
        if (keep.isEmpty()) {
            return new Object[] {shown(table.path()), 0};
        }
        try (LakeCatalog catalog = lakeCatalog(table)) {
            LakeMaintenance lake = catalog.table(table.path()).maintenance();
            int expired =
                    lake.expireSnapshots(
                            new LakeMaintenance.Expiry(keep, clock.nowMs() - window, retained));
            return new Object[] {shown(table.path()), expired};
        }
    }
}
