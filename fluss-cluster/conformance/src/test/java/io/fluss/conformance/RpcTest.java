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

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.fluss.exception.InvalidRequiredAcksException;
import org.apache.fluss.record.LogRecordBatch;
import org.apache.fluss.row.encode.CompactedKeyEncoder;
import org.apache.fluss.rpc.gateway.TabletServerGateway;
import org.apache.fluss.rpc.messages.GetTableStatsRequest;
import org.apache.fluss.rpc.messages.InitWriterRequest;
import org.apache.fluss.rpc.messages.ListOffsetsRequest;
import org.apache.fluss.rpc.messages.LookupRequest;
import org.apache.fluss.rpc.messages.PbFetchLogRespForBucket;
import org.apache.fluss.rpc.messages.PbLookupRespForBucket;
import org.apache.fluss.rpc.messages.PbProduceLogRespForBucket;
import org.apache.fluss.rpc.messages.PbPutKvRespForBucket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Requests made by hand")
class RpcTest extends Case {
    private static final int[] ALL = {};

    private T indexed() throws Exception {
        return log("a INT, b STRING", "table.log.format", "INDEXED");
    }

    private long writer() throws Exception {
        return get(anyTablet().initWriter(new InitWriterRequest())).getWriterId();
    }

    @Test
    @DisplayName("writer ids are never handed out twice")
    void writerIds() throws Exception {
        long a = writer();
        long b = writer();
        assertThat(a).isNotNegative().isNotEqualTo(b);
    }

    @ParameterizedTest(
            name =
                    "a batch sent again gets its first offset and is not written twice, {0} batches later")
    @ValueSource(ints = {0, 2, 4})
    void duplicate(int later) throws Exception {
        T t = indexed();
        TabletServerGateway g = leader(t, 0);
        long w = writer();
        byte[] first = Raw.logBatch(t.type(), w, 0, row(1, "a"), row(2, "b"));
        PbProduceLogRespForBucket r = Raw.produce(g, t.id(), -1, first);
        assertThat(r.hasErrorCode()).isFalse();
        assertThat(r.getBaseOffset()).isZero();
        for (int i = 1; i <= later; i++) {
            assertThat(
                            Raw.produce(g, t.id(), -1, Raw.logBatch(t.type(), w, i, row(i, "c")))
                                    .getBaseOffset())
                    .isEqualTo(1 + i);
        }
        PbProduceLogRespForBucket again = Raw.produce(g, t.id(), -1, first);
        assertThat(again.hasErrorCode()).isFalse();
        assertThat(again.getBaseOffset()).isZero();
        assertThat(t.end()).isEqualTo(2 + later);
    }

    @Test
    @DisplayName(
            "a gap in the sequence, and a new writer that does not start at 0, are out of order (31)")
    void gap() throws Exception {
        T t = indexed();
        TabletServerGateway g = leader(t, 0);
        long w = writer();
        assertThat(
                        Raw.produce(g, t.id(), -1, Raw.logBatch(t.type(), w, 0, row(1, "a")))
                                .hasErrorCode())
                .isFalse();
        assertThat(
                        Raw.produce(g, t.id(), -1, Raw.logBatch(t.type(), w, 2, row(1, "a")))
                                .getErrorCode())
                .isEqualTo(31);
        assertThat(
                        Raw.produce(g, t.id(), -1, Raw.logBatch(t.type(), writer(), 5, row(1, "a")))
                                .getErrorCode())
                .isEqualTo(31);
        assertThat(
                        Raw.produce(g, t.id(), -1, Raw.logBatch(t.type(), w, 1, row(2, "b")))
                                .getBaseOffset())
                .isEqualTo(1);
        assertThat(t.changes()).containsExactly("+A[1, a]", "+A[2, b]");
    }

