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
package io.fluss.lake.paimon;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.ChangeType;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeCommitter.Request;
import io.fluss.lake.LakeCommitter.Shown;
import io.fluss.lake.LakeCommitter.ShownBucket;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.lake.paimon.UnsureFiles.Fault;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.paimon.data.BinaryRow;
import org.apache.paimon.disk.IOManager;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.CommitMessage;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.apache.paimon.table.sink.TableWriteImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables with deletion vectors show what is compacted, and the committer says what that is. */
@SuppressWarnings("try")
class ShownRowsTest {
    private static final TablePath PATH = TablePath.of("sales", "stock");
    private static final ShownBucket FIRST = new ShownBucket("", 0);
    private static final ShownBucket SECOND = new ShownBucket("", 1);

    @TempDir Path dir;

    private BufferAllocator allocator;
    private LakeCatalog catalog;
    private TableDescriptor descriptor;
    private OptionalLong last = OptionalLong.empty();
    private long compactions;

    @BeforeEach
    void open() {
        UnsureFiles.FAULT.set(Fault.NONE);
        allocator = new RootAllocator();
        catalog = new PaimonLakeFormat().open(properties());
    }

    @AfterEach
    void close() {
        UnsureFiles.FAULT.set(Fault.NONE);
        catalog.close();
        allocator.close();
    }

    @Test
    void nothingIsShownBeforeACompaction() {
        create("false");
        long id = round(0, 1, 2);
        assertThat(committer().showsCommitsAtOnce()).isFalse();
        assertThat(shown()).isEmpty();
        assertThat(rows(id)).isEmpty();
    }

    @Test
    void compactionOfOneBucketShowsThatBucketAndTheOthersAsBefore() throws Exception {
        create("false");
        long first = round(0, 1, 2);
        long second = round(1, 11, 12);
        long started = compact(1);
        // Nothing of the first bucket was ever compacted, so nothing of it is shown.
        assertThat(shown()).contains(new Shown(started, second, Map.of(SECOND, second), Set.of()));
        long third = round(1, 13);
        assertThat(shown()).contains(new Shown(started, second, Map.of(SECOND, second), Set.of()));
        assertThat(rows(started)).containsExactlyInAnyOrder("11", "12");

        long compacted = compact(0);
        round(0, 3);
        // Bucket 0 shows all there was, bucket 1 what the compaction before took up.
        assertThat(shown())
                .contains(
                        new Shown(
                                compacted, third, Map.of(FIRST, third, SECOND, second), Set.of()));
        assertThat(committer().shown(OptionalLong.of(started)))
                .contains(new Shown(compacted, third, Map.of(FIRST, third), Set.of(SECOND)));
        assertThat(committer().shown(OptionalLong.of(compacted))).isEmpty();
        assertThat(rows(compacted)).containsExactlyInAnyOrder("1", "2", "11", "12");
        assertThat(first).isLessThan(second);

        long fourth = last.getAsLong();
        long both = compact(1);
        assertThat(committer().shown(OptionalLong.of(compacted)))
                .contains(new Shown(both, fourth, Map.of(SECOND, fourth), Set.of(FIRST)));
        round(1, 14);
        assertThat(shown())
                .contains(new Shown(both, fourth, Map.of(FIRST, third, SECOND, fourth), Set.of()));
        assertThat(rows(both)).containsExactlyInAnyOrder("1", "2", "11", "12", "13");
    }

    @Test
    void writersThatCompactShowTheirOwnCommit() {
        create("true");
        long id = round(0, 1, 2);
        assertThat(shown()).contains(new Shown(id, id, Map.of(FIRST, id), Set.of()));
        assertThat(rows(id)).containsExactlyInAnyOrder("1", "2");
        long next = round(0, 2, 3);
        assertThat(committer().shown(OptionalLong.of(id)))
                .contains(new Shown(next, next, Map.of(FIRST, next), Set.of()));
        assertThat(rows(next)).containsExactlyInAnyOrder("1", "2", "3");
    }

