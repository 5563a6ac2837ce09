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
package io.fluss.client.append;

import io.fluss.client.row.GenericRow;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Appends Arrow batches and rows to a log table. Thread-safe. Idempotent: a batch that is sent
 * again after a lost answer or a restart of the server is stored once. Bounded: {@link #append}
 * blocks while the buffer memory is used up.
 */
public interface AppendWriter extends AutoCloseable {

    /**
     * Takes the rows of a root, whose columns are those of the table in order and of {@code
     * ArrowSchemas.of(rowType)}. The root is read before the call returns and stays the caller's.
     * Without bucket key and partitions the whole root goes to one bucket (sticky between calls
     * until a batch fills); otherwise rows are spread by key.
     *
     * @return when all rows of this call are acknowledged; fails with what was refused, naming
     *     table, column and reason
     * @throws io.fluss.errors.FlussException at once for vectors that do not fit the schema or null
     *     in a NOT NULL column
     */
    CompletableFuture<Void> append(VectorSchemaRoot rows);

    /**
     * Takes one row of Java values. Rows are collected into batches like those of {@link
     * #append(VectorSchemaRoot)}, in one order per calling thread and bucket.
     *
     * @return where the row is stored, once it is acknowledged; completed on a thread of the
     *     client, so what hangs on it must not block
     * @throws io.fluss.errors.FlussException at once, with INVALID_TARGET_COLUMN for a value that
     *     does not fit, naming table, column, type and value; with REQUEST_TIME_OUT if the buffer
     *     stays full for {@code client.writer.buffer.wait-timeout}
     */
    CompletableFuture<AppendResult> append(GenericRow row);

    /** Sends what is buffered; done when everything appended before is acknowledged. */
    CompletableFuture<Void> flush();

    /**
     * Flushes, waits at most so long, then releases. What is not acknowledged by then fails.
     *
     * @throws io.fluss.errors.FlussException if something was lost, or may be
     */
    void close(Duration timeout);

    /** Flushes and waits, then releases; throws if something was lost. */
    @Override
    void close();
}
