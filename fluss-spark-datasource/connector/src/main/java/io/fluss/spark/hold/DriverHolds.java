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
package io.fluss.spark.hold;

import io.fluss.loop.WorkerThreads;
import io.fluss.spark.lake.LakeScanProvider;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd;

/**
 * The holds of the Spark application of this JVM. They end with it; Spark tells, and tells when an
 * execution has ended. Thread-safe.
 */
public final class DriverHolds {
    private static final Map<SparkContext, SnapshotHolds> OPEN = new HashMap<>();

    private DriverHolds() {}

    /**
     * The use of a snapshot by a scan that the calling thread plans.
     *
     * @param holdAfter how long a query may last before the snapshot is held for it
     */
    public static LakeUse use(String format, LakeScanProvider.Request request, Duration holdAfter) {
        LakeUse use = new LakeUse(request.path().toString(), request.snapshotId());
        SparkContext application = SparkSession.active().sparkContext();
        String execution = application.getLocalProperty(SQLExecution.EXECUTION_ID_KEY());
        of(application)
                .register(
                        use,
                        HeldSnapshot.of(format, request),
                        execution == null
                                ? OptionalLong.empty()
                                : OptionalLong.of(Long.parseLong(execution)),
                        holdAfter);
        return use;
    }

    private static SnapshotHolds of(SparkContext application) {
        synchronized (OPEN) {
            return OPEN.computeIfAbsent(application, DriverHolds::open);
        }
    }

    private static SnapshotHolds open(SparkContext application) {
        ExecutorService thread = WorkerThreads.of("fluss-snapshot-holds", 1, 1);
        SnapshotHolds holds =
                new SnapshotHolds(LakeScanProvider::load, SystemClock.INSTANCE, thread);
        application.addSparkListener(
                new SparkListener() {
                    @Override
                    public void onOtherEvent(SparkListenerEvent event) {
                        if (event instanceof SparkListenerSQLExecutionEnd end) {
                            holds.executionEnded(end.executionId());
                        }
                    }

                    @Override
                    public void onApplicationEnd(SparkListenerApplicationEnd end) {
                        synchronized (OPEN) {
                            OPEN.remove(application);
                        }
                        holds.close();
                        thread.shutdown();
                    }
                });
        return holds;
    }
}
