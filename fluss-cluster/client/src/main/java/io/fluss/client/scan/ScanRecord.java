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

import io.fluss.client.row.Row;
import io.fluss.formats.log.ChangeType;
import io.fluss.table.TableBucket;

/**
 * A row and its place in the log.
 *
 * @param offset {@link #NONE} for a row that is not from the log
 * @param commitTimestampMs when the server took the row, in milliseconds since the epoch; {@link
 *     #NONE} for a row that is not from the log
 * @param changeType what the row does to the table: an append in a log table
 */
public record ScanRecord(
        TableBucket bucket, long offset, long commitTimestampMs, ChangeType changeType, Row row) {
    /** Offset and time of a row that was not read from the log. */
    public static final long NONE = -1;
}