    @Test
    @DisplayName(
            "two writers keep sequences of their own, and batches without a writer are not checked")
    void writers() throws Exception {
        T t = indexed();
        TabletServerGateway g = leader(t, 0);
        for (long w : new long[] {writer(), writer()}) {
            for (int i = 0; i < 3; i++) {
                assertThat(
                                Raw.produce(
                                                g,
                                                t.id(),
                                                -1,
                                                Raw.logBatch(t.type(), w, i, row(i, "x")))
                                        .hasErrorCode())
                        .isFalse();
            }
        }
        byte[] none = Raw.logBatch(t.type(), -1, -1, row(9, "y"));
        assertThat(Raw.produce(g, t.id(), -1, none).getBaseOffset()).isEqualTo(6);
        assertThat(Raw.produce(g, t.id(), -1, none).getBaseOffset()).isEqualTo(7);
    }

    @Test
    @DisplayName("a key batch sent again is not applied twice and gets its first end offset")
    void kvDuplicate() throws Exception {
        T t = pk("id INT, v STRING", "id");
        TabletServerGateway g = leader(t, 0);
        long w = writer();
        byte[] a = Raw.kvBatch(t.info(), 1, w, 0, false, row(1, "a"));
        assertThat(Raw.put(g, t.id(), ALL, a).getLogEndOffset()).isEqualTo(1);
        assertThat(
                        Raw.put(g, t.id(), ALL, Raw.kvBatch(t.info(), 1, w, 1, false, row(1, "b")))
                                .getLogEndOffset())
                .isEqualTo(3);
        PbPutKvRespForBucket again = Raw.put(g, t.id(), ALL, a);
        assertThat(again.hasErrorCode()).isFalse();
        assertThat(t.lookup(1)).isEqualTo("[1, b]");
        assertThat(t.changes()).containsExactly("+I[1, a]", "-U[1, a]", "+U[1, b]");
    }

    @Test
    @DisplayName("a batch with a wrong checksum is corrupt (14) and nothing is written")
    void corrupt() throws Exception {
        T t = indexed();
        byte[] b = Raw.logBatch(t.type(), -1, -1, row(1, "abc"));
        b[b.length - 1] ^= 1;
        assertThat(Raw.produce(leader(t, 0), t.id(), -1, b).getErrorCode()).isEqualTo(14);
        assertThat(t.end()).isZero();
    }

    @Test
    @DisplayName("acks other than 0, 1 and -1 are refused")
    void acks() throws Exception {
        T t = indexed();
        refused(
                InvalidRequiredAcksException.class,
                () ->
                        Raw.produce(
                                leader(t, 0),
                                t.id(),
                                2,
                                Raw.logBatch(t.type(), -1, -1, row(1, "a"))));
        assertThat(t.end()).isZero();
    }

    @Test
    @DisplayName("an answer comes for acks 0 and 1 too, with the offset")
    void answered() throws Exception {
        T t = indexed();
        for (int i = 0; i < 2; i++) {
            assertThat(
                            Raw.produce(
                                            leader(t, 0),
                                            t.id(),
                                            i,
                                            Raw.logBatch(t.type(), -1, -1, row(1, "a")))
                                    .getBaseOffset())
                    .isEqualTo(i);
        }
    }

    @Test
    @DisplayName(
            "an unknown table id is unknown (21) to write, read, lookup, offsets and statistics")
    void unknownTable() throws Exception {
        T t = indexed();
        T k = pk("id INT", "id");
        TabletServerGateway g = leader(t, 0);
        long no = 1L << 40;
        assertThat(
                        Raw.produce(g, no, -1, Raw.logBatch(t.type(), -1, -1, row(1, "a")))
                                .getErrorCode())
                .isEqualTo(21);
        assertThat(
                        Raw.put(g, no, ALL, Raw.kvBatch(k.info(), 1, -1, -1, false, row(1)))
                                .getErrorCode())
                .isEqualTo(21);
        assertThat(Raw.fetch(g, no, 0, 1 << 20, 1 << 20, null, -1).getErrorCode()).isEqualTo(21);
        LookupRequest l = new LookupRequest().setTableId(no);
        l.addBucketsReq().setBucketId(0).addKey(new byte[] {1});
        assertThat(get(g.lookup(l)).getBucketsRespsList().get(0).getErrorCode()).isEqualTo(21);
        ListOffsetsRequest o =
                new ListOffsetsRequest()
                        .setFollowerServerId(-1)
                        .setOffsetType(1)
                        .setTableId(no)
                        .setBucketIds(new int[] {0});
        assertThat(get(g.listOffsets(o)).getBucketsRespsList().get(0).getErrorCode()).isEqualTo(21);
    }

