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
package io.fluss.tablet;

import java.util.concurrent.atomic.LongAdder;

/** What the data path has done since start. Thread-safe. */
public final class TabletCounters {
    final LongAdder appendedBatches = new LongAdder();
    final LongAdder appendedBytes = new LongAdder();
    final LongAdder duplicateBatches = new LongAdder();
    final LongAdder refusedAppends = new LongAdder();
    final LongAdder fetches = new LongAdder();
    final LongAdder fetchedBytes = new LongAdder();
    final LongAdder delayedFetches = new LongAdder();
    final LongAdder filteredBatches = new LongAdder();

    public long appendedBatches() {
        return appendedBatches.sum();
    }

    public long appendedBytes() {
        return appendedBytes.sum();
    }

    public long duplicateBatches() {
        return duplicateBatches.sum();
    }

    public long refusedAppends() {
        return refusedAppends.sum();
    }

    public long fetches() {
        return fetches.sum();
    }

    public long fetchedBytes() {
        return fetchedBytes.sum();
    }

    /** Fetches that found too little and waited. */
    public long delayedFetches() {
        return delayedFetches.sum();
    }

    /** Batches that a fetch did not get because its filter ruled them out. */
    public long filteredBatches() {
        return filteredBatches.sum();
    }
}