    @Test
    void aCommitWhoseCompactionWasLostIsShownWithTheNextOne() {
        create("true");
        long before = round(0, 1, 2);
        UnsureFiles.FAULT.set(Fault.UNKNOWN_SECOND);
        long half = round(0, 2, 3);
        UnsureFiles.FAULT.set(Fault.NONE);
        assertThat(committer().shown(OptionalLong.of(before))).isEmpty();
        assertThat(rows(half)).containsExactlyInAnyOrder("1", "2");
        long next = round(0, 4);
        assertThat(committer().shown(OptionalLong.of(before)))
                .contains(new Shown(next, next, Map.of(FIRST, next), Set.of()));
        assertThat(rows(next)).containsExactlyInAnyOrder("1", "2", "3", "4");
    }

    @Test
    void aCompactionThatBeganBeforeACommitShowsWhatItBeganWith() throws Exception {
        create("false");
        long first = round(0, 1, 2);
        long[] second = new long[1];
        long compacted = compact(0, () -> second[0] = round(0, 2, 3));
        assertThat(second[0]).isBetween(first + 1, compacted - 1);
        assertThat(shown())
                .contains(new Shown(compacted, second[0], Map.of(FIRST, first), Set.of()));
        assertThat(rows(compacted)).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void logTablesShowTheirCommitsAtOnce() {
        descriptor =
                TableDescriptor.of(TableSchema.of(Column.of("id", DataTypes.bigInt())))
                        .withBuckets(2)
                        .withProperty("table.datalake.enabled", "true")
                        .withCustomProperty("paimon.deletion-vectors.enabled", "true");
        catalog.createTable(PATH, descriptor, true);
        assertThat(committer().showsCommitsAtOnce()).isTrue();
    }

    private Optional<Shown> shown() {
        return committer().shown(OptionalLong.empty());
    }

    private LakeCommitter committer() {
        return catalog.table(PATH).committer();
    }

    private Map<String, String> properties() {
        return Map.of("warehouse", UnsureFiles.SCHEME + "://" + dir);
    }

    private void create(String compacts) {
        descriptor =
                TableDescriptor.of(
                                TableSchema.of(
                                        List.of(Column.of("id", DataTypes.bigInt().notNull())),
                                        List.of("id")))
                        .withBuckets(2)
                        .withProperty("table.datalake.enabled", "true")
                        .withProperty("table.datalake.auto-compaction", compacts)
                        .withCustomProperty("paimon.deletion-vectors.enabled", "true");
        catalog.createTable(PATH, descriptor, true);
    }

    private FileStoreTable table() {
        return PaimonRows.table(properties(), PATH.database(), PATH.table());
    }

    private List<String> rows(long snapshotId) {
        return PaimonRows.rows(table(), snapshotId);
    }

    /** As a compaction job of Paimon would do it. */
    private long compact(int bucket) throws Exception {
        return compact(bucket, () -> {});
    }

    private long compact(int bucket, Runnable meanwhile) throws Exception {
        FileStoreTable table = table().copy(Map.of("write-only", "false"));
        try (IOManager spill = IOManager.create(dir.resolve("spill").toString());
                TableWriteImpl<?> write = table.newWrite("compactor");
                TableCommitImpl commit = table.newCommit("compactor")) {
            write.withIOManager(spill);
            write.compact(BinaryRow.EMPTY_ROW, bucket, true);
            compactions++;
            List<CommitMessage> done = write.prepareCommit(true, compactions);
            meanwhile.run();
            commit.commit(compactions, done);
        }
        return table.snapshotManager().latestSnapshotId();
    }

    private long round(int bucket, long... ids) {
        List<LakeWriter.Result> results = new ArrayList<>();
        try (LakeWriter writer =
                        catalog.table(PATH)
                                .writerFactory(new TableInfo(PATH, 7, 1, descriptor, 0, 0))
                                .open(
                                        new WriteTask(
                                                TableBucket.of(7, bucket),
                                                Optional.empty(),
                                                "r",
                                                0,
                                                0));
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(
                                ArrowSchemas.of(descriptor.schema().rowType()), allocator)) {
            ByteBuffer types = ByteBuffer.allocate(ids.length);
            for (int i = 0; i < ids.length; i++) {
                ((BigIntVector) root.getVector(0)).setSafe(i, ids[i]);
                types.put(ChangeType.INSERT.code());
            }
            root.setRowCount(ids.length);
            writer.write(new LakeRows(root, Optional.of(types.flip()), 0, 1));
            results.add(writer.complete());
        }
        long id = committer().commit(new Request(results, "o" + last, last, Map.of()));
        last = OptionalLong.of(id);
        return id;
    }
}
