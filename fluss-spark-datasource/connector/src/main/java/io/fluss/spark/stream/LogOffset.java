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
package io.fluss.spark.stream;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.json.BucketOffsets;
import io.fluss.formats.json.BucketOffsetsJson;
import io.fluss.table.TableBucket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.connector.read.streaming.Offset;

/**
 * A position in a table: the next log offset of each bucket, and what is to be read before: the
 * rest of a lake snapshot, and rows of buckets of a table with a primary key. Immutable. A bucket
 * without entry is at offset 0: it belongs to a partition that was not there yet when the offset
 * was made.
 *
 * <p>As text it is the JSON of log end offsets (data formats document, section 7.5), which has
 * version 1; in front of something that JSON is wrapped in one of version 2 in front of a lake
 * snapshot, of version 3 in front of the rows of all buckets, and of version 4 in front of the rest
 * of a snapshot or the rows of some buckets.
 */
final class LogOffset extends Offset {
    private static final Pattern WITH_LAKE =
            Pattern.compile(
                    "\\s*\\{\"version\":2,\"lake_snapshot_id\":(-?\\d{1,19}),\"log\":(\\{.*})}\\s*",
                    Pattern.DOTALL);
    private static final Pattern WITH_ROWS =
            Pattern.compile("\\s*\\{\"version\":3,\"log\":(\\{.*})}\\s*", Pattern.DOTALL);
    private static final Pattern WITH_PARTS =
            Pattern.compile(
                    "\\s*\\{\"version\":4,\"lake_snapshot_id\":(-?\\d{1,19}),"
                            + "\"lake_parts_read\":(\\d{1,9}),\"rows\":(\\{.*}),\"log\":(\\{.*})}\\s*",
                    Pattern.DOTALL);

    private final BucketOffsets offsets;
    private final Optional<LakePart> lake;
    private final Set<TableBucket> rows;
    private final String json;

    /**
     * What is left of a lake snapshot.
     *
     * @param partsRead of {@link io.fluss.spark.lake.LakeParts}
     */
    record LakePart(long snapshotId, int partsRead) {}

    private LogOffset(BucketOffsets offsets, Optional<LakePart> lake, Set<TableBucket> rows) {
        this.offsets = offsets;
        this.lake = lake;
        this.rows = Set.copyOf(rows);
        String log = text(offsets);
        if (lake.isEmpty()) {
            this.json = rows.isEmpty() ? log : "{\"version\":3,\"log\":" + log + "}";
            return;
        }
        LakePart part = lake.get();
        if (part.partsRead() == 0 && rows.isEmpty()) {
            this.json =
                    "{\"version\":2,\"lake_snapshot_id\":"
                            + part.snapshotId()
                            + ",\"log\":"
                            + log
                            + "}";
            return;
        }
        Map<TableBucket, Long> ofRows = new TreeMap<>(offsets.offsets());
        ofRows.keySet().retainAll(rows);
        this.json =
                "{\"version\":4,\"lake_snapshot_id\":"
                        + part.snapshotId()
                        + ",\"lake_parts_read\":"
                        + part.partsRead()
                        + ",\"rows\":"
                        + text(new BucketOffsets(offsets.tableId(), ofRows))
                        + ",\"log\":"
                        + log
                        + "}";
    }

    private static String text(BucketOffsets offsets) {
        return new String(BucketOffsetsJson.write(offsets), StandardCharsets.UTF_8);
    }

    static LogOffset of(long tableId, Map<TableBucket, Long> offsets) {
        return new LogOffset(new BucketOffsets(tableId, offsets), Optional.empty(), Set.of());
    }

    /** In front of a lake snapshot that ends where these offsets begin. */
    static LogOffset beforeLake(long tableId, long snapshotId, Map<TableBucket, Long> offsets) {
        return beforeLake(tableId, new LakePart(snapshotId, 0), Set.of(), offsets);
    }

    /**
     * In front of the rest of a lake snapshot, and of the rows of some buckets that the snapshot
     * does not have.
     */
    static LogOffset beforeLake(
            long tableId, LakePart lake, Set<TableBucket> rows, Map<TableBucket, Long> offsets) {
        return new LogOffset(new BucketOffsets(tableId, offsets), Optional.of(lake), rows);
    }

    /** In front of the rows that a table with a primary key held at these offsets. */
    static LogOffset beforeRows(long tableId, Map<TableBucket, Long> offsets) {
        return new LogOffset(
                new BucketOffsets(tableId, offsets), Optional.empty(), offsets.keySet());
    }

    /**
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if it is not such JSON, or is of
     *     another table
     */
    static LogOffset parse(String json, long tableId, String table) {
        Matcher parts = WITH_PARTS.matcher(json);
        if (parts.matches()) {
            return new LogOffset(
                    read(parts.group(4), tableId, table),
                    Optional.of(
                            new LakePart(
                                    Long.parseLong(parts.group(1)),
                                    Integer.parseInt(parts.group(2)))),
                    read(parts.group(3), tableId, table).offsets().keySet());
        }
        Matcher m = WITH_LAKE.matcher(json);
        if (m.matches()) {
            return beforeLake(
                    tableId,
                    Long.parseLong(m.group(1)),
                    read(m.group(2), tableId, table).offsets());
        }
        Matcher rows = WITH_ROWS.matcher(json);
        return rows.matches()
                ? beforeRows(tableId, read(rows.group(1), tableId, table).offsets())
                : of(tableId, read(json, tableId, table).offsets());
    }

    private static BucketOffsets read(String json, long tableId, String table) {
        BucketOffsets read = BucketOffsetsJson.read(json.getBytes(StandardCharsets.UTF_8));
        if (read.tableId() != tableId) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table
                            + ": the checkpoint belongs to table id "
                            + read.tableId()
                            + ", but the table has id "
                            + tableId
                            + ": it was dropped and created again. Start with a new checkpoint"
                            + " location");
        }
        return read;
    }

    Map<TableBucket, Long> buckets() {
        return offsets.offsets();
    }

    /** The next offset of a bucket. */
    long next(TableBucket bucket) {
        return offsets.of(bucket).orElse(0);
    }

    /** What is left of the lake snapshot to read first. */
    Optional<LakePart> lake() {
        return lake;
    }

    /** The buckets whose rows, as they were at their offsets, are read before the log. */
    Set<TableBucket> rows() {
        return rows;
    }

    /** Whether everything before the log has been read. */
    boolean isInLog() {
        return lake.isEmpty() && rows.isEmpty();
    }

    @Override
    public String json() {
        return json;
    }
}
