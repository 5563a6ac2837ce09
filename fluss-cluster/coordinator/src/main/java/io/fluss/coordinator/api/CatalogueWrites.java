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
package io.fluss.coordinator.api;

import io.fluss.coordinator.Coordinator;
import io.fluss.coordinator.Coordinator.TableChange;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.json.DataTypeJson;
import io.fluss.formats.json.DatabaseJson;
import io.fluss.formats.json.TableJson;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.AlterDatabaseRequest;
import io.fluss.protocol.messages.AlterDatabaseResponse;
import io.fluss.protocol.messages.AlterTableRequest;
import io.fluss.protocol.messages.AlterTableResponse;
import io.fluss.protocol.messages.CreateDatabaseRequest;
import io.fluss.protocol.messages.CreateDatabaseResponse;
import io.fluss.protocol.messages.CreatePartitionRequest;
import io.fluss.protocol.messages.CreatePartitionResponse;
import io.fluss.protocol.messages.CreateTableRequest;
import io.fluss.protocol.messages.CreateTableResponse;
import io.fluss.protocol.messages.DropDatabaseRequest;
import io.fluss.protocol.messages.DropDatabaseResponse;
import io.fluss.protocol.messages.DropPartitionRequest;
import io.fluss.protocol.messages.DropPartitionResponse;
import io.fluss.protocol.messages.DropTableRequest;
import io.fluss.protocol.messages.DropTableResponse;
import io.fluss.protocol.messages.PbAddColumn;
import io.fluss.protocol.messages.PbAlterConfig;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.Names;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Catalogue changes, for the coordinator's listener only. Thread-safe, never blocks. */
public final class CatalogueWrites {
    private static final int SET = 0;
    private static final int DELETE = 1;

    private final Coordinator coordinator;

    public CatalogueWrites(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    public CompletableFuture<CreateDatabaseResponse> createDatabase(CreateDatabaseRequest r) {
        Names.checkDatabase(r.getDatabaseName());
        DatabaseDescriptor descriptor =
                r.hasDatabaseJson()
                        ? DatabaseJson.read(r.getDatabaseJson().toByteArray())
                        : DatabaseDescriptor.EMPTY;
        return coordinator
                .createDatabase(r.getDatabaseName(), descriptor, r.getIgnoreIfExists())
                .thenApply(done -> CreateDatabaseResponse.getDefaultInstance());
    }

    public CompletableFuture<AlterDatabaseResponse> alterDatabase(AlterDatabaseRequest r) {
        return coordinator
                .alterDatabase(
                        r.getDatabaseName(),
                        new Coordinator.DatabaseChange(
                                options(r.getConfigChangesList()),
                                r.hasComment() ? Optional.of(r.getComment()) : Optional.empty()),
                        r.getIgnoreIfNotExists())
                .thenApply(done -> AlterDatabaseResponse.getDefaultInstance());
    }

    public CompletableFuture<DropDatabaseResponse> dropDatabase(DropDatabaseRequest r) {
        return coordinator
                .dropDatabase(r.getDatabaseName(), r.getIgnoreIfNotExists(), r.getCascade())
                .thenApply(done -> DropDatabaseResponse.getDefaultInstance());
    }

    public CompletableFuture<CreateTableResponse> createTable(CreateTableRequest r) {
        TablePath path = Wire.path(r.getTablePath());
        Names.checkTable(path);
        return coordinator
                .createTable(
                        path, TableJson.read(r.getTableJson().toByteArray()), r.getIgnoreIfExists())
                .thenApply(done -> CreateTableResponse.getDefaultInstance());
    }

    public CompletableFuture<DropTableResponse> dropTable(DropTableRequest r) {
        return coordinator
                .dropTable(Wire.path(r.getTablePath()), r.getIgnoreIfNotExists())
                .thenApply(done -> DropTableResponse.getDefaultInstance());
    }

    public CompletableFuture<AlterTableResponse> alterTable(AlterTableRequest r) {
        if (r.getDropColumnsCount() + r.getRenameColumnsCount() + r.getModifyColumnsCount() > 0) {
            throw unsupported("dropping, renaming and modifying columns is not supported");
        }
        return coordinator
                .alterTable(
                        Wire.path(r.getTablePath()),
                        new TableChange(options(r.getConfigChangesList()), columns(r)),
                        r.getIgnoreIfNotExists())
                .thenApply(done -> AlterTableResponse.getDefaultInstance());
    }

    private static Map<String, Optional<String>> options(List<PbAlterConfig> changes) {
        Map<String, Optional<String>> out = new LinkedHashMap<>();
        for (PbAlterConfig c : changes) {
            if (c.getOpType() == SET && c.hasConfigValue()) {
                out.put(c.getConfigKey(), Optional.of(c.getConfigValue()));
            } else if (c.getOpType() == DELETE) {
                out.put(c.getConfigKey(), Optional.empty());
            } else {
                throw unsupported(
                        "option '"
                                + c.getConfigKey()
                                + "': only SET with a value and DELETE are supported");
            }
        }
        return out;
    }

    private static List<Column> columns(AlterTableRequest r) {
        List<Column> out = new ArrayList<>();
        for (PbAddColumn c : r.getAddColumnsList()) {
            if (c.getColumnPositionType() != 0) {
                throw unsupported(
                        "column '" + c.getColumnName() + "' can only be added at the end");
            }
            if (c.hasAggFunctionType()) {
                throw ErrorReason.INVALID_CONFIG.exception(
                        "column '"
                                + c.getColumnName()
                                + "' has an aggregate function, which needs the merge engine"
                                + " aggregation");
            }
            Column column =
                    Column.of(
                            c.getColumnName(),
                            DataTypeJson.read(c.getDataTypeJson().toByteArray()));
            out.add(c.hasComment() ? column.withComment(c.getComment()) : column);
        }
        return out;
    }

    public CompletableFuture<CreatePartitionResponse> createPartition(CreatePartitionRequest r) {
        // The flag's name says the opposite; it means "ignore if it exists".
        return coordinator
                .createPartition(
                        Wire.path(r.getTablePath()),
                        CatalogueReads.spec(r.getPartitionSpec()),
                        r.getIgnoreIfNotExists())
                .thenApply(done -> CreatePartitionResponse.getDefaultInstance());
    }

    public CompletableFuture<DropPartitionResponse> dropPartition(DropPartitionRequest r) {
        return coordinator
                .dropPartition(
                        Wire.path(r.getTablePath()),
                        CatalogueReads.spec(r.getPartitionSpec()),
                        r.getIgnoreIfNotExists())
                .thenApply(done -> DropPartitionResponse.getDefaultInstance());
    }

    private static FlussException unsupported(String message) {
        return ErrorReason.UNKNOWN_SERVER_ERROR.exception(message);
    }
}
