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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upserts, deletes and lookups of a cluster process that is killed again and again: {@value
 * #KILLS_OPTION} times in each test, 3 unless given. Over all kills, every key behaves like one
 * register: nothing acknowledged is lost, nothing is seen that could be taken back.
 */
class KeyedCrashIT {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedCrashIT.class);
    private static final String KILLS_OPTION = "fluss.it.crash.kills";
    private static final int KILLS = Integer.getInteger(KILLS_OPTION, 3);
    private static final long OPERATIONS_BETWEEN_KILLS =
            Long.getLong("fluss.it.crash.operations", 300);

    @TempDir Path directory;

    /** What goes on while the server dies. */
    private interface Load {
        void start(String address) throws Exception;

        void awaitMore(long count) throws Exception;

        void stop() throws Exception;

        void check(String address) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(strings = {"FULL", "WAL"})
    void everyKeyIsARegister(String image) throws Exception {
        try (KeyedWorkload work = new KeyedWorkload()) {
            killAgainAndAgain(
                    new Load() {
                        @Override
                        public void start(String address) throws Exception {
                            work.start(address, Map.of("table.changelog.image", image));
                        }

                        @Override
                        public void awaitMore(long count) throws Exception {
                            work.awaitMore(count);
                        }

                        @Override
                        public void stop() throws Exception {
                            work.stop();
                        }

                        @Override
                        public void check(String address) throws Exception {
                            work.check(address);
                            LOG.info("{}: {} operations", image, work.operations());
                        }
                    });
        }
    }

    @ParameterizedTest
    @EnumSource(EngineWorkload.Kind.class)
    void whatIsMergedOnlyGoesOneWay(EngineWorkload.Kind kind) throws Exception {
        try (EngineWorkload work = new EngineWorkload(kind)) {
            killAgainAndAgain(
                    new Load() {
                        @Override
                        public void start(String address) throws Exception {
                            work.start(address);
                        }

                        @Override
                        public void awaitMore(long count) throws Exception {
                            work.awaitMore(count);
                        }

                        @Override
                        public void stop() throws Exception {
                            work.stop();
                        }

                        @Override
                        public void check(String address) throws Exception {
                            work.check(address);
                            LOG.info("{}: {} operations", kind, work.operations());
                        }
                    });
        }
    }

    private void killAgainAndAgain(Load work) throws Exception {
        int port = CrashWorkload.freePorts();
        ServerProcess server = start(port);
        try {
            work.start(server.bootstrap());
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
