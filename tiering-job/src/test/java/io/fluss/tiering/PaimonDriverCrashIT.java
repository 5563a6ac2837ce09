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
package io.fluss.tiering;

import io.fluss.tiering.DyingExecutor.Place;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Drivers that die or are stopped while they tier to Paimon: around the lake commit, and at each
 * step with {@code -Dfluss.it.full=true}.
 */
class PaimonDriverCrashIT extends DriverCrashIT {
    static Stream<Break> kills() {
        return IS_FULL
                ? DriverCrashIT.kills()
                : Stream.of("clean", "full2").map(table -> new Break(table, "CommitLake:after"));
    }

    static Stream<Break> pauses() {
        return IS_FULL
                ? DriverCrashIT.pauses()
                : Stream.of(new Break("legacy", "CommitLake:before"));
    }

    static Stream<Death> deaths() {
        return IS_FULL ? DriverCrashIT.deaths() : Stream.of(new Death("wal3", Place.WRITTEN, 1));
    }

    @Override
    TestedLake tested() {
        return TestedLake.PAIMON;
    }

    /** The commit stands, but nobody has told what readers may use. */
    @ParameterizedTest
    @ValueSource(strings = {"Show:before", "Show:after"})
    void readersGoOnWhereADriverWasKilled(String step) throws Exception {
        anotherJobGoesOnWhereADriverWasKilled(new Break("wal3", step));
    }
}
