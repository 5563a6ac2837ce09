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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.rpc.messages.FetchLogRequest;
import org.apache.fluss.rpc.messages.PbFetchLogRespForBucket;
import org.apache.fluss.rpc.messages.PbRemoteLogSegment;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Remote log")
class RemoteLogTest extends Case {
    private static final int ROWS = 600;

    private static GenericRow wide(int i) {
        // does not compress, so that segments fill
        StringBuilder s = new StringBuilder();
        long x = i * 0x9E3779B97F4A7C15L + 1;
        for (int k = 0; k < 64; k++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
            s.append(Long.toHexString(x));
        }
        return row(i, s.toString());
    }

    private T tiered(String... properties) throws Exception {
        String[] p = new String[properties.length + 2];
        p[0] = "table.log.tiered.local-segments";
        p[1] = "1";
        System.arraycopy(properties, 0, p, 2, properties.length);
        T t = log("n INT, s STRING", p);
        try (Table tab = t.open()) {
            AppendWriter w = tab.newAppend().createWriter();
            for (int i = 0; i < ROWS; i++) {
                w.append(wide(i));
                if (i % 20 == 19) {
                    w.flush();
                }
            }
            w.flush();
        }
        await("the start of the log is remote", () -> fetch(t, 0).hasRemoteLogFetchInfo());
        return t;
    }

    private PbFetchLogRespForBucket fetch(T t, long offset) throws Exception {
        FetchLogRequest q = new FetchLogRequest().setFollowerServerId(-1).setMaxBytes(1 << 20);
        var tq = q.addTablesReq().setTableId(t.id()).setProjectionPushdownEnabled(false);
        tq.addBucketsReq().setBucketId(0).setFetchOffset(offset).setMaxFetchBytes(1 << 20);
        return get(leader(t, 0).fetchLog(q))
                .getTablesRespsList()
                .get(0)
                .getBucketsRespsList()
                .get(0);
    }

    @ParameterizedTest(
            name =
                    "a scan from the start reads remote segments and then the local log without a gap, log format {0}")
    @ValueSource(strings = {"ARROW", "INDEXED"})
    void scan(String format) throws Exception {
        T t = tiered("table.log.format", format);
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
            if (cs.get(i).offset() != i
                    || !cs.get(i).text().equals("+A" + Show.row(wide(i), t.type()))) {
                throw new AssertionError("at " + i + ": " + cs.get(i).offset());
            }
        }
        assertThat(t.offsets(new OffsetSpec.EarliestSpec())).isEqualTo(Map.of(0, 0L));
        assertThat(t.end()).isEqualTo(ROWS);
    }

    @Test
    @DisplayName("a projection and a start in the middle of a remote segment work")
    void middle() throws Exception {
        T t = tiered();
        List<Change> cs = t.read(Map.of(t.bucket(0), 33L), Map.of(t.bucket(0), (long) ROWS), 0);
        assertThat(cs).hasSize(ROWS - 33);
        List<String> want = new ArrayList<>();
        for (int i = 33; i < ROWS; i++) {
            want.add("+A[" + i + "]");
        }
        assertThat(cs.stream().map(Change::text).toList()).isEqualTo(want);
    }

    @Test
    @DisplayName(
            "the answer for remote data names contiguous segments from the wanted offset, a directory, and the high watermark")
    void answer() throws Exception {
        T t = tiered();
        PbFetchLogRespForBucket r = fetch(t, 25);
        assertThat(r.hasErrorCode()).isFalse();
        assertThat(r.hasRecords()).isFalse();
        assertThat(r.getHighWatermark()).isEqualTo(ROWS);
        var info = r.getRemoteLogFetchInfo();
        assertThat(info.getRemoteLogTabletDir()).isNotEmpty();
        assertThat(info.hasFirstStartPos()).isTrue();
        assertThat(info.getFirstStartPos()).isGreaterThanOrEqualTo(0);
        List<PbRemoteLogSegment> ss = info.getRemoteLogSegmentsList();
        assertThat(ss.get(0).getRemoteLogStartOffset()).isLessThanOrEqualTo(25);
        for (int i = 0; i < ss.size(); i++) {
            assertThat(ss.get(i).getRemoteLogEndOffset())
                    .isGreaterThan(ss.get(i).getRemoteLogStartOffset());
            assertThat(ss.get(i).getSegmentSizeInBytes()).isPositive();
            java.util.UUID.fromString(ss.get(i).getRemoteLogSegmentId());
            if (i > 0) {
                assertThat(ss.get(i).getRemoteLogStartOffset())
                        .isEqualTo(ss.get(i - 1).getRemoteLogEndOffset());
            }
        }
    }

    @Test
    @DisplayName(
            "the offset of a timestamp is found in remote segments too, at or at most one batch before the first record of that time")
    void timestamp() throws Exception {
        T t = tiered();
        List<Change> cs = t.records(0);
        long ts = cs.get(100).timestamp();
        long first =
                cs.stream().filter(c -> c.timestamp() >= ts).findFirst().orElseThrow().offset();
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(ts)).get(0)).isBetween(first - 20, first);
        assertThat(t.offsets(new OffsetSpec.TimestampSpec(1)).get(0)).isZero();
    }

    @Test
    @DisplayName(
            "the changelog of a primary key table is tiered like a log, and lookups still see the newest rows")
    void changelog() throws Exception {
        T t = pk("n INT, s STRING", "n", "table.log.tiered.local-segments", "1");
        GenericRow[] rs = new GenericRow[200];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < rs.length; i++) {
                rs[i] = row(i, wide(i + round * 1000).getString(1).toString());
            }
            for (int i = 0; i < rs.length; i += 20) {
                t.upsertTogether(java.util.Arrays.copyOfRange(rs, i, i + 20));
            }
        }
        await("the start of the changelog is remote", () -> fetch(t, 0).hasRemoteLogFetchInfo());
        List<Change> cs = t.records((int[]) null);
        assertThat(cs).hasSize(600);
        assertThat(cs.get(0).text()).isEqualTo("+I" + Show.row(wide(0), t.type()));
        assertThat(cs.stream().filter(c -> c.text().startsWith("-U")).count()).isEqualTo(200);
        assertThat(t.lookup(7)).isEqualTo(Show.row(rs[7], t.type()));
    }
}
