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
package io.fluss.client.scan;

import java.util.Optional;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Reads all rows that one bucket of a table with a primary key holds at one moment, in no order
 * that a caller may rely on. Not thread-safe. Fetches one answer ahead.
 */
public interface RowsReader extends AutoCloseable {
    /**
     * Where the changelog goes on behind these rows: every change below it is in them, none at or
     * above it. Waits for the server the first time.
     */
    long logOffset();

    /**
     * The next rows, at least one, with the wanted columns; empty at the end. The caller closes
     * them.
     *
     * @throws io.fluss.errors.FlussException with the server's reason if the scan cannot go on, as
     *     when the bucket has moved or nobody has asked for the rest for too long; only a new scan
     *     helps then
     */
    Optional<VectorSchemaRoot> next();

    /** Ends the scan at the server, too. */
    @Override
    void close();
}
