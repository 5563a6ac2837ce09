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
package io.fluss.client.published;

import java.io.File;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;

/**
 * Starts ZooKeeper, coordinator and one tablet server of the published release in this JVM, which
 * has them on its class path and nothing of ours but this class. Hence the reflection.
 *
 * <p>Arguments: directory, ports of ZooKeeper, coordinator and tablet server.
 */
public final class PublishedServerMain {
    private static final String ZOOKEEPER =
            "org.apache.fluss.shaded.zookeeper3.org.apache.zookeeper.server.";

    private PublishedServerMain() {}

    public static void main(String[] args) throws Exception {
        File dir = new File(args[0]).getAbsoluteFile();
        int zooKeeperPort = Integer.parseInt(args[1]);
        startZooKeeper(new File(dir, "zk"), zooKeeperPort);
        start(
                "org.apache.fluss.server.coordinator.CoordinatorServer",
                configuration(dir, zooKeeperPort, Integer.parseInt(args[2])));
        start(
                "org.apache.fluss.server.tablet.TabletServer",
                configuration(dir, zooKeeperPort, Integer.parseInt(args[3])));
        System.out.println("READY");
        new CountDownLatch(1).await();
    }

    private static void startZooKeeper(File dir, int port) throws Exception {
        if (!dir.isDirectory() && !dir.mkdirs()) {
            throw new IllegalStateException("cannot make " + dir);
        }
        System.setProperty("zookeeper.admin.enableServer", "false");
        Class<?> serverType = Class.forName(ZOOKEEPER + "ZooKeeperServer");
        Object server =
                serverType
                        .getConstructor(File.class, File.class, int.class)
                        .newInstance(dir, dir, 2000);
        Class<?> factoryType = Class.forName(ZOOKEEPER + "NIOServerCnxnFactory");
        Object factory = factoryType.getConstructor().newInstance();
        factoryType
                .getMethod("configure", InetSocketAddress.class, int.class)
                .invoke(factory, new InetSocketAddress("127.0.0.1", port), 1000);
        factoryType.getMethod("startup", serverType).invoke(factory, server);
    }

    private static Object configuration(File dir, int zooKeeperPort, int port) throws Exception {
        Class<?> type = Class.forName("org.apache.fluss.config.Configuration");
        Object c = type.getConstructor().newInstance();
        Method set = type.getMethod("setString", String.class, String.class);
        set.invoke(c, "zookeeper.address", "127.0.0.1:" + zooKeeperPort);
        set.invoke(c, "bind.listeners", "FLUSS://127.0.0.1:" + port);
        set.invoke(c, "remote.data.dir", "file://" + new File(dir, "remote").getPath());
        set.invoke(c, "data.dir", new File(dir, "data").getPath());
        set.invoke(c, "tablet-server.id", "0");
        set.invoke(c, "kv.snapshot.interval", "2s");
        return c;
    }

    private static void start(String className, Object configuration) throws Exception {
        Class<?> type = Class.forName(className);
        Object server = type.getConstructor(configuration.getClass()).newInstance(configuration);
        type.getMethod("start").invoke(server);
    }
}
