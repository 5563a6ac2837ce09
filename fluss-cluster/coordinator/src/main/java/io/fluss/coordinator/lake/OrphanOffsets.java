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
package io.fluss.coordinator.lake;

import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes offsets files of rounds that never registered their snapshot. When a snapshot is
 * registered, every file that was there before belongs to a round that was planned on an older
 * state, whose lake commit is refused. Services of other makers do not fence, and a crashed one may
 * have committed to the lake without telling: so a file goes only after it was seen unreferenced by
 * this process for as long as the age, which a repair would long have ended. Thread-safe; calls
 * block.
 */
final class OrphanOffsets {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanOffsets.class);

    /** Of all tables; what does not fit is seen later. */
    private static final int SEEN_MAX = 100_000;

    private final FileStore files;
    private final Clock clock;
    private final long ageMs;
    private final Map<String, Long> seenMs = new HashMap<>();

    OrphanOffsets(FileStore files, Clock clock, long ageMs) {
        this.files = files;
        this.clock = clock;
        this.ageMs = ageMs;
    }

    /** Called when a snapshot was registered. */
    synchronized void sweep(String directory, Set<String> referenced) {
        long now = clock.nowMs();
        try {
            Set<String> there = new HashSet<>(files.list(directory));
            seenMs.keySet()
                    .removeIf(
                            f ->
                                    f.startsWith(directory + "/")
                                            && (!there.contains(f) || referenced.contains(f)));
            for (String file : there) {
                if (referenced.contains(file) || !file.endsWith(".offsets")) {
                    continue;
                }
                Long first = seenMs.get(file);
                if (first != null && now - first >= ageMs) {
                    files.delete(file);
                    seenMs.remove(file);
                } else if (first == null && seenMs.size() < SEEN_MAX) {
                    seenMs.put(file, now);
                }
            }
        } catch (FlussException e) {
            // The snapshot is registered; files that stay do no harm.
            LOG.warn("unused offsets files in {} could not be deleted", directory, e);
        }
    }
}
