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

import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.cluster.Blocking;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * The last rows of a bucket. Fetched like any range, so that it also reaches rows that are in
 * remote storage only, and columns that are not wanted stay at the server.
 */
public final class LastRows {
    private LastRows() {}

    /** See {@link Connection#lastRows}. */
    public static List<ScanRecord> read(
            Connection connection,
            TableInfo table,
            TableBucket bucket,
            List<String> columns,
            int limit) {
        if (limit < 1) {
            throw ErrorReason.INVALID_SCAN_REQUEST.exception(
                    table.path() + ": the limit is " + limit + ", but must be at least 1");
        }
        RowCopies copies = RowCopies.of(table, columns);
        long end = offset(connection, table, bucket, new OffsetSpec.Latest());
        long start =
                Math.max(end - limit, offset(connection, table, bucket, new OffsetSpec.Earliest()));
        List<ScanRecord> rows = new ArrayList<>();
        try (BufferAllocator allocator = new RootAllocator();
                LogRangeReader reader =
                        connection.logRange(
                                table,
                                bucket,
                                start,
                                end,
                                Optional.of(copies.positions()),
                                allocator)) {
            for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                rows.addAll(copies.take(b.get()));
            }
        }
        return List.copyOf(rows);
    }

    private static long offset(
            Connection connection, TableInfo table, TableBucket bucket, OffsetSpec spec) {
        Map<TableBucket, Long> offsets =
                Blocking.await(
                        connection
                                .admin()
                                .listOffsets(
                                        table, bucket.partition(), List.of(bucket.bucket()), spec),
                        "offsets of " + table.path());
        return offsets.getOrDefault(bucket, 0L);
    }
}
