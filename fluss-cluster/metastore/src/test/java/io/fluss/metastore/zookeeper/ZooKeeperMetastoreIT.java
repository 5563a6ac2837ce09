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
package io.fluss.metastore.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.metastore.Counters.Counter;
import io.fluss.metastore.Metastore;
import io.fluss.metastore.MetastoreContractTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over a real ZooKeeper; a root of its own for each test. */
class ZooKeeperMetastoreIT extends MetastoreContractTest {
    @TempDir static Path directory;
    private static EmbeddedZooKeeper server;
    private Metastore metastore;

    @BeforeAll
    static void startServer() {
        server = EmbeddedZooKeeper.start(directory);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        metastore = connect("/cluster/" + UUID.randomUUID());
    }

    @AfterEach
    void close() {
        metastore.close();
    }

    @Override
    protected Metastore metastore() {
        return metastore;
    }

    @Test
    void keepsItsContentOverARestartOfTheServer() {
        try (Metastore before = connect("/kept")) {
            before.counters().take(Counter.TABLE_ID, 41);
        }
        server.close();
        server = EmbeddedZooKeeper.start(directory);
        try (Metastore after = connect("/kept")) {
            assertThat(after.counters().take(Counter.TABLE_ID, 1)).isEqualTo(41);
        }
    }

    private static Metastore connect(String root) {
        Duration timeout = Duration.ofSeconds(10);
        return Metastore.over(ZooKeeperNodeTree.connect(server.address(), root, timeout, timeout));
    }
}
