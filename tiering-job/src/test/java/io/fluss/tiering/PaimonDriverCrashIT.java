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

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers that die or are stopped while they tier to Paimon. */
class PaimonDriverCrashIT extends DriverCrashIT {
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
