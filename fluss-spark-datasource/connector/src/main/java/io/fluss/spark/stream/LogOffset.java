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
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.connector.read.streaming.Offset;

/**
 * A position in a table: the next log offset of each bucket, and the lake snapshot that is to be
 * read before them, if it has not been read yet. Immutable. A bucket without entry is at offset 0:
 * it belongs to a partition that was not there yet when the offset was made.
 *
 * <p>As text it is the JSON of log end offsets (data formats document, section 7.5), which has
 * version 1; with a lake snapshot that JSON is wrapped in one of version 2.
 */
final class LogOffset extends Offset {
    private static final Pattern WITH_LAKE =
            Pattern.compile(
                    "\\s*\\{\"version\":2,\"lake_snapshot_id\":(-?\\d{1,19}),\"log\":(\\{.*})}\\s*",
                    Pattern.DOTALL);

    private static final Pattern WITH_ROWS =
            Pattern.compile("\\s*\\{\"version\":3,\"log\":(\\{.*})}\\s*", Pattern.DOTALL);

    private final BucketOffsets offsets;
    private final OptionalLong lakeSnapshot;
    private final boolean isBeforeRows;
    private final String json;

    private LogOffset(BucketOffsets offsets, OptionalLong lakeSnapshot, boolean isBeforeRows) {
        this.offsets = offsets;
        this.lakeSnapshot = lakeSnapshot;
        this.isBeforeRows = isBeforeRows;
        String log = new String(BucketOffsetsJson.write(offsets), StandardCharsets.UTF_8);
        if (lakeSnapshot.isPresent()) {
            this.json =
                    "{\"version\":2,\"lake_snapshot_id\":"
                            + lakeSnapshot.getAsLong()
                            + ",\"log\":"
                            + log
                            + "}";
        } else {
            this.json = isBeforeRows ? "{\"version\":3,\"log\":" + log + "}" : log;
        }
    }

    static LogOffset of(long tableId, Map<TableBucket, Long> offsets) {
        return new LogOffset(new BucketOffsets(tableId, offsets), OptionalLong.empty(), false);
    }

    /** In front of a lake snapshot that ends where these offsets begin. */
    static LogOffset beforeLake(long tableId, long snapshotId, Map<TableBucket, Long> offsets) {
        return new LogOffset(
                new BucketOffsets(tableId, offsets), OptionalLong.of(snapshotId), false);
    }

    /** In front of the rows that a table with a primary key held at these offsets. */
    static LogOffset beforeRows(long tableId, Map<TableBucket, Long> offsets) {
        return new LogOffset(new BucketOffsets(tableId, offsets), OptionalLong.empty(), true);
    }

    /**
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if it is not such JSON, or is of
     *     another table
     */
    static LogOffset parse(String json, long tableId, String table) {
        Matcher m = WITH_LAKE.matcher(json);
        Matcher rows = WITH_ROWS.matcher(json);
        boolean hasLake = m.matches();
        boolean isBeforeRows = rows.matches();
        String log = hasLake ? m.group(2) : isBeforeRows ? rows.group(1) : json;
        BucketOffsets read = BucketOffsetsJson.read(log.getBytes(StandardCharsets.UTF_8));
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
        return new LogOffset(
                read,
                hasLake ? OptionalLong.of(Long.parseLong(m.group(1))) : OptionalLong.empty(),
                isBeforeRows);
    }

    Map<TableBucket, Long> buckets() {
        return offsets.offsets();
    }

    /** The next offset of a bucket. */
    long next(TableBucket bucket) {
        return offsets.of(bucket).orElse(0);
    }

    /** The lake snapshot to read first. */
    OptionalLong lakeSnapshot() {
        return lakeSnapshot;
    }

    /** Whether the rows that the table held here are read first. */
    boolean isBeforeRows() {
        return isBeforeRows;
    }

    @Override
    public String json() {
        return json;
    }
}
