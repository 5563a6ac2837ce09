package io.fluss.spark.write;

import io.fluss.spark.FlussOptions.ClientSettings;
import io.fluss.spark.connection.ShippedTable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;

/** Where and how tasks append; travels to them. */
record AppendTarget(ClientSettings settings, ShippedTable table, InputColumns columns)
        implements DataWriterFactory, StreamingDataWriterFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public DataWriter<InternalRow> createWriter(int partitionId, long taskId) {
        return AppendTask.open(this);
    }

    @Override
    public DataWriter<InternalRow> createWriter(int partitionId, long taskId, long epochId) {
        return AppendTask.open(this);
    }
}
