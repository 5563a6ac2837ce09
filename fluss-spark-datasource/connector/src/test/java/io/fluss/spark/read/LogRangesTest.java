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

import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LogRangesTest {
    private static final TablePath PATH = TablePath.of("db", "t");
    private static final TableBucket B0 = TableBucket.of(1, 0);
    private static final TableBucket B1 = TableBucket.of(1, 1);
    private static final TableBucket B2 = TableBucket.of(1, 2);

    @Test
    void goesOnWhereTheLakeEnds() {
        List<LogRangePartition> ranges =
                LogRanges.behindLake(
                        PATH,
                        Map.of(B0, 5L, B1, 3L, B2, 0L),
                        Map.of(B0, 20L, B1, 9L, B2, 7L),
                        Map.of(B0, 10L, B2, 7L),
                        OptionalLong.empty());

        // B0 behind the lake, B1 not in the lake, B2 wholly in the lake.
        assertThat(ranges)
                .containsExactly(
                        new LogRangePartition(B0, 10, 20), new LogRangePartition(B1, 3, 9));
    }

    @Test
    void refusesAGapBetweenLakeAndLog() {
        assertThatThrownBy(
                        () ->
                                LogRanges.behindLake(
                                        PATH,
                                        Map.of(B0, 12L),
                                        Map.of(B0, 20L),
                                        Map.of(B0, 10L),
                                        OptionalLong.empty()))
                .hasMessageContaining("db.t: offsets [10, 12) of bucket 1/0");
    }

    @Test
    void splitsLongRangesEvenlyWithoutHoles() {
        List<LogRangePartition> parts = new ArrayList<>();

        LogRanges.split(new LogRangePartition(B0, 100, 110), OptionalLong.of(4), parts);

        assertThat(parts)
                .containsExactly(
                        new LogRangePartition(B0, 100, 104),
                        new LogRangePartition(B0, 104, 107),
                        new LogRangePartition(B0, 107, 110));
    }

    @Test
    void aLimitThatIsNoneKeepsARangeWhole() {
        List<LogRangePartition> parts = new ArrayList<>();

        LogRanges.split(
                new LogRangePartition(B0, 100, 110), OptionalLong.of(Long.MAX_VALUE), parts);

        assertThat(parts).containsExactly(new LogRangePartition(B0, 100, 110));
    }
}
