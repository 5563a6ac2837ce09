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

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LagClockTest {
    private final LagClock clock = new LagClock();

    @Test
    void isZeroWhenTheLakeHasEverything() {
        clock.arrived(10, 1000);
        assertThat(clock.lagMs(10, 5000)).isZero();
    }

    @Test
    void countsFromTheArrivalOfTheFirstRowThatIsMissing() {
        clock.arrived(10, 1000);
        clock.arrived(20, 2000);
        clock.arrived(30, 3000);
        assertThat(clock.lagMs(0, 5000)).isEqualTo(4000);
        assertThat(clock.lagMs(15, 5000)).isEqualTo(3000);
        assertThat(clock.lagMs(20, 5000)).isEqualTo(2000);
    }
}
