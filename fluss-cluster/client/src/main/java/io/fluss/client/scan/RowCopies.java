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

import io.fluss.client.row.RowReading;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.log.ChangeType;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Some columns of a table, and rows of them copied out of vectors. Immutable. */
final class RowCopies {
    private final List<Integer> positions;
    private final RowReading reading;

    private RowCopies(List<Integer> positions, RowReading reading) {
        this.positions = positions;
        this.reading = reading;
    }

    /**
     * Columns by name.
     *
     * @throws FlussException with INVALID_COLUMN_PROJECTION for a name that does not exist or is
     *     given twice
     */
    static RowCopies of(TableInfo table, List<String> columns) {
        List<Integer> positions = new ArrayList<>();
        List<DataType.Field> fields = new ArrayList<>();
        for (String name : columns) {
            int position =
                    table.schema()
                            .positionOf(name)
                            .orElseThrow(
                                    () ->
                                            invalid(
                                                    table,
                                                    "column '"
                                                            + name
                                                            + "' does not exist; columns are "
                                                            + table.schema().columnNames()));
            positions.add(position);
            // Rows that are older than a column are null in it, whatever it declares.
            fields.add(table.schema().rowType().fields().get(position));
        }
        if (new HashSet<>(columns).size() < columns.size()) {
            throw invalid(table, "columns " + columns + " name a column twice");
        }
        return new RowCopies(
                List.copyOf(positions), RowReading.of(new DataType.RowType(fields, false)));
    }

    private static FlussException invalid(TableInfo table, String problem) {
        return ErrorReason.INVALID_COLUMN_PROJECTION.exception(table.path() + ": " + problem);
    }

    List<Integer> positions() {
        return positions;
    }

    /** The rows of a batch, which is closed. */
    List<ScanRecord> take(ScanBatch batch) {
        try (batch) {
            List<ScanRecord> records = new ArrayList<>();
            ArrowRow row = ArrowRow.of(batch.rows());
            for (int i = 0; i < batch.rows().getRowCount(); i++) {
                records.add(
                        new ScanRecord(
                                batch.bucket(),
                                batch.baseOffset() + i,
                                batch.commitTimestampMs(),
                                batch.changeType(i),
                                reading.read(row.at(i))));
            }
            return records;
        }
    }

    /** Rows of a bucket that are not from its log; the vectors are closed. */
    List<ScanRecord> take(VectorSchemaRoot page, TableBucket bucket) {
        try (page) {
            List<ScanRecord> records = new ArrayList<>();
            ArrowRow row = ArrowRow.of(page);
            for (int i = 0; i < page.getRowCount(); i++) {
                records.add(
                        new ScanRecord(
                                bucket,
                                ScanRecord.NONE,
                                ScanRecord.NONE,
                                ChangeType.INSERT,
                                reading.read(row.at(i))));
            }
            return records;
        }
    }
}
