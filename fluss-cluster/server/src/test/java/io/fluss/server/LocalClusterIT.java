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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.exception.InvalidConfigException;
import org.apache.fluss.exception.InvalidTableException;
import org.apache.fluss.exception.LakeTableSnapshotNotExistException;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.PartitionSpec;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue as the published client sees it, over restarts of the cluster. */
class LocalClusterIT {
    private static final Map<String, String> NO_LAKE = Map.of("datalake.enabled", "false");
    private static final long WAIT_SECONDS = 30;

    @TempDir Path directory;

    private interface Steps {
        void run(Admin admin) throws Exception;
    }

    private void withCluster(Steps steps) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(directory, 0, NO_LAKE)) {
            Configuration configuration = new Configuration();
            configuration.setString("bootstrap.servers", cluster.bootstrap());
            try (Connection connection = ConnectionFactory.createConnection(configuration);
                    Admin admin = connection.getAdmin()) {
                steps.run(admin);
            }
        }
    }

    @Test
    void keepsItsCatalogueOverARestart() throws Exception {
        TablePath kept = TablePath.of("shop", "kept");
        TablePath days = TablePath.of("shop", "days");
        long[] id = new long[1];
        withCluster(
                admin -> {
                    admin.createDatabase("shop", DatabaseDescriptor.EMPTY, false)
                            .get(WAIT_SECONDS, TimeUnit.SECONDS);
                    create(admin, kept, descriptor().distributedBy(3, "id").build());
                    create(admin, days, descriptor().partitionedBy("day").build());
                    admin.createPartition(days, spec("2024"), false)
                            .get(WAIT_SECONDS, TimeUnit.SECONDS);
                    TablePath gone = TablePath.of("shop", "gone");
                    create(admin, gone, descriptor().build());
                    admin.dropTable(gone, false).get(WAIT_SECONDS, TimeUnit.SECONDS);
                    id[0] = info(admin, kept).getTableId();
                });
        withCluster(
                admin -> {
                    assertThat(admin.listTables("shop").get(WAIT_SECONDS, TimeUnit.SECONDS))
                            .containsExactlyInAnyOrder("kept", "days");
                    assertThat(info(admin, kept).getTableId()).isEqualTo(id[0]);
                    assertThat(info(admin, kept).getNumBuckets()).isEqualTo(3);
                    assertThat(info(admin, kept).getBucketKeys()).containsExactly("id");
                    assertThat(admin.listPartitionInfos(days).get(WAIT_SECONDS, TimeUnit.SECONDS))
                            .singleElement()
                            .satisfies(p -> assertThat(p.getPartitionName()).isEqualTo("2024"));
                });
    }

    @Test
    void refusalsReachThePublishedClientWithTheirTypes() throws Exception {
        withCluster(
                admin -> {
                    TablePath path = TablePath.of("fluss", "t");
                    assertThatThrownBy(
                                    () ->
                                            create(
                                                    admin,
                                                    path,
                                                    descriptor()
                                                            .property("table.nope", "1")
                                                            .build()))
                            .hasRootCauseInstanceOf(InvalidConfigException.class);
                    assertThatThrownBy(
                                    () ->
                                            create(
                                                    admin,
                                                    path,
                                                    descriptor()
                                                            .property(
                                                                    "table.datalake.enabled",
                                                                    "true")
                                                            .build()))
                            .hasRootCauseInstanceOf(InvalidTableException.class)
                            .hasMessageContaining("datalake.format");
                    create(admin, path, descriptor().build());
                    assertThatThrownBy(
                                    () ->
                                            admin.getLatestLakeSnapshot(path)
                                                    .get(WAIT_SECONDS, TimeUnit.SECONDS))
                            .hasRootCauseInstanceOf(LakeTableSnapshotNotExistException.class);
                });
    }

    @Test
    void aSecondProcessOnTheSameDirectoryIsRefused() {
        try (LocalCluster first = LocalCluster.start(directory, 0, NO_LAKE)) {
            assertThat(first.bootstrap()).startsWith("127.0.0.1:");
            assertThatThrownBy(() -> LocalCluster.start(directory, 0, NO_LAKE))
                    .hasMessageContaining("in use by another cluster process");
        }
    }

    @Test
    void aPortInUseIsNamedAndTheDirectoryIsFreeAgain() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> LocalCluster.start(directory, port, NO_LAKE))
                    .hasMessageContaining(String.valueOf(port));
        }
        LocalCluster.start(directory, 0, NO_LAKE).close();
    }

    private static TableDescriptor.Builder descriptor() {
        return TableDescriptor.builder()
                .schema(
                        Schema.newBuilder()
                                .column("id", DataTypes.INT())
                                .column("day", DataTypes.STRING())
                                .build());
    }

    private static void create(Admin admin, TablePath path, TableDescriptor descriptor)
            throws Exception {
        admin.createTable(path, descriptor, false).get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static org.apache.fluss.metadata.TableInfo info(Admin admin, TablePath path)
            throws Exception {
        return admin.getTableInfo(path).get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static PartitionSpec spec(String day) {
        return new PartitionSpec(Map.of("day", day));
    }
}
