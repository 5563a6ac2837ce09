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
package io.fluss.remote.snapshot;

import io.fluss.formats.remote.KvSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The rows that a snapshot is made of. Any thread. */
public interface Rows {
    /** How far the log is in the rows. */
    long committedOffset();

    /**
     * Puts the rows at one offset into a directory that does not exist yet, as RocksDB files, and
     * sees to it that the log is on the disk up to there.
     */
    State checkpoint(Path into);

    /**
     * What goes with the files.
     *
     * @param logOffset the log below it is in them
     * @param rowCount if it is known
     */
    record State(long logOffset, OptionalLong rowCount, List<KvSnapshot.IdRange> idRanges) {
        public State {
            idRanges = List.copyOf(idRanges);
        }
    }
}
