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

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * What became of each bucket of a write request; the first result of a bucket counts. Thread-safe.
 */
final class WriteResults {
    private final AtomicReferenceArray<Replica.AppendResult> results;
    private final AtomicInteger open;
    private final Consumer<WriteResults> whenSettled;

    /**
     * None yet.
     *
     * @param buckets how many, 1 or more
     * @param whenSettled called once, by whoever settles the last bucket
     */
    WriteResults(int buckets, Consumer<WriteResults> whenSettled) {
        this.results = new AtomicReferenceArray<>(buckets);
        this.open = new AtomicInteger(buckets);
        this.whenSettled = whenSettled;
    }

    void settle(int index, Replica.AppendResult result) {
        if (results.compareAndSet(index, null, result) && open.decrementAndGet() == 0) {
            whenSettled.accept(this);
        }
    }

    int size() {
        return results.length();
    }

    /** Of a settled bucket. */
    Replica.AppendResult get(int index) {
        return results.get(index);
    }
}
