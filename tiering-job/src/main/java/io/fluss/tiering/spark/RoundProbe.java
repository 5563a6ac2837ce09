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
package io.fluss.tiering.spark;

import io.fluss.tiering.round.RoundCommand;

/**
 * Sees each step of a round, on the thread that executes it. The tests of crashes stop processes
 * here.
 */
public interface RoundProbe {
    /** Sees nothing. */
    RoundProbe NONE =
            new RoundProbe() {
                @Override
                public void before(RoundCommand step) {}

                @Override
                public void after(RoundCommand step) {}
            };

    void before(RoundCommand step);

    /** Not called for a step that failed. */
    void after(RoundCommand step);
}
