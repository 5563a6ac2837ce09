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
package io.fluss.client.append;

import io.fluss.client.cluster.Cluster;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Finds the destination of rows. Thread-safe. Rows without a key stay in one bucket until a batch
 * is full and then move on to another: few large batches are cheaper than many small ones.
 */
final class RowRouter {
    private final TableInfo table;
    private final Cluster cluster;
    private volatile Destination sticky;

    private RowRouter(TableInfo table, Cluster cluster) {
        this.table = table;
        this.cluster = cluster;
        this.sticky = new Destination("", anyBucket());
    }

    static RowRouter of(TableInfo table, Cluster cluster) {
        if (table.isPartitioned()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.path() + " is partitioned: appending to partitions is not supported yet");
        }
        if (!table.descriptor().bucketKeys().isEmpty()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.path()
                            + " has bucket keys: appending by bucket key is not supported yet");
        }
        return new RowRouter(table, cluster);
    }

    /** Row positions by destination; empty if all rows go to {@link #sticky}. */
    Map<Destination, int[]> route(VectorSchemaRoot rows) {
        return Map.of();
    }

    Destination sticky() {
        return sticky;
    }

    /** Where to go on after a batch for this destination has been filled. */
    Destination afterFullBatch(Destination full) {
        sticky = new Destination("", anyBucket());
        return sticky;
    }

    /** Any bucket, but one whose leader is known if there is one. */
    private int anyBucket() {
        int[] led =
                IntStream.range(0, table.bucketCount())
                        .filter(b -> cluster.leader(TableBucket.of(table.tableId(), b)).isPresent())
                        .toArray();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return led.length == 0
                ? random.nextInt(table.bucketCount())
                : led[random.nextInt(led.length)];
    }
}
