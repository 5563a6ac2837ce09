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
