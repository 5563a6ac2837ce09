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
import io.fluss.errors.FlussException;
import io.fluss.metastore.NodeTree;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;

/** The node tree in ZooKeeper, below a root path. Thread-safe. */
public final class ZooKeeperNodeTree implements NodeTree {
    private static final int RETRY_SLEEP_MS = 50;
    private static final int RETRY_SLEEP_MAX_MS = 1000;
    private static final int RETRIES = 5;

    private final CuratorFramework client;
    private final String root;

    private ZooKeeperNodeTree(CuratorFramework client, String root) {
        this.client = client;
        this.root = root;
    }

    /**
     * Connects and makes the root path.
     *
     * @param address connect string, {@code host:port[,host:port…]}
     * @param root path of the cluster, such as {@code /fluss}
     */
    public static ZooKeeperNodeTree connect(
            String address, String root, Duration sessionTimeout, Duration connectionTimeout) {
        CuratorFramework client =
                CuratorFrameworkFactory.builder()
                        .connectString(address)
                        .sessionTimeoutMs(Math.toIntExact(sessionTimeout.toMillis()))
                        .connectionTimeoutMs(Math.toIntExact(connectionTimeout.toMillis()))
                        .retryPolicy(
                                new BoundedExponentialBackoffRetry(
                                        RETRY_SLEEP_MS, RETRY_SLEEP_MAX_MS, RETRIES))
                        .dontUseContainerParents()
                        .build();
        client.start();
        try {
            int waitMs = Math.toIntExact(connectionTimeout.toMillis());
            if (!client.blockUntilConnected(waitMs, TimeUnit.MILLISECONDS)) {
                throw ErrorReason.NETWORK.exception(
                        "no ZooKeeper answers at " + address + " within " + waitMs + " ms");
            }
            if (client.checkExists().forPath(root) == null) {
                client.create()
                        .creatingParentsIfNeeded()
                        .withMode(CreateMode.PERSISTENT)
                        .forPath(root, new byte[0]);
            }
            return new ZooKeeperNodeTree(client, root);
        } catch (FlussException e) {
            client.close();
            throw e;
        } catch (Exception e) {
            client.close();
            throw failure("connect to", address, e);
        }
    }

    @Override
    public Optional<Node> read(String path) {
        try {
            Stat stat = new Stat();
            byte[] data = client.getData().storingStatIn(stat).forPath(root + path);
            return Optional.of(new Node(data, stat.getVersion()));
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        } catch (Exception e) {
            throw failure("read", path, e);
        }
    }

    @Override
    public List<String> children(String path) {
        try {
            return client.getChildren().forPath(root + path).stream().sorted().toList();
        } catch (KeeperException.NoNodeException e) {
            return List.of();
        } catch (Exception e) {
            throw failure("list", path, e);
        }
    }

    @Override
    public boolean commit(List<Change> changes) {
        try {
            // Not through Curator: its retry after a lost connection could report a conflict with
            // this very transaction.
            client.getZookeeperClient()
                    .getZooKeeper()
                    .multi(changes.stream().map(this::operation).toList());
            return true;
        } catch (KeeperException.NodeExistsException
                | KeeperException.NoNodeException
                | KeeperException.BadVersionException
                | KeeperException.NotEmptyException e) {
            return false;
        } catch (Exception e) {
            throw failure("change", changes.isEmpty() ? "/" : changes.get(0).path(), e);
        }
    }

    private Op operation(Change change) {
        String path = root + change.path();
        if (change instanceof Create c) {
            return Op.create(path, c.data(), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        }
        if (change instanceof Put p) {
            return Op.setData(path, p.data(), p.version());
        }
        return Op.delete(path, ANY_VERSION);
    }

    @Override
    public void close() {
        client.close();
    }

    private static FlussException failure(String what, String path, Exception cause) {
        if (cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return ErrorReason.STORAGE.exception(
                "cannot " + what + " metadata node " + path + ": " + cause, cause);
    }
}
