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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.spark.pruning.Pruning;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class KeyedPlanTest {
    private static final long TABLE_ID = 1;
    private static final TableInfo TABLE =
            new TableInfo(
                    TablePath.of("d", "t"),
                    TABLE_ID,
                    1,
                    TableDescriptor.of(
                                    TableSchema.of(
                                            List.of(
                                                    Column.of("id", DataTypes.bigInt()),
                                                    Column.of("day", DataTypes.string())),
                                            List.of("id", "day")))
                            .withPartitionKeys("day")
                            .withBuckets(2, "id"),
                    0,
                    0);
    private static final TableBucket OLD_0 = new TableBucket(TABLE_ID, 4, 0);
    private static final TableBucket OLD_1 = new TableBucket(TABLE_ID, 4, 1);
    private static final TableBucket NEW_0 = new TableBucket(TABLE_ID, 5, 0);
    private static final TableBucket NEW_1 = new TableBucket(TABLE_ID, 5, 1);
    private static final TableBucket DROPPED = new TableBucket(TABLE_ID, 3, 0);
    private static final Map<Long, TablePartition> PARTITIONS =
            Map.of(
                    4L, new TablePartition(OptionalLong.of(4), Map.of("day", "1")),
                    5L, new TablePartition(OptionalLong.of(5), Map.of("day", "2")));

    @Test
    void readsChangesBehindTheLakeAndTheRestHot() {
        KeyedPlan plan =
                KeyedPlan.behindLake(
                        TABLE,
                        new LakeSnapshot(TABLE_ID, 9, Map.of(OLD_0, 10L, OLD_1, 7L, DROPPED, 3L)),
                        Map.of(OLD_0, 10L, OLD_1, 0L, NEW_0, 0L, NEW_1, 0L),
                        Map.of(OLD_0, 15L, OLD_1, 7L, NEW_0, 4L, NEW_1, 0L),
                        PARTITIONS);

        assertThat(plan.tails()).containsExactly(new LogRangePartition(OLD_0, 10, 15));
        assertThat(plan.changes()).isEqualTo(5);
        assertThat(plan.hot()).containsExactly(NEW_0);
        assertThat(plan.withoutLake()).containsExactly(NEW_0, NEW_1);
    }

    @Test
    void namesAGapBetweenLakeAndLog() {
        assertThatThrownBy(
                        () ->
                                KeyedPlan.behindLake(
                                        TABLE,
                                        new LakeSnapshot(TABLE_ID, 9, Map.of(OLD_0, 10L)),
                                        Map.of(OLD_0, 11L),
                                        Map.of(OLD_0, 15L),
                                        PARTITIONS))
                .hasMessageContaining("d.t: offsets [10, 11) of bucket")
                .hasMessageContaining("neither in the lake snapshot nor in the log");
    }

    @Test
    void canTakeAllLivingBucketsFromTheCluster() {
        KeyedPlan plan =
                KeyedPlan.behindLake(
                                TABLE,
                                new LakeSnapshot(TABLE_ID, 9, Map.of(OLD_0, 10L, OLD_1, 7L)),
                                Map.of(OLD_0, 0L, OLD_1, 0L),
                                Map.of(OLD_0, 15L, OLD_1, 9L),
                                PARTITIONS)
                        .allHot(TABLE, Pruning.of(TABLE, List.of()));

        assertThat(plan.tails()).isEmpty();
        assertThat(plan.hot()).containsExactly(OLD_0, OLD_1, NEW_0, NEW_1);
        assertThat(plan.withoutLake()).isEqualTo(plan.hot());
        assertThat(plan.lake()).isPresent();
    }
}
