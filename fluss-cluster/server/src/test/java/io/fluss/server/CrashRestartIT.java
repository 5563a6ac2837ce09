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
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster process that is killed again and again while writers go on: {@value #KILLS_OPTION}
 * times, 3 unless given.
 */
class CrashRestartIT {
    private static final Logger LOG = LoggerFactory.getLogger(CrashRestartIT.class);
    private static final String KILLS_OPTION = "fluss.it.crash.kills";
    private static final int KILLS = Integer.getInteger(KILLS_OPTION, 3);
    private static final long ROWS_BETWEEN_KILLS = 3_000;

    @TempDir Path directory;

    @Test
    void everyAcknowledgedRowIsThereOnceAndInOrder() throws Exception {
        int port = CrashWorkload.freePorts();
        ServerProcess server = start(port);
        try (CrashWorkload work = new CrashWorkload()) {
            work.start(server.bootstrap(), lakeTable());
            for (int kill = 0; kill < KILLS; kill++) {
                work.awaitMore(ROWS_BETWEEN_KILLS);
                server.kill();
                long acknowledged = work.rows();
                server = start(port);
                try (Connection connection = CrashWorkload.connect(server.bootstrap())) {
                    long readyMs = server.msSinceStart();
                    TablePath another = TablePath.of("shop", "after_kill_" + kill);
                    CrashWorkload.get(connection.admin().createTable(another, lakeTable(), false));
                    LOG.info(
                            "kill {} at {} acknowledged rows, ready again after {} ms",
                            kill + 1,
                            acknowledged,
                            readyMs);
                }
            }
            work.awaitMore(ROWS_BETWEEN_KILLS);
            List<Long> written = work.stop();
            server.kill();
            server = start(port);
            checkTables(server.bootstrap());
            CrashWorkload.check(server.bootstrap(), written);
            LOG.info("{} kills, {} rows, each there once", KILLS + 1, written);
        } finally {
            server.close();
        }
    }

    private ServerProcess start(int port) {
        return ServerProcess.start(
                directory.resolve("server.err"),
                "local",
                "--dir",
                directory.resolve("cluster").toString(),
                "--port",
                String.valueOf(port));
    }

    private static TableDescriptor lakeTable() {
        return TableDescriptor.of(CrashWorkload.SCHEMA)
                .withBuckets(CrashWorkload.BUCKETS)
                .withProperty("table.datalake.enabled", "true");
    }

    private void checkTables(String address) throws Exception {
        try (Connection connection = CrashWorkload.connect(address)) {
            Admin admin = connection.admin();
            List<String> tables = new ArrayList<>(List.of("events"));
            for (int kill = 0; kill < KILLS; kill++) {
                tables.add("after_kill_" + kill);
            }
            assertThat(CrashWorkload.get(admin.listDatabases()))
                    .containsExactlyInAnyOrder("fluss", "shop");
            assertThat(CrashWorkload.get(admin.listTables("shop")))
                    .containsExactlyInAnyOrderElementsOf(tables);
            for (String table : tables) {
                assertThat(directory.resolve("cluster/lake/shop/" + table + "/metadata"))
                        .isDirectory();
            }
        }
    }
}
