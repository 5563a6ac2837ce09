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

import io.fluss.client.append.MergeMode;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.ShippedTable;
import io.fluss.spark.write.UpsertTarget.Columns;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.DeleteBehavior;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.connector.write.DeltaBatchWrite;
import org.apache.spark.sql.connector.write.DeltaWrite;
import org.apache.spark.sql.connector.write.DeltaWriteBuilder;
import org.apache.spark.sql.connector.write.DeltaWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.RowLevelOperation.Command;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;
import org.apache.spark.sql.internal.connector.SupportsStreamingUpdateAsAppend;
import org.apache.spark.sql.types.StructType;

/**
 * Upserts into a table with a primary key, as a batch, a stream or the changes of a statement. Rows
 * take effect as they are acknowledged; a task or a batch that is repeated puts the same rows in
 * the same places again.
 */
public final class KeyedWrite implements DeltaWrite {
    private final String description;
    private final UpsertTarget target;

    private KeyedWrite(String description, UpsertTarget target) {
        this.description = description;
        this.target = target;
    }

    /** Upserts of rows. Builds without contact to the cluster, as all builders. */
    public static WriteBuilder builder(
            TableInfo table, FlussOptions options, LogicalWriteInfo info) {
        return new Upsert(table, options, info);
    }

    /**
     * The changes of a statement.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if the table would do something
     *     else with them than the statement says
     */
    public static DeltaWriteBuilder builder(
            TableInfo table, FlussOptions options, LogicalWriteInfo info, Command command) {
        refuseOtherEffect(table, options, command);
        return new DeltaWriteBuilder() {
            @Override
            public DeltaWrite build() {
                StructType id = info.rowIdSchema().orElseThrow();
                Columns columns =
                        info.schema().isEmpty()
                                ? new Columns(List.of(), List.of(), -1)
                                : UpsertColumns.match(
                                        table, info.schema(), java.util.Optional.empty());
                return new KeyedWrite(
                        command.name().toLowerCase(Locale.ROOT) + " rows of fluss " + table.path(),
                        new UpsertTarget(
                                options.shippedClientSettings(),
                                ShippedTable.of(table),
                                columns,
                                UpsertColumns.key(table, id),
                                options.write().mergeMode()));
            }
        };
    }

    private static void refuseOtherEffect(TableInfo table, FlussOptions options, Command command) {
        if (options.write().mergeMode() == MergeMode.OVERWRITE) {
            return;
        }
        String remedy =
                "; option " + FlussOptions.MERGE_MODE + " = overwrite changes rows all the same";
        table.options()
                .mergeEngine()
                .filter(e -> command != Command.DELETE)
                .ifPresent(
                        e -> {
                            throw ErrorReason.INVALID_TABLE.exception(
                                    table.path()
                                            + ": "
                                            + command
                                            + " would not set rows, since the table merges them by"
                                            + " table.merge-engine = "
                                            + e.name().toLowerCase(Locale.ROOT)
                                            + remedy);
                        });
        DeleteBehavior deletes = table.options().deleteBehavior();
        if (command != Command.UPDATE && deletes != DeleteBehavior.ALLOW) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.path()
                            + ": "
                            + command
                            + " may delete rows, but the table has table.delete.behavior = "
                            + deletes.name().toLowerCase(Locale.ROOT)
                            + remedy);
        }
    }

    private record Upsert(TableInfo table, FlussOptions options, LogicalWriteInfo info)
            implements SupportsStreamingUpdateAsAppend {
        @Override
        public KeyedWrite build() {
            return new KeyedWrite(
                    "upsert into fluss " + table.path(),
                    new UpsertTarget(
                            options.shippedClientSettings(),
                            ShippedTable.of(table),
                            UpsertColumns.match(table, info.schema(), options.write().columns()),
                            List.of(),
                            options.write().mergeMode()));
        }
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public DeltaBatchWrite toBatch() {
        return new Batch(target);
    }

    @Override
    public StreamingWrite toStreaming() {
        return new Stream(target);
    }

    private record Batch(UpsertTarget target) implements DeltaBatchWrite {
        @Override
        public DeltaWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
            return target;
        }

        @Override
        public void commit(WriterCommitMessage[] messages) {
            // Each task has waited for its acknowledgements.
        }

        @Override
        public void abort(WriterCommitMessage[] messages) {
            // The rows before are not kept, so what was acknowledged cannot be taken back.
        }
    }

    private record Stream(UpsertTarget target) implements StreamingWrite {
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
            // The rows before are not kept, so what was acknowledged cannot be taken back.
        }
    }
}
