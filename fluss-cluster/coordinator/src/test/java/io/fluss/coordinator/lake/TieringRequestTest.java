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
package io.fluss.coordinator.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Requests that name the tables they want. */
class TieringRequestTest {
    private final TieringSchedule schedule = new TieringSchedule();

    TieringRequestTest() {
        schedule.register(7, 1000, 0);
        schedule.register(8, 1000, 0);
    }

    @Test
    void expeditedTableNeedNotWaitForItsFreshness() {
        assertThat(schedule.assign(0)).isEmpty();
        schedule.expedite(List.of(8L, 99L));
        assertThat(schedule.assign(0)).contains(new TieringSchedule.Assigned(8, 1));
        assertThat(schedule.state(7)).isEqualTo(TieringSchedule.State.SCHEDULED);
    }

    @Test
    void expeditingATableInWorkOrDueChangesNothing() {
        schedule.expedite(List.of(8L));
        schedule.expedite(List.of(8L));
        assertThat(schedule.assign(0)).contains(new TieringSchedule.Assigned(8, 1));
        schedule.expedite(List.of(8L));
        assertThat(schedule.assign(0)).isEmpty();
    }

    @Test
    void handsOutOnlyWhatIsWanted() {
        schedule.tick(1000);
        assertThat(schedule.assign(Set.of(8L), 1000)).contains(new TieringSchedule.Assigned(8, 1));
        assertThat(schedule.assign(Set.of(8L), 1000)).isEmpty();
        assertThat(schedule.assign(1000)).contains(new TieringSchedule.Assigned(7, 1));
    }
}
