package io.fluss.spark.read;

import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.jspecify.annotations.Nullable;

/** The lake's row reader with the table's columns. */
final class LakeRows implements PartitionReader<InternalRow> {
    private final PartitionReader<InternalRow> lake;
    private final @Nullable UnsafeProjection projection;

    LakeRows(PartitionReader<InternalRow> lake, LakeColumns columns) {
        this.lake = lake;
        this.projection = columns.isIdentity() ? null : columns.rowProjection();
    }

    @Override
    public boolean next() throws IOException {
        return lake.next();
    }

    @Override
    public InternalRow get() {
        InternalRow row = lake.get();
        return projection == null ? row : projection.apply(row);
    }

    @Override
    public void close() throws IOException {
        lake.close();
    }
}
