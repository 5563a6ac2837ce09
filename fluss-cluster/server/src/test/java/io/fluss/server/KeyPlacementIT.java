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

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.append.AppendWriter;
import io.fluss.client.row.GenericRow;
import io.fluss.client.scan.RowScanner;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.row.BinaryString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The published client and ours put the same keys into the same partitions and buckets. */
@Timeout(120)
class KeyPlacementIT {
    private static final int ROWS = 300;

    @TempDir Path directory;

    @Test
    void rowsOfAKeyMeetWhoeverWritesThem() throws Exception {
        TableSchema schema =
                TableSchema.of(
                        Column.of("id", DataTypes.bigInt().notNull()),
                        Column.of("name", DataTypes.string().notNull()),
                        Column.of("part", DataTypes.string().notNull()),
                        Column.of("source", DataTypes.integer()));
        TableDescriptor several = TableDescriptor.of(schema).withBuckets(7, "id", "name");
        TableDescriptor single = TableDescriptor.of(schema).withBuckets(5, "name");
        try (LocalCluster cluster = LocalCluster.start(directory, 0, Map.of());
                Connection connection =
                        Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            connection.admin().createDatabase("it", DatabaseDescriptor.EMPTY, false).get();
            check(
                    connection,
                    cluster,
                    "plain",
                    several.withProperty("table.datalake.format", "paimon"));
            check(connection, cluster, "lake", single);
            check(connection, cluster, "parted", single.withPartitionKeys("part"));
        }
    }

    private static void check(
            Connection connection, LocalCluster cluster, String name, TableDescriptor descriptor)
            throws Exception {
        TablePath path = TablePath.of("it", name);
        connection.admin().createTable(path, descriptor, false).get();
        TableInfo table = connection.admin().tableInfo(path).get();
        appendPublished(cluster, name);
        try (AppendWriter writer = connection.appendWriter(table)) {
            for (int i = 0; i < ROWS; i++) {
                var unused = writer.append(GenericRow.of(i, "n" + i % 50, "p" + i % 3, 1));
            }
        }
        Map<String, Set<Integer>> buckets = new HashMap<>();
        Set<Integer> used = new HashSet<>();
        int seen = 0;
        try (RowScanner scanner = connection.rowScanner(table)) {
            scanner.subscribeAll(new OffsetSpec.Earliest());
            while (seen < 2 * ROWS) {
                for (var r : scanner.poll(Duration.ofSeconds(1))) {
                    String key =
                            table.descriptor().bucketKeys().size() == 1
                                    ? r.row().getString("name")
                                    : r.row().getLong("id") + r.row().getString("name");
                    buckets.computeIfAbsent(key, k -> new HashSet<>()).add(r.bucket().bucket());
                    used.add(r.bucket().bucket());
                    seen++;
                }
            }
        }
        assertThat(buckets.values()).as(name).allMatch(b -> b.size() == 1);
        assertThat(used).hasSizeGreaterThan(2);
    }

    private static void appendPublished(LocalCluster cluster, String name) throws Exception {
        Configuration options = new Configuration();
        options.setString("bootstrap.servers", cluster.bootstrap());
        try (org.apache.fluss.client.Connection published =
                        ConnectionFactory.createConnection(options);
                Table table =
                        published.getTable(org.apache.fluss.metadata.TablePath.of("it", name))) {
            var writer = table.newAppend().createWriter();
            for (int i = 0; i < ROWS; i++) {
                var unused =
                        writer.append(
                                org.apache.fluss.row.GenericRow.of(
                                        (long) i,
                                        BinaryString.fromString("n" + i % 50),
                                        BinaryString.fromString("p" + i % 3),
                                        0));
            }
            writer.flush();
        }
    }
}
