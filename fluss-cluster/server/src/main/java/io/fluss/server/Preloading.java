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

import io.fluss.protocol.ApiKey;
import java.lang.management.ManagementFactory;
import java.security.NoSuchAlgorithmException;
import javax.management.MBeanServer;
import javax.net.ssl.SSLContext;
import org.slf4j.LoggerFactory;

/**
 * Loads on a second core what the start of a cluster will need. Loading classes and the trusted
 * certificates is most of the time to start; ZooKeeper's client asks for the default TLS context
 * and its server for the platform's management beans, whether they are used or not.
 */
final class Preloading {
    private Preloading() {}

    /** Returns at once. The thread ends by itself; nobody waits for it. */
    static void start() {
        Thread thread = new Thread(Preloading::load, "preloading");
        thread.setDaemon(true);
        thread.start();
    }

    private static void load() {
        try {
            SSLContext unusedTls = SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            LoggerFactory.getLogger(Preloading.class).debug("no default TLS context", e);
        }
        MBeanServer unusedBeans = ManagementFactory.getPlatformMBeanServer();
        ApiKey[] unusedMessages = ApiKey.values();
    }
}
