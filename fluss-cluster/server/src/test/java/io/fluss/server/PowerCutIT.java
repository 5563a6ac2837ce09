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

import io.fluss.table.TableDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A disk that loses its power under a running cluster, again and again while writers go on: {@value
 * #CUTS_OPTION} times, 3 unless given. All data of the cluster is on it.
 */
class PowerCutIT {
    private static final Logger LOG = LoggerFactory.getLogger(PowerCutIT.class);
    private static final String CUTS_OPTION = "fluss.it.power.cuts";
    private static final int CUTS = Integer.getInteger(CUTS_OPTION, 3);
    private static final long ROWS_BETWEEN_CUTS = 3_000;
    private static final long DISK_BYTES = 1L << 30;

    @TempDir Path directory;

    @Test
    void fsyncTablesKeepEveryAcknowledgedRowOnce() throws Exception {
        int port = CrashWorkload.freePorts();
        try (MountedDisk disk = MountedDisk.ext4(directory, DISK_BYTES)) {
            ServerProcess server = start(disk, port);
            try (CrashWorkload work = new CrashWorkload()) {
                work.start(
                        server.bootstrap(),
                        TableDescriptor.of(CrashWorkload.SCHEMA)
                                .withProperty("table.log.durability", "fsync"));
                for (int cut = 0; cut < CUTS; cut++) {
                    work.awaitMore(ROWS_BETWEEN_CUTS);
                    disk.cutPower();
                    long acknowledged = work.rows();
                    server.kill();
                    disk.mountAgain();
                    server = start(disk, port);
                    server.bootstrap();
                    LOG.info(
                            "power cut {} at {} acknowledged rows, ready again after {} ms",
                            cut + 1,
                            acknowledged,
                            server.msSinceStart());
                }
                work.awaitMore(ROWS_BETWEEN_CUTS);
                List<Long> written = work.stop();
                disk.cutPower();
                server.kill();
                disk.mountAgain();
                server = start(disk, port);
                CrashWorkload.check(server.bootstrap(), written);
                LOG.info("{} power cuts, {} rows, each there once", CUTS + 1, written);
            } finally {
                server.close();
                LOG.info("{}", Files.readString(directory.resolve("server.err")));
            }
        }
    }

    private ServerProcess start(MountedDisk disk, int port) {
        return ServerProcess.start(
                directory.resolve("server.err"),
                "local",
                "--dir",
                disk.directory().resolve("cluster").toString(),
                "--port",
                String.valueOf(port),
                "-D",
                "log.segment.file-size=256kb");
    }
}
