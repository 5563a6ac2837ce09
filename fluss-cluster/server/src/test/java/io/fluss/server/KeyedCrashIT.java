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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upserts, deletes and lookups in tables of each kind, of a cluster process that is killed again
 * and again: {@value #KILLS_OPTION} times, 3 unless given. Over all kills, every key behaves like
 * one register, and what is merged only goes one way: nothing acknowledged is lost, nothing is seen
 * that could be taken back.
 */
class KeyedCrashIT {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedCrashIT.class);
    private static final String KILLS_OPTION = "fluss.it.crash.kills";
    private static final int KILLS = Integer.getInteger(KILLS_OPTION, 3);
    private static final long OPERATIONS_BETWEEN_KILLS =
            Long.getLong("fluss.it.crash.operations", 300);

    @TempDir Path directory;

    @Test
    void everyTableIsRightHoweverOftenItsServerIsKilled() throws Exception {
        Map<String, TableWorkload> tables = new LinkedHashMap<>();
        for (String image : new String[] {"FULL", "WAL"}) {
            tables.put(
                    image,
                    new KeyedWorkload(
                            "registers_" + image, Map.of("table.changelog.image", image)));
        }
        for (EngineWorkload.Kind kind : EngineWorkload.Kind.values()) {
            tables.put(kind.name(), new EngineWorkload(kind));
        }
        try {
            killAgainAndAgain(tables);
        } finally {
            tables.values().forEach(TableWorkload::close);
        }
    }

    private void killAgainAndAgain(Map<String, TableWorkload> tables) throws Exception {
        int port = CrashWorkload.freePorts();
        ServerProcess server = start(port);
        try {
            String address = server.bootstrap();
            for (TableWorkload table : tables.values()) {
                table.start(address);
            }
            for (int kill = 0; kill < KILLS; kill++) {
                awaitMore(tables);
                server.kill();
                server = start(port);
                server.bootstrap();
                LOG.info("kill {}, ready again after {} ms", kill + 1, server.msSinceStart());
            }
            awaitMore(tables);
            for (TableWorkload table : tables.values()) {
                table.stop();
            }
            server.kill();
            server = start(port);
            check(tables, server.bootstrap());
        } finally {
            server.close();
        }
    }

    private static void awaitMore(Map<String, TableWorkload> tables) throws InterruptedException {
        for (TableWorkload table : tables.values()) {
            table.awaitMore(OPERATIONS_BETWEEN_KILLS);
        }
    }

    private static void check(Map<String, TableWorkload> tables, String address) throws Exception {
        Map<String, CompletableFuture<Void>> checks = new LinkedHashMap<>();
        tables.forEach(
                (name, table) ->
                        checks.put(
                                name,
                                KeyedWorkload.inThread(
                                        "check-" + name, () -> table.check(address))));
        for (Map.Entry<String, CompletableFuture<Void>> check : checks.entrySet()) {
            check.getValue().get(4 * CrashWorkload.WAIT_SECONDS, TimeUnit.SECONDS);
            LOG.info("{}: {} operations", check.getKey(), tables.get(check.getKey()).operations());
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
