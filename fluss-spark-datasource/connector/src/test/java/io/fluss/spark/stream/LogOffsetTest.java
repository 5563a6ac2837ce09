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
package io.fluss.spark.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.spark.stream.LogOffset.LakePart;
import io.fluss.table.TableBucket;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogOffsetTest {
    private static final TableBucket P4_B1 = new TableBucket(7, 4, 1);

    @Test
    void readsBackWhatItWrites() {
        LogOffset log = LogOffset.of(7, Map.of(P4_B1, 12L));
        LogOffset lake = LogOffset.beforeLake(7, -5, Map.of(P4_B1, 12L));
        LogOffset rows = LogOffset.beforeRows(7, Map.of(P4_B1, 12L));
        LogOffset rest = LogOffset.beforeLake(7, new LakePart(-5, 3), Set.of(), Map.of(P4_B1, 12L));

        for (LogOffset o : new LogOffset[] {log, lake, rows, rest}) {
            LogOffset read = LogOffset.parse(o.json(), 7, "d.t");
            assertThat(read.json()).isEqualTo(o.json());
            assertThat(read.buckets()).containsExactly(Map.entry(P4_B1, 12L));
            assertThat(read.lake()).isEqualTo(o.lake());
            assertThat(read.rows()).isEqualTo(o.rows());
            assertThat(read.isInLog()).isEqualTo(o == log);
        }
        assertThat(log.json())
                .isEqualTo(
                        "{\"version\":1,\"table_id\":7,\"partition_offsets\":"
                                + "[{\"partition_id\":4,\"bucket_offsets\":[-1,12]}]}");
        assertThat(lake.json())
                .isEqualTo("{\"version\":2,\"lake_snapshot_id\":-5,\"log\":" + log.json() + "}");
        assertThat(lake.lake()).contains(new LakePart(-5, 0));
        assertThat(rows.json()).isEqualTo("{\"version\":3,\"log\":" + log.json() + "}");
        assertThat(rows.rows()).containsExactly(P4_B1);
    }

    @Test
    void readsBackWhatIsLeftOfALakeSnapshot() {
        TableBucket b0 = new TableBucket(7, 4, 0);
        LogOffset rest =
                LogOffset.beforeLake(
                        7, new LakePart(9, 3), Set.of(P4_B1), Map.of(b0, 2L, P4_B1, 12L));

        LogOffset read = LogOffset.parse(rest.json(), 7, "d.t");

        assertThat(rest.json())
                .startsWith("{\"version\":4,\"lake_snapshot_id\":9,\"lake_parts_read\":3,");
        assertThat(read.json()).isEqualTo(rest.json());
        assertThat(read.lake()).contains(new LakePart(9, 3));
        assertThat(read.rows()).containsExactly(P4_B1);
        assertThat(read.next(b0)).isEqualTo(2);
        assertThat(read.next(P4_B1)).isEqualTo(12);
    }

    @Test
    void startsUnknownBucketsAtZero() {
        assertThat(LogOffset.of(7, Map.of()).next(P4_B1)).isZero();
    }

    @Test
    void refusesOtherTextsAndTables() {
        assertThatThrownBy(() -> LogOffset.parse("{\"version\":3}", 7, "d.t"))
                .hasMessageContaining("version 3");
        assertThatThrownBy(() -> LogOffset.parse("nonsense", 7, "d.t"))
                .hasMessageContaining("bucket offsets");
        assertThatThrownBy(() -> LogOffset.parse(LogOffset.of(8, Map.of()).json(), 7, "d.t"))
                .hasMessageContaining("d.t")
                .hasMessageContaining("dropped and created again");
    }
}
