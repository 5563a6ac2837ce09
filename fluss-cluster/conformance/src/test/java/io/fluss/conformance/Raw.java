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
package io.fluss.conformance;

import java.util.List;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.memory.UnmanagedPagedOutputView;
import org.apache.fluss.metadata.KvFormat;
import org.apache.fluss.metadata.TableInfo;
import org.apache.fluss.record.ChangeType;
import org.apache.fluss.record.KvRecordBatchBuilder;
import org.apache.fluss.record.LogRecordBatch;
import org.apache.fluss.record.MemoryLogRecords;
import org.apache.fluss.record.MemoryLogRecordsIndexedBuilder;
import org.apache.fluss.record.bytesview.BytesView;
import org.apache.fluss.row.BinaryRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.row.encode.IndexedRowEncoder;
import org.apache.fluss.row.encode.KeyEncoder;
import org.apache.fluss.row.encode.RowEncoder;
import org.apache.fluss.rpc.gateway.TabletServerGateway;
import org.apache.fluss.rpc.messages.FetchLogRequest;
import org.apache.fluss.rpc.messages.PbFetchLogRespForBucket;
import org.apache.fluss.rpc.messages.PbProduceLogRespForBucket;
import org.apache.fluss.rpc.messages.PbPutKvRespForBucket;
import org.apache.fluss.rpc.messages.ProduceLogRequest;
import org.apache.fluss.rpc.messages.PutKvRequest;
import org.apache.fluss.shaded.netty4.io.netty.buffer.ByteBuf;
import org.apache.fluss.types.RowType;

/** Requests made by hand and sent through the client's own RPC layer. */
final class Raw {
    private Raw() {}

    private static byte[] bytes(BytesView v) {
        ByteBuf b = v.getByteBuf();
        byte[] x = new byte[b.readableBytes()];
        b.getBytes(b.readerIndex(), x);
        return x;
    }

    private static BinaryRow encode(RowEncoder e, RowType type, InternalRow r) {
        InternalRow.FieldGetter[] g = InternalRow.createFieldGetters(type);
        e.startNewRow();
        for (int i = 0; i < g.length; i++) {
            e.encodeField(i, g[i].getFieldOrNull(r));
        }
        return e.finishRow();
    }

    /** A log batch for a table with the INDEXED log format. */
    static byte[] logBatch(RowType type, long writer, int sequence, InternalRow... rows)
            throws Exception {
        MemoryLogRecordsIndexedBuilder b =
                MemoryLogRecordsIndexedBuilder.builder(
                        1, 1 << 20, new UnmanagedPagedOutputView(64 << 10), true);
        b.setWriterState(writer, sequence);
        for (InternalRow r : rows) {
            b.append(
                    ChangeType.APPEND_ONLY,
                    (org.apache.fluss.row.indexed.IndexedRow)
                            encode(new IndexedRowEncoder(type), type, r));
        }
        b.close();
        return bytes(b.build());
    }

    /** A KV batch; a row without values other than the key is a delete when {@code delete}. */
    static byte[] kvBatch(
            TableInfo t, int schema, long writer, int sequence, boolean delete, InternalRow... rows)
            throws Exception {
        KvFormat f = t.getTableConfig().getKvFormat();
        KeyEncoder ke =
                KeyEncoder.ofPrimaryKeyEncoder(
                        t.getRowType(),
                        t.getPhysicalPrimaryKeys(),
                        t.getTableConfig(),
                        t.isDefaultBucketKey());
        KvRecordBatchBuilder b =
                KvRecordBatchBuilder.builder(
                        schema, 1 << 20, new UnmanagedPagedOutputView(64 << 10), f);
        b.setWriterState(writer, sequence);
        for (InternalRow r : rows) {
            b.append(
                    ke.encodeKey(r),
                    delete
                            ? null
                            : encode(RowEncoder.create(f, t.getRowType()), t.getRowType(), r));
        }
        byte[] x = bytes(b.build());
        b.close();
        return x;
    }

    static PbProduceLogRespForBucket produce(
            TabletServerGateway g, long table, int acks, byte[] records) throws Exception {
        ProduceLogRequest q =
                new ProduceLogRequest().setTableId(table).setAcks(acks).setTimeoutMs(10_000);
        q.addBucketsReq().setBucketId(0).setRecords(records);
        return Case.get(g.produceLog(q)).getBucketsRespsList().get(0);
    }

    static PbPutKvRespForBucket put(
            TabletServerGateway g, long table, int[] targets, byte[] records) throws Exception {
        PutKvRequest q =
                new PutKvRequest()
                        .setTableId(table)
                        .setAcks(-1)
                        .setTimeoutMs(10_000)
                        .setTargetColumns(targets);
        q.addBucketsReq().setBucketId(0).setRecords(records);
        return Case.get(g.putKv(q)).getBucketsRespsList().get(0);
    }

    static PbFetchLogRespForBucket fetch(
            TabletServerGateway g,
            long table,
            long offset,
            int maxBytes,
            int bucketBytes,
            int[] projection,
            int waitMs)
            throws Exception {
        FetchLogRequest q = new FetchLogRequest().setFollowerServerId(-1).setMaxBytes(maxBytes);
        if (waitMs >= 0) {
            q.setMinBytes(1).setMaxWaitMs(waitMs);
        }
        var t = q.addTablesReq().setTableId(table).setProjectionPushdownEnabled(projection != null);
        if (projection != null) {
            t.setProjectedFields(projection);
        }
        t.addBucketsReq().setBucketId(0).setFetchOffset(offset).setMaxFetchBytes(bucketBytes);
        return Case.get(g.fetchLog(q)).getTablesRespsList().get(0).getBucketsRespsList().get(0);
    }

    static List<LogRecordBatch> batches(PbFetchLogRespForBucket r) {
        List<LogRecordBatch> out = new java.util.ArrayList<>();
        MemoryLogRecords.pointToBytes(r.getRecords()).batches().forEach(out::add);
        return out;
    }

    static OffsetSpec latest() {
        return new OffsetSpec.LatestSpec();
    }
}
