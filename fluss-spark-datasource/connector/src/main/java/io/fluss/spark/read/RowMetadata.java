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
package io.fluss.spark.read;

import io.fluss.client.scan.ScanBatch;
import io.fluss.spark.vector.ChangeTypeVector;
import io.fluss.spark.vector.SequenceVector;
import io.fluss.table.TableSchema;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What is known of a row beside its columns (table semantics document, sections 1.2 and 11). Rows
 * of the lake have it only where the lake table keeps it; otherwise it is null, except the change
 * type, which all rows of a log table share.
 */
public enum RowMetadata {
    CHANGE_TYPE(
            "_change_type", "", "how the row came: insert, update_before, update_after or delete") {
        @Override
        ColumnVector of(ScanBatch batch) {
            return new ChangeTypeVector(batch.changeTypes());
        }
    },
    OFFSET("_offset", "__offset", "offset in the log of the bucket") {
        @Override
        ColumnVector of(ScanBatch batch) {
            return new SequenceVector(batch.baseOffset());
        }
    },
    TIMESTAMP("_timestamp", "__timestamp", "when the row was committed") {
        @Override
        ColumnVector of(ScanBatch batch) {
            ConstantColumnVector v =
                    new ConstantColumnVector(batch.rows().getRowCount(), dataType());
            v.setLong(batch.commitTimestampMs() * MICROS_PER_MILLI);
            return v;
        }
    },
    BUCKET("_bucket", "__bucket", "number of the bucket") {
        @Override
        ColumnVector of(ScanBatch batch) {
            ConstantColumnVector v =
                    new ConstantColumnVector(batch.rows().getRowCount(), dataType());
            v.setInt(batch.bucket().bucket());
            return v;
        }
    },
    /** The offset by the name that the changelog tables of other engines give it. */
    LOG_OFFSET("_log_offset", "__offset", "the same as _offset") {
        @Override
        ColumnVector of(ScanBatch batch) {
            return OFFSET.of(batch);
        }
    },
    COMMIT_TIMESTAMP("_commit_timestamp", "__timestamp", "the same as _timestamp") {
        @Override
        ColumnVector of(ScanBatch batch) {
            return TIMESTAMP.of(batch);
        }
    };

    private static final long MICROS_PER_MILLI = 1_000;
    static final UTF8String INSERT = UTF8String.fromString("insert");

    private final String column;
    private final String lakeColumn;
    private final String comment;

    RowMetadata(String column, String lakeColumn, String comment) {
        this.column = column;
        this.lakeColumn = lakeColumn;
        this.comment = comment;
    }

    String column() {
        return column;
    }

    DataType dataType() {
        return switch (this) {
            case CHANGE_TYPE -> DataTypes.StringType;
            case OFFSET, LOG_OFFSET -> DataTypes.LongType;
            case TIMESTAMP, COMMIT_TIMESTAMP -> DataTypes.TimestampType;
            case BUCKET -> DataTypes.IntegerType;
        };
    }

    /** As Spark wants it. */
    public MetadataColumn declared() {
        return new Declared(column, dataType(), comment);
    }

    private record Declared(String name, DataType dataType, String comment)
            implements MetadataColumn {}

    /** All that a column of the table does not hide by its name. */
    public static List<RowMetadata> of(TableSchema schema) {
        return Arrays.stream(values())
                .filter(m -> schema.columnNames().stream().noneMatch(m.column::equalsIgnoreCase))
                .toList();
    }

    /** The metadata column of a name; empty if a column of the table has it. */
    static Optional<RowMetadata> of(TableSchema schema, String name) {
        return named(name).filter(of(schema)::contains);
    }

    StructField field() {
        return new StructField(column, dataType(), true, Metadata.empty());
    }

    static Optional<RowMetadata> named(String name) {
        for (RowMetadata m : values()) {
            if (m.column.equals(name)) {
                return Optional.of(m);
            }
        }
        return Optional.empty();
    }

    /** Its name in a lake table that keeps it; empty text if none does. */
    String lakeColumn() {
        return lakeColumn;
    }

    /** The names of some in a lake table that keeps them. */
    static List<String> lakeColumns(List<RowMetadata> metadata) {
        return metadata.stream()
                .map(RowMetadata::lakeColumn)
                .filter(n -> !n.isEmpty())
                .distinct()
                .toList();
    }

    /** The values of the rows of a batch. */
    abstract ColumnVector of(ScanBatch batch);

    /**
     * The values of rows that a table with a primary key holds now.
     *
     * @param bucket of the rows, if it is one and known
     */
    ColumnVector ofCurrent(int rowCount, OptionalInt bucket) {
        if (this == CHANGE_TYPE) {
            return constant(rowCount);
        }
        ConstantColumnVector v = new ConstantColumnVector(rowCount, dataType());
        if (this == BUCKET && bucket.isPresent()) {
            v.setInt(bucket.getAsInt());
        } else {
            v.setNull();
        }
        return v;
    }

    /** The change type of rows that were only ever appended. */
    static ColumnVector constant(int rowCount) {
        ConstantColumnVector v = new ConstantColumnVector(rowCount, DataTypes.StringType);
        v.setUtf8String(INSERT);
        return v;
    }
}
