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

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upserts, deletes and lookups of a cluster process that is killed again and again: {@value
 * #KILLS_OPTION} times, 3 unless given. Over all kills, every key behaves like one register:
 * nothing acknowledged is lost, nothing is seen that could be taken back.
 */
class KeyedCrashIT {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedCrashIT.class);
    private static final String KILLS_OPTION = "fluss.it.crash.kills";
    private static final int KILLS = Integer.getInteger(KILLS_OPTION, 3);
    private static final long OPERATIONS_BETWEEN_KILLS =
            Long.getLong("fluss.it.crash.operations", 300);

    @TempDir Path directory;

    @Test
    void everyKeyIsARegister() throws Exception {
        int port = CrashWorkload.freePorts();
        ServerProcess server = start(port);
        try (KeyedWorkload work = new KeyedWorkload()) {
            work.start(server.bootstrap(), Map.of());
            for (int kill = 0; kill < KILLS; kill++) {
                work.awaitMore(OPERATIONS_BETWEEN_KILLS);
                server.kill();
                server = start(port);
                server.bootstrap();
                LOG.info("kill {}, ready again after {} ms", kill + 1, server.msSinceStart());
            }
            work.awaitMore(OPERATIONS_BETWEEN_KILLS);
            work.stop();
            server.kill();
            server = start(port);
            work.check(server.bootstrap());
            LOG.info("{} kills, {} operations", KILLS + 1, work.operations());
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
                String.valueOf(port),
                "-D",
                "datalake.enabled=false");
    }
}
