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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CREATE TABLE with the lake a local cluster has by default. */
class LakeTablesIT {
    private static final long WAIT_SECONDS = 60;
    private static final TablePath ORDERS = TablePath.of("fluss", "orders");

    @TempDir Path directory;
    private LocalCluster cluster;
    private Connection connection;
    private Admin admin;

    @BeforeEach
    void start() {
        cluster = LocalCluster.start(directory, 0, Map.of());
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        admin = connection.admin();
    }

    @AfterEach
    void stop() {
        connection.close();
        cluster.close();
    }

    @Test
    void createsTheIcebergTableWithTheFlussTable() throws Exception {
        get(admin.createTable(ORDERS, lakeTable(), false));
        assertThat(icebergTable().schema().columns())
                .extracting(NestedField::name)
                .containsExactly("id", "day");
        assertThat(get(admin.tableInfo(ORDERS)).options().isLakeEnabled()).isTrue();
        assertThat(get(admin.latestLakeSnapshot(ORDERS))).isEmpty();
    }

    @Test
    void anEmptyIcebergTableOfADroppedTableIsTakenAgain() throws Exception {
        get(admin.createTable(ORDERS, lakeTable(), false));
        get(admin.dropTable(ORDERS, false));
        assertThat(icebergTable().snapshots()).isEmpty();
        get(admin.createTable(ORDERS, lakeTable(), false));
        assertThat(get(admin.listTables("fluss"))).containsExactly("orders");
    }

    @Test
    void anIcebergTableWithDataIsNotTaken() throws Exception {
        get(admin.createTable(ORDERS, lakeTable(), false));
        get(admin.dropTable(ORDERS, false));
        icebergTable().newAppend().commit();
        refused(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST,
                admin.createTable(ORDERS, lakeTable(), false));
        assertThat(get(admin.tableExists(ORDERS))).isFalse();
        get(admin.createTable(ORDERS, table(), false));
    }

    @Test
    void anIcebergTableWithOtherColumnsIsNotTaken() throws Exception {
        get(admin.createTable(ORDERS, lakeTable(), false));
        get(admin.dropTable(ORDERS, false));
        TableDescriptor other =
                TableDescriptor.of(TableSchema.of(Column.of("other", DataTypes.string())))
                        .withProperty("table.datalake.enabled", "true");
        refused(ErrorReason.LAKE_TABLE_ALREADY_EXIST, admin.createTable(ORDERS, other, false));
        assertThat(get(admin.tableExists(ORDERS))).isFalse();
    }

    @Test
    void aTableThatTheLakeCannotHoldIsNotCreatedAtAll() throws Exception {
        refused(
                ErrorReason.INVALID_TABLE,
                admin.createTable(ORDERS, lakeTable().withBuckets(2, "id", "day"), false));
        assertThat(get(admin.tableExists(ORDERS))).isFalse();
        assertThat(lakeDirectory()).doesNotExist();
        get(admin.createTable(ORDERS, lakeTable(), false));
    }

    private Path lakeDirectory() {
        return directory.resolve("lake/fluss/orders");
    }

    private Table icebergTable() {
        return new HadoopTables(new Configuration()).load(lakeDirectory().toString());
    }

    private static TableDescriptor table() {
        return TableDescriptor.of(
                TableSchema.of(
                        Column.of("id", DataTypes.integer()),
                        Column.of("day", DataTypes.string())));
    }

    private static TableDescriptor lakeTable() {
        return table().withProperty("table.datalake.enabled", "true");
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static void refused(ErrorReason reason, CompletableFuture<Void> answer)
            throws Exception {
        Throwable failure = null;
        try {
            get(answer);
        } catch (ExecutionException e) {
            failure = e;
        }
        assertThat(failure).as("refusal").isNotNull();
        assertThat(FlussException.from(failure).reason()).isEqualTo(reason);
    }
}
