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

import io.fluss.formats.log.BatchProjection;
import io.fluss.log.LogSlice;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the chosen columns of stored batches lie, so that neither their metadata is read again nor
 * that of the projected batches made again. Thread-safe. Bound: memory in bytes; what was not used
 * for the longest time goes.
 */
final class ProjectionLayouts {
    private static final long BYTES_MAX = 32 << 20;

    private final long bytesMax;
    private final Map<Key, BatchProjection.Layout> known = new LinkedHashMap<>(64, 0.75f, true);
    private long bytes;

    /** Projections are made once for a table and the columns, so that they are their own names. */
    private record Key(BatchProjection projection, LogSlice.Place place) {}

    ProjectionLayouts() {
        this(BYTES_MAX);
    }

    ProjectionLayouts(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    synchronized Optional<BatchProjection.Layout> get(
            BatchProjection projection, LogSlice.Place place) {
        return Optional.ofNullable(known.get(new Key(projection, place)));
    }

    synchronized void put(
            BatchProjection projection, LogSlice.Place place, BatchProjection.Layout layout) {
        if (known.put(new Key(projection, place), layout) == null) {
            bytes += layout.memoryBytes();
        }
        Iterator<BatchProjection.Layout> oldest = known.values().iterator();
        while (bytes > bytesMax && oldest.hasNext()) {
            bytes -= oldest.next().memoryBytes();
            oldest.remove();
        }
    }

    synchronized int size() {
        return known.size();
    }
}
