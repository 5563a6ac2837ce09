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
package io.fluss.client.current;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.fluss.client.Admin;
import io.fluss.client.fake.FakeCluster;
import io.fluss.client.row.Row;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStores;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.formats.row.RowFormat;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LimitScanRequest;
import io.fluss.protocol.messages.LimitScanResponse;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.protocol.messages.ScanKvResponse;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.types.DataTypes;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(5)
class CurrentReadsTest {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("id", DataTypes.bigInt()),
                            Column.of("value", DataTypes.bigInt())),
                    List.of("id"));
    private static final TableInfo TABLE =
            new TableInfo(
                    TablePath.of("db", "t"), 7, 1, TableDescriptor.of(SCHEMA).withBuckets(1), 0, 0);
    private static final TableBucket BUCKET = TableBucket.of(7, 0);

    private final ManualClock clock = new ManualClock(0);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FakeCluster fake = new FakeCluster(loop, clock);
    private final BufferAllocator allocator = new RootAllocator();
    private final FileStores files = FileStores.open(Settings.of(Map.of()));
    private final CurrentReads reads =
            new CurrentReads(
                    fake.cluster(),
                    noAdmin(),
                    files,
                    CurrentSettings.from(Settings.of(Map.of())),
                    (table, bucket, from, to, parent) -> {
                        throw new AssertionError("no log is read");
                    });

    @BeforeEach
    void connect() {
        fake.cluster().refresh(MetadataRequest.getDefaultInstance()).join();
    }

    @AfterEach
    void closesWithoutLeaks() {
        files.close();
        allocator.close();
    }

    @Test
    void readsPageAfterPage() {
        List<ScanKvRequest> asked = pages(3, 5);
        List<Long> ids = new ArrayList<>();
        try (BucketRows rows = reads.currentRows(TABLE, BUCKET, Optional.empty(), allocator)) {
            assertThat(rows.logOffset()).isEqualTo(42);
            for (Optional<VectorSchemaRoot> p = rows.next(); p.isPresent(); p = rows.next()) {
                try (VectorSchemaRoot page = p.get()) {
                    for (int i = 0; i < page.getRowCount(); i++) {
                        ids.add(((BigIntVector) page.getVector("id")).get(i));
                    }
                }
            }
            assertThat(rows.next()).isEmpty();
        }
        assertThat(ids).hasSize(15).isSorted().doesNotHaveDuplicates();
        assertThat(asked).extracting(ScanKvRequest::getCallSeqId).containsExactly(0, 1, 2);
        assertThat(asked).noneMatch(ScanKvRequest::getCloseScanner);
        assertThat(asked.get(0).getBucketScanReq().getTableId()).isEqualTo(7);
        assertThat(asked.get(1).getScannerId().toStringUtf8()).isEqualTo("s");
    }

    @Test
    void closesAScanThatIsNotAtItsEnd() {
        List<ScanKvRequest> asked = pages(100, 5);
        try (BucketRows rows = reads.snapshot(TABLE, BUCKET, Optional.of(List.of(1)), allocator)) {
            try (VectorSchemaRoot page = rows.next().orElseThrow()) {
                assertThat(page.getSchema().getFields()).hasSize(1);
                assertThat(((BigIntVector) page.getVector("value")).get(1)).isEqualTo(10);
            }
        }
        assertThat(asked).as("one page ahead, then the end").hasSize(3);
        assertThat(asked.get(2).getCloseScanner()).isTrue();
        assertThat(asked.get(2).hasCallSeqId()).isFalse();
    }

    @Test
    void anEmptyBucketHasNoRowsButAnOffset() {
        fake.server(1)
                .on(
                        ApiKey.SCAN_KV,
                        q ->
                                ScanKvResponse.newBuilder()
                                        .setHasMoreResults(false)
                                        .setLogOffset(9)
                                        .build());
        try (BucketRows rows = reads.snapshot(TABLE, BUCKET, Optional.empty(), allocator)) {
            assertThat(rows.logOffset()).isEqualTo(9);
            assertThat(rows.next()).isEmpty();
        }
    }

    @Test
    void saysThatABrokenScanMustStartAgain() {
        fake.server(1)
                .on(
                        ApiKey.SCAN_KV,
                        q ->
                                ((ScanKvRequest) q).hasBucketScanReq()
                                        ? page(0, 5, true)
                                        : refusal(ErrorReason.SCANNER_EXPIRED));
        try (BucketRows rows = reads.snapshot(TABLE, BUCKET, Optional.empty(), allocator)) {
            rows.next().orElseThrow().close();
            assertThatThrownBy(rows::next)
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e -> assertThat(e.reason()).isEqualTo(ErrorReason.SCANNER_EXPIRED))
                    .hasMessageContaining("db.t")
                    .hasMessageContaining("started again");
        }
    }

    @Test
    void refusesWhatCannotBeRead() {
        assertThatThrownBy(
                        () ->
                                reads.snapshot(
                                        FakeCluster.table(1), BUCKET, Optional.empty(), allocator))
                .hasMessageContaining("db.t has no primary key");
        assertThatThrownBy(() -> reads.snapshot(TABLE, BUCKET, Optional.of(List.of(2)), allocator))
                .hasMessageContaining("position 2");
        fake.server(1).on(ApiKey.SCAN_KV, q -> refusal(ErrorReason.AUTHORIZATION));
        assertThatThrownBy(() -> reads.snapshot(TABLE, BUCKET, Optional.empty(), allocator))
                .hasMessageContaining("scan of db.t bucket 7/0");
    }

    @Test
    void readsTheFirstRows() {
        fake.server(1)
                .on(
                        ApiKey.LIMIT_SCAN,
                        q -> {
                            assertThat(((LimitScanRequest) q).getLimit()).isEqualTo(3);
                            return LimitScanResponse.newBuilder()
                                    .setIsLogTable(false)
                                    .setRecords(values(0, 3))
                                    .build();
                        });
        List<Row> rows = reads.firstRows(TABLE, BUCKET, List.of("value"), 3);
        assertThat(rows).extracting(r -> r.getLong("value")).containsExactly(0L, 10L, 20L);
        fake.server(1).on(ApiKey.LIMIT_SCAN, q -> LimitScanResponse.getDefaultInstance());
        assertThat(reads.firstRows(TABLE, BUCKET, List.of("value"), 3)).isEmpty();
        assertThatThrownBy(() -> reads.firstRows(TABLE, BUCKET, List.of("value"), 0))
                .hasMessageContaining("limit is 0");
    }

    private List<ScanKvRequest> pages(int count, int rowsEach) {
        List<ScanKvRequest> asked = new ArrayList<>();
        fake.server(1)
                .on(
                        ApiKey.SCAN_KV,
                        q -> {
                            ScanKvRequest request = (ScanKvRequest) q;
                            asked.add(request);
                            int number = request.getCallSeqId();
                            return page((long) number * rowsEach, rowsEach, number + 1 < count);
                        });
        return asked;
    }

    private MessageLite page(long firstId, int count, boolean hasMore) {
        return ScanKvResponse.newBuilder()
                .setScannerId(ByteString.copyFromUtf8("s"))
                .setHasMoreResults(hasMore)
                .setRecords(values(firstId, count))
                .setLogOffset(42)
                .build();
    }

    private static MessageLite refusal(ErrorReason reason) {
        return ScanKvResponse.newBuilder()
                .setErrorCode(ErrorCodes.code(reason))
                .setErrorMessage("by the test")
                .build();
    }

    private ByteString values(long firstId, int count) {
        ValueBatch.Writer out = new ValueBatch.Writer();
        try (VectorSchemaRoot rows = FakeCluster.rows(allocator, firstId, count)) {
            ArrowRow row = ArrowRow.of(rows);
            for (int i = 0; i < count; i++) {
                byte[] encoded = RowFormat.COMPACTED.encoder(SCHEMA.rowType()).encode(row.at(i));
                out.add(
                        ByteBuffer.allocate(2 + encoded.length)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putShort((short) 1)
                                .put(encoded)
                                .array());
            }
        }
        return ByteString.copyFrom(out.finish());
    }

    private static Admin noAdmin() {
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (proxy, method, args) -> {
                            throw new AssertionError("unexpected call of " + method.getName());
                        });
    }
}
