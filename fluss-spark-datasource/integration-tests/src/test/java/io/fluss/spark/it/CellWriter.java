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
package io.fluss.spark.it;

import io.fluss.client.Connection;
import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.row.GenericRow;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One of the writers of a table: appends rows, or inserts, updates and deletes them by key, a batch
 * at a time, as many batches as the readers allow.
 */
final class CellWriter implements Runnable {
    private static final int ROWS_PER_BATCH = 10;
    private static final long WAIT_SECONDS = 120;

    private final LakeCell cell;
    private final CellTruth truth;
    private final int number;
    private final Connection connection;
    private final TableInfo table;
    private final Random random;
    private final Semaphore allowed = new Semaphore(0);
    private final CompletableFuture<Void> done;
    private volatile boolean isLast;

    CellWriter(
            LakeCell cell,
            CellTruth truth,
            int number,
            Connection connection,
            TableInfo table,
            ExecutorService threads) {
        this.cell = cell;
        this.truth = truth;
        this.number = number;
        this.connection = connection;
        this.table = table;
        this.random = new Random(number);
        this.done = CompletableFuture.runAsync(this, threads);
    }

    void allow(int batches) {
        allowed.release(batches);
    }

    /** Ends the writer; what it has sent is acknowledged then. */
    void finish() throws Exception {
        isLast = true;
        allowed.release();
        done.get(2 * WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void run() {
        try {
            if (cell.isKeyed()) {
                change();
            } else {
                append();
            }
        } catch (Exception e) {
            throw new AssertionError("writer " + number + " of " + cell.path(), e);
        }
    }

    private void append() throws Exception {
        try (AppendWriter writer = connection.appendWriter(table)) {
            for (allowed.acquire(); !isLast; allowed.acquire()) {
                List<CompletableFuture<?>> written = new ArrayList<>();
                for (CellTruth.Change c : truth.next(number, ROWS_PER_BATCH, random)) {
                    written.add(writer.append(row(c)));
                }
                await(writer.flush(), written);
            }
        }
    }

    private void change() throws Exception {
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (allowed.acquire(); !isLast; allowed.acquire()) {
                List<CompletableFuture<?>> written = new ArrayList<>();
                for (CellTruth.Change c : truth.next(number, ROWS_PER_BATCH, random)) {
                    written.add(c.isDelete() ? writer.delete(key(c)) : writer.upsert(row(c)));
                }
                await(writer.flush(), written);
            }
        }
    }

    private void await(CompletableFuture<Void> flushed, List<CompletableFuture<?>> written)
            throws Exception {
        flushed.get(WAIT_SECONDS, TimeUnit.SECONDS);
        for (CompletableFuture<?> w : written) {
            w.get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        truth.acknowledge(number);
    }

    private GenericRow row(CellTruth.Change c) {
        return GenericRow.of(
                c.id(),
                cell.day(c.id(), c.version()),
                c.version(),
                LakeCell.text(c.id(), c.version()));
    }

    private GenericRow key(CellTruth.Change c) {
        return cell.isPartitioned()
                ? GenericRow.named(Map.of("id", c.id(), "day", cell.day(c.id(), c.version())))
                : GenericRow.named(Map.of("id", c.id()));
    }
}
