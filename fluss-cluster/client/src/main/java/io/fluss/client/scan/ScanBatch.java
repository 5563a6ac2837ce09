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

import io.fluss.formats.log.ChangeType;
import io.fluss.table.TableBucket;
import java.nio.ByteBuffer;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Records of one bucket as vectors: those of one log batch, cut to the wanted offsets. The receiver
 * closes it. Records have consecutive offsets from {@code baseOffset}. Rows of an older schema have
 * been padded with null columns.
 *
 * @param nextOffset where to go on reading; more than base offset + rows if empty batches lie in
 *     between
 * @param commitTimestampMs of all records
 * @param changeTypes a code of {@link ChangeType} for each row
 */
public record ScanBatch(
        TableBucket bucket,
        long baseOffset,
        long nextOffset,
        long commitTimestampMs,
        VectorSchemaRoot rows,
        ByteBuffer changeTypes)
        implements AutoCloseable {

    /** What a row does to the table: appends in a log table, changes in one with a primary key. */
    public ChangeType changeType(int row) {
        return ChangeType.of(changeTypes.get(changeTypes.position() + row));
    }

    @Override
    public void close() {
        rows.close();
    }
}
