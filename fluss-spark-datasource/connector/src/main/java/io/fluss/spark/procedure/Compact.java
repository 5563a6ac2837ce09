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

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeMaintenance.Rewrite;
import io.fluss.lake.LakeWriter;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.table.TableInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Makes few large files of many small ones, in tasks of this session, beside tiering. */
final class Compact extends LakeProcedure {
    private static final long BYTES_PER_MB = 1L << 20;

    Compact(FlussOptions options) {
        super(
                options,
                List.of(
                        ProcedureParameter.in("min_files", DataTypes.IntegerType)
                                .defaultValue("8")
                                .comment("so many small files of a bucket are worth a rewrite")
                                .build(),
                        ProcedureParameter.in("deleted_fraction", DataTypes.DoubleType)
                                .defaultValue("0.3D")
                                .comment("a file of which more is deleted is rewritten")
                                .build(),
                        ProcedureParameter.in("max_mb", DataTypes.LongType)
                                .defaultValue("10240L")
                                .comment("about so much is read; the next call goes on")
                                .build()),
                new StructType()
                        .add("table", DataTypes.StringType, false)
                        .add("snapshot_id", DataTypes.LongType)
                        .add("rewrites", DataTypes.IntegerType, false)
                        .add("read_bytes", DataTypes.LongType, false));
    }

    @Override
    public String name() {
        return "compact";
    }

    @Override
    public String description() {
        return "makes few large lake files of many small ones; the snapshot is empty if tiering or"
                + " others came in between, or if there was nothing to do";
    }

    @Override
    Object[] call(SharedConnections.Lease lease, TableInfo table, InternalRow arguments) {
        int filesMin = arguments.getInt(1);
        double deletedFraction = arguments.getDouble(2);
        long mbMax = arguments.getLong(3);
        if (filesMin < 2 || !(deletedFraction > 0) || mbMax < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    name()
                            + ": min_files = "
                            + filesMin
                            + ", deleted_fraction = "
                            + deletedFraction
                            + ", max_mb = "
                            + mbMax
                            + "; use at least 2, above 0, at least 1");
        }
        try (LakeCatalog catalog = lakeCatalog(table)) {
            LakeMaintenance lake = catalog.table(table.path()).maintenance();
            List<Rewrite> rewrites =
                    lake.planCompaction(
                            new LakeMaintenance.Compaction(
                                    table,
                                    filesMin,
                                    deletedFraction,
                                    Math.multiplyExact(mbMax, BYTES_PER_MB)));
            OptionalLong snapshot =
                    rewrites.isEmpty()
                            ? OptionalLong.empty()
                            : lake.commitCompaction(run(table, rewrites));
            return new Object[] {
                shown(table.path()),
                snapshot.isPresent() ? snapshot.getAsLong() : null,
                rewrites.size(),
                rewrites.stream().mapToLong(Rewrite::sizeBytes).sum()
            };
        }
    }

    /** Files of a job that fails belong to no snapshot; the tiering job sweeps them. */
    private static List<LakeWriter.Result> run(TableInfo table, List<Rewrite> rewrites) {
        List<Task> tasks = new ArrayList<>();
        for (Rewrite r : rewrites) {
            tasks.add(new Task(r, tasks.size()));
        }
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(SparkSession.active().sparkContext());
        spark.setJobDescription("compact " + table.path());
        try {
            return spark.parallelize(tasks, tasks.size())
                    .map(new Run(UUID.randomUUID().toString()))
                    .collect();
        } finally {
            spark.setJobDescription(null);
        }
    }

    private record Task(Rewrite rewrite, int number) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    private record Run(String runId) implements Function<Task, LakeWriter.Result> {
        private static final long serialVersionUID = 1L;

        @Override
        public LakeWriter.Result call(Task task) {
            return task.rewrite().run(runId, task.number(), TaskContext.get().taskAttemptId());
        }
    }
}
