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
package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.errors.FlussException;
import io.fluss.server.LocalCluster;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundProbe;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;

/** A cluster with a lake in a directory, and Spark in this JVM for the rounds of tests. */
final class LakeCluster implements AutoCloseable {
    static final String DATABASE = "it";
    private static final long WAIT_SECONDS = 120;

    /** So that rounds have several splits. */
    private static final long SPLIT_RECORDS = 120;

    private final SparkSession spark;
    private final LocalCluster cluster;
    private final Connection connection;

    private LakeCluster(SparkSession spark, LocalCluster cluster) {
        this.spark = spark;
        this.cluster = cluster;
        this.connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
    }

    /**
     * Starts a cluster with an empty database.
     *
     * @param settings of the lake, as {@link #iceberg}, and others
     */
    static LakeCluster start(Path dir, Map<String, String> settings) throws Exception {
        SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("tiering-tests")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.scheduler.mode", "FAIR")
                        .getOrCreate();
        LakeCluster out =
                new LakeCluster(spark, LocalCluster.start(dir.resolve("cluster"), 0, settings));
        get(out.admin().createDatabase(DATABASE, DatabaseDescriptor.EMPTY, true));
        return out;
    }

    /** Settings of an Iceberg lake in a directory, and more. */
    static Map<String, String> iceberg(Path warehouse, Map<String, String> more) {
        Map<String, String> out = new HashMap<>(more);
        out.put("datalake.format", "iceberg");
        out.put("datalake.iceberg.warehouse", warehouse.toString());
        if (!more.containsKey("datalake.iceberg.catalog-impl")) {
            out.put("datalake.iceberg.type", "hadoop");
        }
        return out;
    }

    /** Settings of a Paimon lake in a directory, and more. */
    static Map<String, String> paimon(Path warehouse, Map<String, String> more) {
        Map<String, String> out = new HashMap<>(more);
        out.put("datalake.format", "paimon");
        out.put("datalake.paimon.warehouse", warehouse.toUri().toString());
        return out;
    }

    Connection connection() {
        return connection;
    }

    Admin admin() {
        return connection.admin();
    }

    String bootstrap() {
        return cluster.bootstrap();
    }

    TableInfo create(String name, TableDescriptor descriptor) throws Exception {
        get(admin().createTable(TablePath.of(DATABASE, name), descriptor, false));
        return table(name);
    }

    TableInfo table(String name) throws Exception {
        return get(admin().tableInfo(TablePath.of(DATABASE, name)));
    }

    /**
     * Tiers until the lake has everything.
     *
     * @param table the only one to tier; empty for all
     * @param lines receives what the job says
     * @return the tables that failed
     */
    Map<TablePath, FlussException> tierOnce(
            String table, RoundProbe probe, int parallelTables, List<String> lines) {
        return new ServiceLoop(
                        spark,
                        connection,
                        new RoundSettings(
                                Map.of("bootstrap.servers", bootstrap()),
                                Map.of(),
                                new SplitPlanner(SPLIT_RECORDS, false),
                                Optional.empty(),
                                Duration.ofSeconds(20)),
                        new ServiceSettings(
                                true,
                                Duration.ofMillis(500),
                                Duration.ofMinutes(1),
                                parallelTables,
                                Optional.empty(),
                                table.isEmpty() ? Optional.empty() : Optional.of(table)),
                        SystemClock.INSTANCE,
                        lines::add,
                        probe)
                .run();
    }

    /** Readers may use a snapshot that ends where the log does; it names no bucket without rows. */
    void assertReadersHaveAll(TableInfo table) throws Exception {
        List<Integer> buckets = IntStream.range(0, table.bucketCount()).boxed().toList();
        Map<TableBucket, Long> ends =
                new HashMap<>(
                        get(
                                admin().listOffsets(
                                                table,
                                                OptionalLong.empty(),
                                                buckets,
                                                new OffsetSpec.Latest())));
        ends.values().removeIf(end -> end == 0);
        assertThat(get(admin().readableLakeSnapshot(table.path())).orElseThrow().endOffsets())
                .isEqualTo(ends);
    }

    static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        connection.close();
        cluster.close();
        spark.stop();
    }
}
