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
import org.apache.spark.sql.connector.read.streaming.Offset;

/**
 * A position in the log of a table: the next offset of each bucket, as the JSON of log end offsets
 * (data formats document, section 7.5). Immutable. A bucket without entry is at the start of its
 * log: it belongs to a partition that was not there yet.
 */
final class LogOffset extends Offset {
    private final BucketOffsets offsets;
    private final String json;

    LogOffset(BucketOffsets offsets) {
        this.offsets = offsets;
        this.json = new String(BucketOffsetsJson.write(offsets), StandardCharsets.UTF_8);
    }

    static LogOffset of(long tableId, Map<TableBucket, Long> offsets) {
        return new LogOffset(new BucketOffsets(tableId, offsets));
    }

    /**
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if it is not such JSON, or is of
     *     another table
     */
    static LogOffset parse(String json, long tableId, String table) {
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
        return new LogOffset(read);
    }

    Map<TableBucket, Long> buckets() {
        return offsets.offsets();
    }

    @Override
    public String json() {
        return json;
    }
}
