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
package io.fluss.client.fake;

import io.fluss.client.cluster.Cluster;
import io.fluss.client.cluster.ServerAddress;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.LogBatch;
import io.fluss.loop.Loop;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.InitWriterResponse;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbServerNode;
import io.fluss.protocol.messages.PbTableMetadata;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.time.Clock;
import io.fluss.transport.RpcConnection;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Two tablet servers, 1 and 2, at ports of the same number; any of them may lead the buckets. */
public final class FakeCluster {
    public static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    public static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("id", DataTypes.bigInt().notNull()),
                    Column.of("value", DataTypes.bigInt()));

    private final Map<Integer, FakeServer> servers = new HashMap<>();
    private final Cluster cluster;
    private int leader = 1;
    private long nextWriterId = 100;

    public FakeCluster(Loop loop, Clock clock) {
        cluster =
                new Cluster(
                        address -> dial(address.port()),
                        ServerAddress.parse("bootstrap.servers", "localhost:1,localhost:2"),
                        loop,
                        clock,
                        new Random(1),
                        REQUEST_TIMEOUT);
        servers.put(1, server());
        servers.put(2, server());
    }

    private CompletableFuture<RpcConnection> dial(int port) {
        FakeServer server = servers.get(port);
        return server == null
                ? CompletableFuture.failedFuture(
                        ErrorReason.NETWORK.exception("connection refused by port " + port))
                : CompletableFuture.completedFuture(server);
    }

    private FakeServer server() {
        return new FakeServer()
                .on(ApiKey.GET_METADATA, request -> metadata())
                .on(
                        ApiKey.INIT_WRITER,
                        request ->
                                InitWriterResponse.newBuilder()
                                        .setWriterId(nextWriterId++)
                                        .build());
    }

    public Cluster cluster() {
        return cluster;
    }

    public FakeServer server(int id) {
        return servers.get(id);
    }

    /** Ends a server: its connection closes and no new one can be made. */
    public void kill(int id) {
        servers.remove(id).close();
    }

    public void start(int id) {
        servers.put(id, server());
    }

    /** The server that metadata names as leader of all buckets from now on; -1 for none. */
    public void lead(int id) {
        leader = id;
    }

    public MetadataResponse metadata() {
        MetadataResponse.Builder b = MetadataResponse.newBuilder();
        for (int id = 1; id <= 2; id++) {
            b.addTabletServers(
                    PbServerNode.newBuilder().setNodeId(id).setHost("localhost").setPort(id));
        }
        PbTableMetadata.Builder t =
                b.addTableMetadataBuilder()
                        .setTablePath(Wire.path(table(1).path()))
                        .setTableId(7)
                        .setSchemaId(1)
                        .setTableJson(com.google.protobuf.ByteString.EMPTY)
                        .setCreatedTime(0)
                        .setModifiedTime(0);
        for (int bucket = 0; bucket < 4; bucket++) {
            t.addBucketMetadataBuilder().setBucketId(bucket).setLeaderId(leader);
        }
        return b.build();
    }

    public static TableInfo table(int buckets) {
        return new TableInfo(
                TablePath.of("db", "t"),
                7,
                1,
                TableDescriptor.of(SCHEMA)
                        .withBuckets(buckets)
                        .withProperty(TableOptions.ARROW_COMPRESSION_TYPE, "NONE"),
                0,
                0);
    }

    /** Rows with consecutive ids and values ten times as large. */
    public static VectorSchemaRoot rows(BufferAllocator allocator, long firstId, int count) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator);
        root.setRowCount(count);
        BigIntVector id = (BigIntVector) root.getVector(0);
        BigIntVector value = (BigIntVector) root.getVector(1);
        for (int i = 0; i < count; i++) {
            id.setSafe(i, firstId + i);
            value.setSafe(i, 10 * (firstId + i));
        }
        root.setRowCount(count);
        return root;
    }

    /** A stored batch of such rows; with no rows it is an empty batch. */
    public static ByteBuffer batch(
            BufferAllocator allocator, long baseOffset, long firstId, int count) {
        try (VectorSchemaRoot rows = rows(allocator, firstId, count)) {
            ByteBuffer bytes =
                    ArrowBatches.encode(
                            rows,
                            1,
                            LogBatch.NO_WRITER,
                            LogBatch.NO_SEQUENCE,
                            TableOptions.ArrowCompression.NONE,
                            1);
            bytes.duplicate()
                    .put(LogBatch.at(bytes, 0).stampedPrefix(baseOffset, 1_000 + baseOffset));
            return bytes;
        }
    }

    /** Ids in a batch that was sent. */
    public static List<Long> ids(BufferAllocator allocator, LogBatch batch) {
        try (VectorSchemaRoot rows = ArrowBatches.decode(batch, SCHEMA.rowType(), allocator)) {
            BigIntVector id = (BigIntVector) rows.getVector(0);
            return java.util.stream.IntStream.range(0, rows.getRowCount())
                    .mapToObj(id::get)
                    .toList();
        }
    }
}
