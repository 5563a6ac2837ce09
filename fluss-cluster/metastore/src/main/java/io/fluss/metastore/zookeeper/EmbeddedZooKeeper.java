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

import io.fluss.errors.ErrorReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.PurgeTxnLog;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * A ZooKeeper server inside this process, reachable from this machine only. What it acknowledged is
 * on disk, so that it survives a killed process. Its threads are ZooKeeper's own.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final int TICK_MS = 2000;
    private static final int CONNECTIONS_MAX = 100;
    private static final int SNAPSHOTS_KEPT = 3;

    private final ServerCnxnFactory connections;
    private final ZooKeeperServer server;

    private EmbeddedZooKeeper(ServerCnxnFactory connections, ZooKeeperServer server) {
        this.connections = connections;
        this.server = server;
    }

    /**
     * Starts on a free port of the loopback address.
     *
     * @param directory made if it is missing; used by one process at a time
     */
    public static EmbeddedZooKeeper start(Path directory) {
        try {
            Files.createDirectories(directory);
            PurgeTxnLog.purge(directory.toFile(), directory.toFile(), SNAPSHOTS_KEPT);
            ZooKeeperServer server =
                    new ZooKeeperServer(directory.toFile(), directory.toFile(), TICK_MS);
            ServerCnxnFactory connections = new NIOServerCnxnFactory();
            connections.configure(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), CONNECTIONS_MAX);
            connections.startup(server);
            return new EmbeddedZooKeeper(connections, server);
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "cannot start the metadata store in " + directory + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.STORAGE.exception("interrupted while starting ZooKeeper", e);
        }
    }

    /** Connect string for clients on this machine. */
    public String address() {
        return "127.0.0.1:" + connections.getLocalPort();
    }

    /** Stops, and returns when its files are closed. */
    @Override
    public void close() {
        connections.shutdown();
        server.shutdown(true);
    }
}
