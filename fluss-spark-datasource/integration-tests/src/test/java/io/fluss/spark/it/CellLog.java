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

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.row.Row;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The log of a table from its beginning, read by the client alone: tells which rows the table held
 * at any offsets. Not thread-safe.
 */
final class CellLog implements AutoCloseable {
    private static final int POLLS_MAX = 600;
    private static final Duration POLL = Duration.ofMillis(100);

    private final RowScanner scanner;
    private final Map<TableBucket, TreeMap<Long, ScanRecord>> records = new HashMap<>();

    CellLog(Connection connection, TableInfo table) {
        scanner = RowScanner.open(connection, table, table.schema().columnNames());
        scanner.discoverEvery(Duration.ofMillis(500));
        scanner.subscribeAll(new OffsetSpec.Earliest());
    }

    /** The rows of the table as of these offsets, as text and sorted. */
    List<String> rowsBelow(Map<TableBucket, Long> endOffsets) {
        for (int i = 0; !isReadTo(endOffsets); i++) {
            assertThat(i).as("polls for " + endOffsets).isLessThan(POLLS_MAX);
            for (ScanRecord r : scanner.poll(POLL)) {
                records.computeIfAbsent(r.bucket(), b -> new TreeMap<>()).put(r.offset(), r);
            }
        }
        List<String> rows = new ArrayList<>();
        endOffsets.forEach(
                (bucket, end) ->
                        rows.addAll(
                                fold(
                                        records.getOrDefault(bucket, new TreeMap<>())
                                                .headMap(end)
                                                .values())));
        rows.sort(null);
        return rows;
    }

    private boolean isReadTo(Map<TableBucket, Long> endOffsets) {
        return endOffsets.entrySet().stream()
                .allMatch(
                        e ->
                                scanner.subscription().contains(e.getKey())
                                        && scanner.position(e.getKey()) >= e.getValue());
    }

    private static List<String> fold(Collection<ScanRecord> records) {
        List<String> appended = new ArrayList<>();
        Map<Long, String> byKey = new HashMap<>();
        for (ScanRecord r : records) {
            switch (r.changeType()) {
                case APPEND -> appended.add(text(r.row()));
                case INSERT, UPDATE_AFTER -> byKey.put(r.row().getLong("id"), text(r.row()));
                case DELETE -> byKey.remove(r.row().getLong("id"));
                case UPDATE_BEFORE -> {}
            }
        }
        appended.addAll(byKey.values());
        return appended;
    }

    private static String text(Row row) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < row.columnCount(); i++) {
            values.add(String.valueOf(row.get(i)));
        }
        return String.join("|", values);
    }

    @Override
    public void close() {
        scanner.close();
    }
}
