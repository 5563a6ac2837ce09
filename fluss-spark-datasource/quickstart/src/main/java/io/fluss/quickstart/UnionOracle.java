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
package io.fluss.quickstart;

import io.fluss.client.Connection;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.FlussException;
import io.fluss.table.TablePath;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;

/** Compares what a union query counts with what was written. Used by one thread. */
final class UnionOracle {
    /**
     * What one look at the table found.
     *
     * @param written rows let go to the stream, all of them processed
     * @param lake rows that the registered lake snapshot holds
     * @param union what the union query counted
     * @param lagMs age of the oldest row that the lake does not hold
     * @param queryMs duration of the union query
     */
    record Tick(long written, long lake, long union, long lagMs, long queryMs) {
        boolean isRight() {
            return written == union;
        }
    }

    private static final long POLL_MS = 500;

    private final SparkSession spark;
    private final Connection connection;
    private final TablePath path;
    private final LagClock lag = new LagClock();
    private long known;

    UnionOracle(SparkSession spark, Connection connection, String database, String table) {
        this.spark = spark;
        this.connection = connection;
        this.path = TablePath.of(database, table);
    }

    Tick tick(long written) {
        if (written > known) {
            lag.arrived(written, System.currentTimeMillis());
            known = written;
        }
        long start = System.nanoTime();
        long union = spark.table(Sessions.CATALOG + "." + path).count();
        long queryMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        long lake = lakeRows();
        return new Tick(written, lake, union, lag.lagMs(lake, System.currentTimeMillis()), queryMs);
    }

    /**
     * Waits until the lake holds all rows; gives up quietly, as the next tick shows what there is.
     */
    void awaitLake(long rows, int waitSeconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        while (lakeRows() < rows && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private long lakeRows() {
        try {
            Optional<LakeSnapshot> snapshot = connection.admin().readableLakeSnapshot(path).join();
            return snapshot.map(
                            s -> s.endOffsets().values().stream().mapToLong(Long::longValue).sum())
                    .orElse(0L);
        } catch (java.util.concurrent.CompletionException e) {
            throw FlussException.from(e);
        }
    }
}
