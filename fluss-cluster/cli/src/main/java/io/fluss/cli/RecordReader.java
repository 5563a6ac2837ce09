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
package io.fluss.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads rows out of text, one at a time. Belongs to one thread. */
interface RecordReader {
    /**
     * The next row; empty at the end. After an error the reader stands behind the bad row.
     *
     * @throws io.fluss.errors.FlussException if the text is not a row
     */
    Optional<Map<String, @Nullable Object>> next() throws IOException;

    /** The line where the row that was read last, or that was bad, begins; from 1. */
    long line();
}
