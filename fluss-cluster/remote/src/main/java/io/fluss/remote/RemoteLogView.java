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
package io.fluss.remote;

import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.formats.remote.RemoteLogManifest;
import io.fluss.formats.remote.RemoteSegment;
import java.util.List;
import java.util.Optional;

/**
 * A remote log as it was at one moment: what its valid manifest lists. Immutable, for any thread.
 * Segments leave later manifests when they expire; their files go after that.
 */
public record RemoteLogView(RemoteLogDirectory directory, RemoteLogManifest manifest) {

    public boolean isEmpty() {
        return manifest.segments().isEmpty();
    }

    /** First offset; the largest long for an empty one. */
    public long startOffset() {
        return manifest.startOffset().orElse(Long.MAX_VALUE);
    }

    /** Behind the last offset; 0 for an empty one. */
    public long endOffset() {
        return manifest.endOffset().orElse(0);
    }

    public boolean holds(long offset) {
        return offset >= startOffset() && offset < endOffset();
    }

    public Optional<String> partitionName() {
        return manifest.partitionName();
    }

    public long sizeBytes() {
        long sum = 0;
        for (RemoteSegment s : manifest.segments()) {
            sum += s.sizeBytes();
        }
        return sum;
    }

    /**
     * The segments from the one that holds the offset on.
     *
     * @param offset that is held
     * @param max number of segments at most
     */
    public List<RemoteSegment> from(long offset, int max) {
        List<RemoteSegment> all = manifest.segments();
        int low = 0;
        int high = all.size() - 1;
        while (low < high) {
            int mid = (low + high + 1) >>> 1;
            if (all.get(mid).startOffset() <= offset) {
                low = mid;
            } else {
                high = mid - 1;
            }
        }
        return all.subList(low, Math.min(all.size(), low + max));
    }

    /** The first segment with a record of that time or later. */
    public Optional<RemoteSegment> atTime(long timestampMs) {
        for (RemoteSegment s : manifest.segments()) {
            if (s.maxTimestampMs() >= timestampMs) {
                return Optional.of(s);
            }
        }
        return Optional.empty();
    }
}
