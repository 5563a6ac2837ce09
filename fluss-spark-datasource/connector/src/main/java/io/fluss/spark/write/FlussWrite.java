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
package io.fluss.spark.write;

import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.ShippedTable;
import io.fluss.table.TableInfo;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/**
 * Append to a log table, as a batch or a stream. Tasks publish what they write as it is
 * acknowledged, so delivery is at least once: a batch that Spark repeats after a crash is appended
 * again.
 */
public final class FlussWrite implements Write {
    private final TableInfo table;
    private final AppendTarget target;

    private FlussWrite(TableInfo table, AppendTarget target) {
        this.table = table;
        this.target = target;
    }

    /** Builds without contact to the cluster: Spark builds several times for one write. */
    public static WriteBuilder builder(
            TableInfo table, FlussOptions options, LogicalWriteInfo info) {
        return table.hasPrimaryKey()
                ? KeyedWrite.builder(table, options, info)
                : new WriteBuilder() {
                    @Override
                    public Write build() {
                        return new FlussWrite(
                                table,
                                new AppendTarget(
                                        options.shippedClientSettings(),
                                        ShippedTable.of(table),
                                        InputColumns.match(table, info.schema())));
                    }
                };
    }

    @Override
    public String description() {
        return "append to fluss " + table.path();
    }

    @Override
    public BatchWrite toBatch() {
        return new BatchAppend(target);
    }

    @Override
    public StreamingWrite toStreaming() {
        return new StreamAppend(target);
    }

    private record BatchAppend(AppendTarget target) implements BatchWrite {
        @Override
        public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
            return target;
        }

        @Override
        public boolean useCommitCoordinator() {
            return true;
        }

        @Override
        public void commit(WriterCommitMessage[] messages) {
            // Each task has waited for its acknowledgements.
        }

        @Override
        public void abort(WriterCommitMessage[] messages) {
            // A log cannot take back what was acknowledged.
        }
    }

    private record StreamAppend(AppendTarget target) implements StreamingWrite {
        @Override
        public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
            return target;
        }

        @Override
        public boolean useCommitCoordinator() {
            return true;
        }

        @Override
        public void commit(long epochId, WriterCommitMessage[] messages) {
            // Each task has waited for its acknowledgements.
        }

        @Override
        public void abort(long epochId, WriterCommitMessage[] messages) {
            // A log cannot take back what was acknowledged.
        }
    }
}
