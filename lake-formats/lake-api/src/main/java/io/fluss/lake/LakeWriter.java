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
package io.fluss.lake;

import java.io.Serializable;

/**
 * Writes records of one bucket to data files, columns at a time. Not thread-safe. Nothing is
 * visible before the commit.
 */
public interface LakeWriter extends AutoCloseable {
    /**
     * Takes a batch. Into a log table rows are appended; in a table with a primary key each row
     * inserts, updates or deletes its key, and the last one wins.
     *
     * @param rows the batches of the bucket in the order of the log
     */
    void write(LakeRows rows);

    /** Finishes the files and describes them; the writer is used up. */
    Result complete();

    /** Releases what is open; deletes files that were not handed out by {@link #complete()}. */
    @Override
    void close();

    /** Files of one writer, in the format's own terms. */
    interface Result extends Serializable {
        long rows();

        long sizeBytes();

        int files();
    }
}
