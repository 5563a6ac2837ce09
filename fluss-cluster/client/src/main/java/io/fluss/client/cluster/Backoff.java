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
package io.fluss.client.cluster;

import java.time.Duration;

/** How long to wait before an attempt is repeated: 100 ms, doubling up to 2 s. */
public final class Backoff {
    private static final long FIRST_MS = 100;
    private static final int DOUBLINGS_MAX = 5;
    private static final long MAX_MS = 2_000;

    private Backoff() {}

    /**
     * The wait before the next attempt.
     *
     * @param failures number of failed attempts so far, from 1
     */
    public static Duration after(int failures) {
        int doublings = Math.min(DOUBLINGS_MAX, Math.max(0, failures - 1));
        return Duration.ofMillis(Math.min(MAX_MS, FIRST_MS << doublings));
    }
}
