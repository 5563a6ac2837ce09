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
package io.fluss.time;

/** Source of time. State machines take it as a parameter, so that tests can turn it by hand. */
public interface Clock {
    /** Milliseconds since 1970-01-01T00:00:00Z; may jump with the wall clock. */
    long nowMs();

    /** Nanoseconds of a clock that never goes back; only differences have a meaning. */
    long nanoTime();
}
