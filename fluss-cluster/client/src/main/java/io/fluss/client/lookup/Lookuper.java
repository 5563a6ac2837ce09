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
package io.fluss.client.lookup;

import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Looks up rows by their primary key. Thread-safe. A lookup sees every write that was acknowledged
 * before it was asked. Bounded: calls block while too many keys wait.
 *
 * <p>Futures complete on a thread of the client: what hangs on them must not block. They fail with
 * what the server refused or with REQUEST_TIME_OUT after {@code client.lookup.timeout}.
 */
public interface Lookuper extends AutoCloseable {

    /**
     * The row of a key; empty if there is none, or no such partition.
     *
     * @param key the columns of the primary key, by name or in key order
     * @throws io.fluss.errors.FlussException at once, with INVALID_TARGET_COLUMN for a value that
     *     does not fit or is missing, naming table, column, type and value
     */
    CompletableFuture<Optional<Row>> lookup(GenericRow key);

    /**
     * The rows of many keys, asked together.
     *
     * @param keys its columns are those of the primary key, in key order and of {@code
     *     ArrowSchemas.of(rowType)}; read before the call returns, stays the caller's
     */
    CompletableFuture<LookupRows> lookup(VectorSchemaRoot keys);

    /** What is under way fails. */
    @Override
    void close();
}
