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
package io.fluss.tablet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.fluss.formats.log.LogBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogReqForTable;
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.time.SystemClock;
import io.fluss.transport.RpcClient;
import io.fluss.transport.RpcConnection;
import io.fluss.transport.RpcServer;
import io.fluss.transport.ServerType;
import io.fluss.transport.TransportSettings;
import io.fluss.types.DataTypes;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bucket loops on threads behind a real socket: append, long poll, clean restart. */
class ReplicaHostContractTest {
    private static final Settings NONE = Settings.of(Map.of());
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final TableBucket BUCKET = TableBucket.of(7, 0);

    @TempDir Path dir;

    private ReplicaHost host() {
        TableInfo table =
                new TableInfo(
                        TablePath.of("db", "t"),
                        7,
                        1,
                        TableDescriptor.of(TableSchema.of(Column.of("a", DataTypes.integer())))
                                .withBuckets(1),
                        0,
                        0);
        ReplicaHost host =
                ReplicaHost.open(
                        TabletSettings.from(NONE),
                        dir,
                        1,
                        SystemClock.INSTANCE,
                        () -> CompletableFuture.completedFuture(1L));
        assertThat(
                        host.becomeLeaders(
                                        List.of(
                                                new LeaderAssignment(
                                                        table,
                                                        Optional.empty(),
                                                        BUCKET,
                                                        0,
                                                        0,
                                                        List.of(1),
                                                        List.of(1))))
                                .join())
                .containsEntry(BUCKET, Optional.empty());
        return host;
    }

    /** A batch whose body nobody decodes. */
    private static ByteString batch(int bodySize) {
        ByteBuffer b =
                ByteBuffer.allocate(LogBatch.HEADER_SIZE + bodySize).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(LogBatch.LENGTH_OFFSET, b.capacity() - LogBatch.LENGTH_OVERHEAD);
        b.putShort(LogBatch.SCHEMA_ID_OFFSET, (short) 1);
        b.put(LogBatch.ATTRIBUTES_OFFSET, (byte) 1);
        b.putLong(LogBatch.WRITER_ID_OFFSET, LogBatch.NO_WRITER);
        b.putInt(LogBatch.SEQUENCE_OFFSET, LogBatch.NO_SEQUENCE);
        b.putInt(LogBatch.RECORD_COUNT_OFFSET, 1);
        CRC32C crc = new CRC32C();
        crc.update(b.slice(LogBatch.SCHEMA_ID_OFFSET, b.capacity() - LogBatch.SCHEMA_ID_OFFSET));
        b.putInt(LogBatch.CRC_OFFSET, (int) crc.getValue());
        return ByteString.copyFrom(b);
    }

    private static ProduceLogRequest produce(ByteString records) {
        return ProduceLogRequest.newBuilder()
                .setAcks(-1)
                .setTableId(7)
                .setTimeoutMs(30_000)
                .addBucketsReq(
                        PbProduceLogReqForBucket.newBuilder().setBucketId(0).setRecords(records))
                .build();
    }

    private static FetchLogRequest fetch(long offset) {
        return FetchLogRequest.newBuilder()
                .setFollowerServerId(-1)
                .setMaxBytes(16 << 20)
                .setMinBytes(1)
                .setMaxWaitMs(20_000)
                .addTablesReq(
                        PbFetchLogReqForTable.newBuilder()
                                .setTableId(7)
                                .setProjectionPushdownEnabled(false)
                                .addBucketsReq(
                                        PbFetchLogReqForBucket.newBuilder()
                                                .setBucketId(0)
                                                .setFetchOffset(offset)
                                                .setMaxFetchBytes(1 << 20)))
                .build();
    }

    @Test
    void appendsAndReadsOverASocketAndAfterARestart() throws Exception {
        TransportSettings transport = TransportSettings.from(NONE);
        for (int round = 0; round < 2; round++) {
            try (ReplicaHost host = host();
                    RpcServer server =
                            RpcServer.start(
                                    "CLIENT",
                                    new InetSocketAddress("127.0.0.1", 0),
                                    ServerType.TABLET_SERVER,
                                    host.handlers(),
                                    transport);
                    RpcClient client = new RpcClient(transport, "test", "1");
                    RpcConnection c =
                            client.connect("127.0.0.1", server.port(), Optional.empty()).join()) {
                for (int i = 0; i < 50; i++) {
                    long end = round * 50L + i;
                    // Sent first: the append behind it on the same connection answers it.
                    CompletableFuture<FetchLogResponse> waiting =
                            c.send(ApiKey.FETCH_LOG, fetch(end), TIMEOUT);
                    CompletableFuture<ProduceLogResponse> appended =
                            c.send(ApiKey.PRODUCE_LOG, produce(batch(i * 1000)), TIMEOUT);
                    assertThat(appended.join().getBucketsResp(0).getBaseOffset()).isEqualTo(end);
                    ByteString read =
                            waiting.join().getTablesResp(0).getBucketsResp(0).getRecords();
                    LogBatch b = LogBatch.at(ByteBuffer.wrap(read.toByteArray()), 0);
                    b.checkCrc();
                    assertThat(b.baseOffset()).isEqualTo(end);
                    assertThat(b.size()).isEqualTo(LogBatch.HEADER_SIZE + i * 1000);
                }
            }
        }
    }
}