    @Test
    @DisplayName("a bucket that the table does not have is unknown (21)")
    void unknownBucket() throws Exception {
        T t = indexed();
        ListOffsetsRequest o =
                new ListOffsetsRequest()
                        .setFollowerServerId(-1)
                        .setOffsetType(0)
                        .setTableId(t.id())
                        .setBucketIds(new int[] {0, 7});
        var r = get(leader(t, 0).listOffsets(o)).getBucketsRespsList();
        assertThat(r).hasSize(2);
        r.forEach(
                x -> {
                    if (x.getBucketId() == 7) {
                        assertThat(x.getErrorCode()).isEqualTo(21);
                    } else {
                        assertThat(x.hasErrorCode()).isFalse();
                        assertThat(x.getOffset()).isZero();
                    }
                });
    }

    @Test
    @DisplayName(
            "a fetch below nothing or above the end is out of range (19), at the end it is empty")
    void fetchRange() throws Exception {
        T t = indexed();
        t.append(row(1, "a"), row(2, "b"));
        TabletServerGateway g = leader(t, 0);
        assertThat(Raw.fetch(g, t.id(), 3, 1 << 20, 1 << 20, null, -1).getErrorCode())
                .isEqualTo(19);
        PbFetchLogRespForBucket end = Raw.fetch(g, t.id(), 2, 1 << 20, 1 << 20, null, -1);
        assertThat(end.hasErrorCode()).isFalse();
        assertThat(end.getHighWatermark()).isEqualTo(2);
        assertThat(end.hasRecords()).isTrue();
        assertThat(end.getRecords()).isEmpty();
        PbFetchLogRespForBucket first = Raw.fetch(g, t.id(), -2, 1 << 20, 1 << 20, null, -1);
        assertThat(Raw.batches(first).get(0).baseLogOffset()).isZero();
    }

    @Test
    @DisplayName(
            "a fetch inside a batch returns the whole batch, and limits below one batch still return it")
    void fetchWhole() throws Exception {
        T t = indexed();
        t.append(row(1, "a"), row(2, repeat("b", 5000)), row(3, "c"));
        t.append(row(4, "d"));
        List<LogRecordBatch> bs =
                Raw.batches(Raw.fetch(leader(t, 0), t.id(), 1, 100, 100, null, -1));
        assertThat(bs).hasSize(1);
        assertThat(bs.get(0).baseLogOffset()).isLessThanOrEqualTo(1);
        assertThat(bs.get(0).nextLogOffset()).isGreaterThanOrEqualTo(2);
        assertThat(bs.get(0).isValid()).isTrue();
        assertThat(bs.get(0).schemaId()).isEqualTo((short) 1);
    }

