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

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.lake.committer.CommitterInitContext;
import org.apache.fluss.lake.committer.LakeCommitter;
import org.apache.fluss.lake.lakestorage.LakeCatalog;
import org.apache.fluss.lake.lakestorage.LakeStorage;
import org.apache.fluss.lake.lakestorage.LakeStoragePluginSetUp;
import org.apache.fluss.lake.writer.LakeTieringFactory;
import org.apache.fluss.lake.writer.LakeWriter;
import org.apache.fluss.lake.writer.WriterInitContext;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TableInfo;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.security.acl.FlussPrincipal;

/**
 * A program of the published parts of tiering that need no Flink: the client's log scanner, the
 * Iceberg plugin's writer and its committer, in one thread. Arguments: bootstrap servers, a
 * warehouse of its own, database, table. Each line of its input, {@code FROM TO}, has it bring
 * these offsets of bucket 0 into its lake; it answers with the number of rows.
 */
final class PublishedTierer {
    private final Configuration client;
    private final LakeTieringFactory<?, ?> factory;
    private final Table table;
    private final TableInfo info;

    private PublishedTierer(Configuration client, LakeTieringFactory<?, ?> factory, Table table) {
        this.client = client;
        this.factory = factory;
        this.table = table;
        this.info = table.getTableInfo();
    }

    public static void main(String[] args) throws Exception {
        Configuration client = new Configuration();
        client.setString("bootstrap.servers", args[0]);
        Configuration lake = new Configuration();
        lake.setString("type", "hadoop");
        lake.setString("warehouse", args[1]);
        TablePath path = TablePath.of(args[2], args[3]);
        LakeStorage storage =
                LakeStoragePluginSetUp.fromDataLakeFormat("iceberg", null).createLakeStorage(lake);
        try (Connection connection = ConnectionFactory.createConnection(client);
                Table table = connection.getTable(path)) {
            TableDescriptor descriptor = table.getTableInfo().toTableDescriptor();
            try (LakeCatalog catalog = storage.createLakeCatalog()) {
                catalog.createTable(path, descriptor, creating(descriptor));
            }
            PublishedTierer tierer =
                    new PublishedTierer(client, storage.createLakeTieringFactory(), table);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] range = line.split(" ");
                System.out.println(
                        tierer.tier(
                                tierer.factory,
                                Long.parseLong(range[0]),
                                Long.parseLong(range[1])));
            }
        }
    }

    private <W, C> long tier(LakeTieringFactory<W, C> lake, long from, long to) throws Exception {
        TableBucket bucket = new TableBucket(info.getTableId(), 0);
        long rows = 0;
        W written;
        try (LakeWriter<W> writer = lake.createLakeWriter(writing(bucket));
                LogScanner scanner = table.newScan().createLogScanner()) {
            scanner.subscribe(0, from);
            long next = from;
            while (next < to) {
                for (ScanRecord r : scanner.poll(Duration.ofSeconds(10)).records(bucket)) {
                    if (r.logOffset() < to) {
                        writer.write(r);
                        rows++;
                    }
                    next = r.logOffset() + 1;
                }
            }
            written = writer.complete();
        }
        try (LakeCommitter<W, C> committer = lake.createLakeCommitter(committing())) {
            committer.commit(
                    committer.toCommittable(List.of(written)),
                    Map.of(
                            LakeCommitter.FLUSS_LAKE_SNAP_BUCKET_OFFSET_PROPERTY,
                            Long.toString(to)));
        }
        return rows;
    }

    private WriterInitContext writing(TableBucket bucket) {
        return new WriterInitContext() {
            @Override
            public TablePath tablePath() {
                return info.getTablePath();
            }

            @Override
            public TableBucket tableBucket() {
                return bucket;
            }

            @Override
            public String partition() {
                return null;
            }

            @Override
            public TableInfo tableInfo() {
                return info;
            }
        };
    }

    private CommitterInitContext committing() {
        return new CommitterInitContext() {
            @Override
            public TablePath tablePath() {
                return info.getTablePath();
            }

            @Override
            public TableInfo tableInfo() {
                return info;
            }

            @Override
            public Configuration lakeTieringConfig() {
                return new Configuration();
            }

            @Override
            public Configuration flussClientConfig() {
                return client;
            }
        };
    }

    private static LakeCatalog.Context creating(TableDescriptor descriptor) {
        return new LakeCatalog.Context() {
            @Override
            public boolean isCreatingFlussTable() {
                return true;
            }

            @Override
            public FlussPrincipal getFlussPrincipal() {
                return FlussPrincipal.ANONYMOUS;
            }

            @Override
            public TableDescriptor getCurrentTable() {
                return null;
            }

            @Override
            public TableDescriptor getExpectedTable() {
                return descriptor;
            }
        };
    }
}
