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
import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Upserts and deletes rows of a table with a primary key, as Java values or Arrow vectors.
 * Thread-safe. What one thread writes to a key happens in its order. Idempotent: a batch that is
 * sent again after a lost answer or a restart of the server counts once. Bounded: calls block while
 * the buffer memory is used up.
 *
 * <p>Futures complete on a thread of the client: what hangs on them must not block.
 */
public interface UpsertWriter extends AutoCloseable {

    /**
     * Puts a row in the place of the one with its key, or merges them as the table says.
     *
     * @throws io.fluss.errors.FlussException at once, with INVALID_TARGET_COLUMN for a value that
     *     does not fit or is missing, naming table, column, type and value; with RECORD_TOO_LARGE
     *     for a row that no request can carry; with REQUEST_TIME_OUT if the buffer stays full for
     *     {@code client.writer.buffer.wait-timeout}
     */
    CompletableFuture<UpsertResult> upsert(GenericRow row);

    /**
     * Deletes the row of a key; of a writer of some columns, sets those to null.
     *
     * @param key the columns of the primary key, by name or in key order
     * @throws io.fluss.errors.FlussException as {@link #upsert(GenericRow)}; with DELETION_DISABLED
     *     if the table does not allow it
     */
    CompletableFuture<UpsertResult> delete(GenericRow key);

    /**
     * Upserts the rows of a root, in their order. Its columns are those of the writer, in order and
     * of {@code ArrowSchemas.of(rowType)}. The root is read before the call returns and stays the
     * caller's.
     *
     * @return when all rows are acknowledged, the end of the changelog behind them by bucket
     * @throws io.fluss.errors.FlussException at once for vectors that do not fit, null in a NOT
     *     NULL column or a partition that cannot be; then no row is taken. With RECORD_TOO_LARGE
     *     for a row that no request can carry; rows before it may have been taken
     */
    default CompletableFuture<Map<TableBucket, Long>> upsert(VectorSchemaRoot rows) {
        return write(rows, new BitSet());
    }

    /**
     * As {@link #upsert(VectorSchemaRoot)}, but the keys of some rows are deleted.
     *
     * @param deletes positions of the rows that are deletes; only their key columns count, but all
     *     columns that are NOT NULL need values
     */
    CompletableFuture<Map<TableBucket, Long>> write(VectorSchemaRoot rows, BitSet deletes);

    /**
     * Deletes the rows of keys.
     *
     * @param keys its columns are those of the primary key, in key order
     */
    CompletableFuture<Map<TableBucket, Long>> delete(VectorSchemaRoot keys);

    /** Sends what is buffered; done when everything written before is acknowledged. */
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
