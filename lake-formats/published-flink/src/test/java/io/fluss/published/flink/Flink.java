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
package io.fluss.published.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** Flink SQL on a cluster in this JVM, with the published connector's catalog {@code fluss}. */
final class Flink implements AutoCloseable {
    private static final int SLOTS = 8;
    private static final long SETTLE_SECONDS = 90;

    private final MiniCluster cluster;
    private final String bootstrap;
    private final TableEnvironment bounded;
    private final TableEnvironment unbounded;

    private Flink(MiniCluster cluster, String bootstrap) throws Exception {
        this.cluster = cluster;
        this.bootstrap = bootstrap;
        Configuration client = new Configuration();
        client.setString("execution.target", "remote");
        client.setString("rest.address", "localhost");
        client.setString("rest.port", String.valueOf(cluster.getRestAddress().get().getPort()));
        client.setString("parallelism.default", "1");
        client.setString("table.local-time-zone", "UTC");
        EnvironmentSettings.Builder batch = EnvironmentSettings.newInstance().inBatchMode();
        EnvironmentSettings.Builder stream = EnvironmentSettings.newInstance().inStreamingMode();
        this.bounded = open(batch, client, bootstrap);
        this.unbounded = open(stream, client, bootstrap);
    }

    static Flink start(String bootstrap) throws Exception {
        Configuration server = new Configuration();
        server.setString("rest.address", "localhost");
        server.setString("rest.bind-port", "0");
        server.setString("taskmanager.memory.network.min", "32m");
        server.setString("taskmanager.memory.network.max", "32m");
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(server)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(SLOTS)
                                .build());
        cluster.start();
        return new Flink(cluster, bootstrap);
    }

    /** Another session on the same cluster: one takes one statement at a time. */
    Flink session() throws Exception {
        return new Flink(cluster, bootstrap);
    }

    private static TableEnvironment open(
            EnvironmentSettings.Builder settings, Configuration client, String bootstrap) {
        TableEnvironment tables =
                TableEnvironment.create(settings.withConfiguration(client).build());
        tables.executeSql(
                "CREATE CATALOG fluss WITH ('type' = 'fluss', 'bootstrap.servers' = '%s')"
                        .formatted(bootstrap));
        tables.executeSql("USE CATALOG fluss");
        return tables;
    }

    /** Runs a statement to its end. */
    void run(String sql) throws Exception {
        bounded.executeSql(sql).await();
    }

    /** Runs insertions as one job, to its end. */
    void runTogether(List<String> inserts) throws Exception {
        StatementSet all = bounded.createStatementSet();
        inserts.forEach(all::addInsertSql);
        all.execute().await();
    }

    /** Makes a view that only streams see. */
    void streamView(String sql) {
        unbounded.executeSql(sql);
    }

    /** All rows of a bounded query, as text, sorted. */
    List<String> rows(String sql) throws Exception {
        List<String> out = new ArrayList<>();
        try (CloseableIterator<Row> rows = bounded.executeSql(sql).collect()) {
            rows.forEachRemaining(row -> out.add(row.toString()));
        }
        return out.stream().sorted().toList();
    }

    /** The first {@code count} rows of a query that does not end, in their order. */
    List<String> first(int count, String sql) throws Exception {
        List<String> out = new ArrayList<>();
        try (CloseableIterator<Row> rows = unbounded.executeSql(sql).collect()) {
            while (out.size() < count) {
                out.add(rows.next().toString());
            }
        }
        return out;
    }

    /** Reads a query that does not end until its changes have made exactly these rows. */
    void settle(String sql, List<String> expected) throws Exception {
        List<String> state = new CopyOnWriteArrayList<>();
        try (CloseableIterator<Row> rows = unbounded.executeSql(sql).collect()) {
            CompletableFuture<Void> settled =
                    CompletableFuture.runAsync(() -> follow(rows, state, expected));
            settled.get(SETTLE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            assertThat(state).as("rows that %s has made", sql).hasSameElementsAs(expected);
            throw e;
        }
    }

    private static void follow(
            CloseableIterator<Row> rows, List<String> state, List<String> expected) {
        List<String> wanted = expected.stream().sorted().toList();
        while (!state.stream().sorted().toList().equals(wanted)) {
            String row = rows.next().toString();
            String image = row.substring(2);
            if (row.startsWith("+")) {
                state.add(image);
            } else if (!state.remove(image)) {
                throw new AssertionError(row + " takes back what is not there: " + state);
            }
        }
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
