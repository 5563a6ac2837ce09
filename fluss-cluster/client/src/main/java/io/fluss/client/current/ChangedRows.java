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
package io.fluss.client.current;

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.row.RowEncoder;
import io.fluss.formats.row.RowFormat;
import io.fluss.table.TableInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What became of the keys that changed in a range of a changelog. Belongs to one thread.
 *
 * @param byKey the last value of each key as it is stored, empty for a deleted one
 */
record ChangedRows(Map<ByteBuffer, Optional<ByteBuffer>> byKey) {
    private static final int ENTRY_OVERHEAD = 200;

    static ChangedRows none() {
        return new ChangedRows(Map.of());
    }

    /**
     * Reads a range to its end; whole rows are wanted.
     *
     * @throws io.fluss.errors.FlussException with RECORD_TOO_LARGE if the changes take more memory
     *     than that
     */
    static ChangedRows read(TableInfo table, LogRangeReader changes, long bytesMax) {
        KeyEncoder keys = KeyEncoder.forPrimaryKey(table.descriptor());
        RowEncoder rows =
                switch (table.options().kvFormat()) {
                    case COMPACTED -> RowFormat.COMPACTED.encoder(table.schema().rowType());
                    case INDEXED -> RowFormat.INDEXED.encoder(table.schema().rowType());
                };
        Map<ByteBuffer, Optional<ByteBuffer>> byKey = new LinkedHashMap<>();
        long size = 0;
        for (Optional<ScanBatch> b = changes.next(); b.isPresent(); b = changes.next()) {
            try (ScanBatch batch = b.get()) {
                ArrowRow row = ArrowRow.of(batch.rows());
                for (int i = 0; i < batch.rows().getRowCount(); i++) {
                    ChangeType type = batch.changeType(i);
                    if (type == ChangeType.UPDATE_BEFORE) {
                        continue;
                    }
                    ByteBuffer key = ByteBuffer.wrap(keys.encode(row.at(i)));
                    Optional<ByteBuffer> value =
                            type == ChangeType.DELETE
                                    ? Optional.empty()
                                    : Optional.of(value(table.schemaId(), rows.encode(row.at(i))));
                    Optional<ByteBuffer> before = byKey.put(key, value);
                    size += value.map(ByteBuffer::remaining).orElse(0);
                    size -=
                            before == null
                                    ? -(ENTRY_OVERHEAD + key.remaining())
                                    : before.map(ByteBuffer::remaining).orElse(0);
                }
            }
            if (size > bytesMax) {
                throw ErrorReason.RECORD_TOO_LARGE.exception(
                        table.path()
                                + ": the rows that changed since the last snapshot need more than"
                                + " client.scanner.kv.changes.memory-size ("
                                + bytesMax
                                + " bytes)");
            }
        }
        return new ChangedRows(byKey);
    }

    private static ByteBuffer value(int schemaId, byte[] row) {
        return ByteBuffer.allocate(Short.BYTES + row.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) schemaId)
                .put(row)
                .flip();
    }
}