    @Test
    @DisplayName(
            "a fetch waits for data up to its wait time, and data that arrives meanwhile is in the answer")
    void fetchWaits() throws Exception {
        T t = indexed();
        TabletServerGateway g = leader(t, 0);
        long t0 = System.nanoTime();
        assertThat(Raw.fetch(g, t.id(), 0, 1 << 20, 1 << 20, null, 400).getRecords()).isEmpty();
        assertThat((System.nanoTime() - t0) / 1_000_000).isBetween(300L, 5000L);
        Thread later =
                new Thread(
                        () -> {
                            try (org.apache.fluss.client.Connection c = connect();
                                    var tab = c.getTable(t.path)) {
                                var w = tab.newAppend().createWriter();
                                w.append(row(1, "a"));
                                w.flush();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        later.start();
        t0 = System.nanoTime();
        PbFetchLogRespForBucket r = Raw.fetch(g, t.id(), 0, 1 << 20, 1 << 20, null, 3_000);
        assertThat(Raw.batches(r)).hasSize(1);
        assertThat((System.nanoTime() - t0) / 1_000_000).isLessThan(15_000);
        later.join();
    }

    @ParameterizedTest(name = "the projection {0} is refused (34)")
    @ValueSource(strings = {"1,0", "0,0", "5"})
    void badProjection(String p) throws Exception {
        T t = log("a INT, b STRING");
        t.append(row(1, "a"));
        int[] f = java.util.Arrays.stream(p.split(",")).mapToInt(Integer::parseInt).toArray();
        assertThat(Raw.fetch(leader(t, 0), t.id(), 0, 1 << 20, 1 << 20, f, -1).getErrorCode())
                .isEqualTo(34);
    }

    @Test
    @DisplayName("a projection on a log that is not ARROW is refused (34)")
    void projectIndexed() throws Exception {
        T t = indexed();
        t.append(row(1, "a"));
        assertThat(
                        Raw.fetch(leader(t, 0), t.id(), 0, 1 << 20, 1 << 20, new int[] {0}, -1)
                                .getErrorCode())
                .isEqualTo(34);
    }

    @Test
    @DisplayName("a projected answer has the offsets and counts of the batches, and fewer bytes")
    void projectedBytes() throws Exception {
        T t = log("a INT, b STRING", "table.log.arrow.compression.type", "NONE");
        t.append(row(1, repeat("x", 4000)), row(2, repeat("y", 4000)));
        PbFetchLogRespForBucket all =
                Raw.fetch(leader(t, 0), t.id(), 0, 1 << 20, 1 << 20, null, -1);
        PbFetchLogRespForBucket one =
                Raw.fetch(leader(t, 0), t.id(), 0, 1 << 20, 1 << 20, new int[] {0}, -1);
        assertThat(one.getRecords().length).isLessThan(2000).isLessThan(all.getRecords().length);
        LogRecordBatch a = Raw.batches(all).get(0);
        LogRecordBatch b = Raw.batches(one).get(0);
        assertThat(b.baseLogOffset()).isEqualTo(a.baseLogOffset());
        assertThat(b.nextLogOffset()).isEqualTo(a.nextLogOffset());
        assertThat(b.getRecordCount()).isEqualTo(2);
        assertThat(b.commitTimestamp()).isEqualTo(a.commitTimestamp());
    }

    @Test
    @DisplayName(
            "a batch of deletes of missing keys is one empty log batch that uses one offset and keeps the writer's sequence")
    void emptyBatch() throws Exception {
        T t = pk("id INT, v STRING", "id");
        TabletServerGateway g = leader(t, 0);
        long w = writer();
        PbPutKvRespForBucket r =
                Raw.put(
                        g,
                        t.id(),
                        ALL,
                        Raw.kvBatch(t.info(), 1, w, 0, true, row(1, null), row(2, null)));
        assertThat(r.hasErrorCode()).isFalse();
        assertThat(r.getLogEndOffset()).isEqualTo(1);
        List<LogRecordBatch> bs = Raw.batches(Raw.fetch(g, t.id(), 0, 1 << 20, 1 << 20, null, -1));
        assertThat(bs).hasSize(1);
        assertThat(bs.get(0).getRecordCount()).isZero();
        assertThat(bs.get(0).nextLogOffset()).isEqualTo(1);
        assertThat(bs.get(0).writerId()).isEqualTo(w);
        assertThat(bs.get(0).batchSequence()).isZero();
    }

    @Test
    @DisplayName(
            "the changelog of one key batch is one log batch with the writer's id and sequence")
    void oneLogBatch() throws Exception {
        T t = pk("id INT, v STRING", "id");
        TabletServerGateway g = leader(t, 0);
        long w = writer();
        Raw.put(
                g,
                t.id(),
                ALL,
                Raw.kvBatch(t.info(), 1, w, 0, false, row(1, "a"), row(2, "b"), row(1, "c")));
        List<LogRecordBatch> bs = Raw.batches(Raw.fetch(g, t.id(), 0, 1 << 20, 1 << 20, null, -1));
        assertThat(bs).hasSize(1);
        assertThat(bs.get(0).getRecordCount()).isEqualTo(4);
        assertThat(bs.get(0).writerId()).isEqualTo(w);
        assertThat(bs.get(0).batchSequence()).isZero();
    }

    @Test
    @DisplayName(
            "a key batch of an unknown schema is refused (9), and one of bad target columns too (35)")
    void badKvBatch() throws Exception {
        T t = pk("id INT, v STRING, w STRING", "id");
        TabletServerGateway g = leader(t, 0);
        assertThat(
                        Raw.put(
                                        g,
                                        t.id(),
                                        ALL,
                                        Raw.kvBatch(t.info(), 9, -1, -1, false, row(1, "a", "b")))
                                .getErrorCode())
                .isEqualTo(9);
        assertThat(
                        Raw.put(
                                        g,
                                        t.id(),
                                        new int[] {1},
                                        Raw.kvBatch(t.info(), 1, -1, -1, false, row(1, "a", "b")))
                                .getErrorCode())
                .isEqualTo(35);
        assertThat(t.end()).isZero();
        assertThat(t.lookup(1)).isNull();
    }

    @Test
    @DisplayName(
            "a lookup answers its keys in order, absent ones included, with the schema id before the row")
    void lookupOrder() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsert(row(1, "a"), row(3, "c"));
        CompactedKeyEncoder ke = CompactedKeyEncoder.createKeyEncoder(t.type(), List.of("id"));
        LookupRequest q = new LookupRequest().setTableId(t.id());
        var b = q.addBucketsReq().setBucketId(0);
        for (int k : new int[] {3, 2, 1, 3}) {
            b.addKey(ke.encodeKey(row(k, null)));
        }
        PbLookupRespForBucket r = get(leader(t, 0).lookup(q)).getBucketsRespsList().get(0);
        assertThat(r.hasErrorCode()).isFalse();
        assertThat(r.getValuesCount()).isEqualTo(4);
        assertThat(r.getValueAt(1).hasValues()).isFalse();
        assertThat(r.getValueAt(0).getValues())
                .isEqualTo(r.getValueAt(3).getValues())
                .startsWith(1, 0);
        assertThat(r.getValueAt(2).hasValues()).isTrue();
    }

    @Test
    @DisplayName("a lookup on a log table is refused (20)")
    void lookupLog() throws Exception {
        T t = indexed();
        LookupRequest q = new LookupRequest().setTableId(t.id());
        q.addBucketsReq().setBucketId(0).addKey(new byte[] {1});
        assertThat(get(leader(t, 0).lookup(q)).getBucketsRespsList().get(0).getErrorCode())
                .isEqualTo(20);
    }

    @Test
    @DisplayName("statistics are answered for each bucket asked")
    void stats() throws Exception {
        T t = create(logOf("a INT").distributedBy(2));
        t.append(row(1), row(2));
        GetTableStatsRequest q = new GetTableStatsRequest().setTableId(t.id());
        q.addBucketsReq().setBucketId(0);
        q.addBucketsReq().setBucketId(1);
        long sum = 0;
        for (var r : get(leader(t, 0).getTableStats(q)).getBucketsRespsList()) {
            assertThat(r.hasErrorCode()).isFalse();
            sum += r.getRowCount();
        }
        assertThat(sum).isEqualTo(2);
    }
}
