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
package io.fluss.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.lake.LakeCommitter.Request;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every lake format must do for log tables. */
public abstract class LakeFormatContractTest {
    protected static final TablePath PATH = TablePath.of("sales", "orders");

    @TempDir protected Path dir;

    protected LakeCatalog catalog;
    private BufferAllocator allocator;

    /** The format and the properties of an empty catalog below {@link #dir}. */
    protected abstract LakeFormat format();

    protected abstract Map<String, String> catalogProperties();

    /** All rows of a snapshot, read by the lake's own means, each as {@code id:name:region}. */
    protected abstract List<String> rows(TablePath path, long snapshotId);

    /** Number of data files below {@link #dir}, committed or not. */
    protected abstract long dataFilesOnDisk();

    @BeforeEach
    void open() {
        allocator = new RootAllocator();
        catalog = format().open(catalogProperties());
    }

    @AfterEach
    void close() {
        catalog.close();
        allocator.close();
    }

    @Test
    void isFoundByItsIdentifier() {
        assertThat(LakeFormat.load(format().identifier()).identifier())
                .isEqualTo(format().identifier());
    }

    @Test
    void createsATableAndAcceptsTheSameAgainWhileItIsEmpty() {
        catalog.createTable(PATH, descriptor(), true);
        catalog.createTable(PATH, descriptor(), true);
        assertThat(catalog.table(PATH).committer().latestTieringCommit()).isEmpty();
    }

    @Test
    void refusesAnExistingTableThatDiffersAndSaysWhat() {
        catalog.createTable(PATH, descriptor(), true);
        TableDescriptor other =
                TableDescriptor.of(
                        TableSchema.of(
                                Column.of("id", DataTypes.integer()),
                                Column.of("name", DataTypes.string()),
                                Column.of("region", DataTypes.string())));
        assertFails(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST,
                "'id'",
                () -> catalog.createTable(PATH, other, true));
    }

    @Test
    void refusesAnExistingTableWithDataForANewFlussTableOnly() {
        catalog.createTable(PATH, descriptor(), true);
        commit(OptionalLong.empty(), "offsets-1");
        assertFails(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST,
                "snapshots",
                () -> catalog.createTable(PATH, descriptor(), true));
        catalog.createTable(PATH, descriptor(), false);
    }

    @Test
    void knowsNoTableThatWasNotCreated() {
        assertFails(ErrorReason.TABLE_NOT_EXIST, "sales.orders", () -> catalog.table(PATH));
    }

    @Test
    void committedRowsAreReadBackRoundAfterRound() {
        catalog.createTable(PATH, descriptor(), true);
        long first = commit(OptionalLong.empty(), "offsets-1", write(0, 0, 3), write(1, 100, 2));
        assertThat(rows(PATH, first)).containsExactlyInAnyOrder(expected(0, 3, 100, 2));
        long second = commit(OptionalLong.of(first), "offsets-2", write(0, 3, 2));
        assertThat(rows(PATH, second)).containsExactlyInAnyOrder(expected(0, 5, 100, 2));
        assertThat(rows(PATH, first)).hasSize(5);
        assertThat(catalog.table(PATH).snapshotSize(second).rows()).isEqualTo(7);
        assertThat(catalog.table(PATH).snapshotSize(second).files()).isEqualTo(3);
        assertThat(catalog.table(PATH).snapshotSize(second).sizeBytes()).isPositive();
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new TieringCommit(second, "offsets-2"));
    }

    @Test
    void rowsOfAPartitionedTableAreReadBack() {
        catalog.createTable(PATH, descriptor().withPartitionKeys("region"), true);
        LakeTable table = catalog.table(PATH);
        LakeWriter.Result result =
                write(
                        table.writerFactory(info(descriptor().withPartitionKeys("region"))),
                        new WriteTask(new TableBucket(7, 3, 0), Optional.of("eu"), "round", 0, 0),
                        0,
                        4);
        long id =
                table.committer()
                        .commit(new Request(List.of(result), "o", OptionalLong.empty(), Map.of()));
        assertThat(rows(PATH, id)).hasSize(4);
    }

    @Test
    void commitWithoutFilesAdvancesOffsets() {
        catalog.createTable(PATH, descriptor(), true);
        long first = commit(OptionalLong.empty(), "offsets-1", write(0, 0, 3));
        long second = commit(OptionalLong.of(first), "offsets-2");
        assertThat(second).isNotEqualTo(first);
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new TieringCommit(second, "offsets-2"));
        assertThat(rows(PATH, second)).hasSize(3);
    }

    @Test
    void secondCommitterOnTheSameStateIsFencedAndPublishesNothing() {
        catalog.createTable(PATH, descriptor(), true);
        LakeWriter.Result late = write(0, 0, 3);
        LakeCommitter lateCommitter = catalog.table(PATH).committer();
        long first = commit(OptionalLong.empty(), "offsets-1", write(0, 0, 3));
        assertFails(
                ErrorReason.LAKE_COMMIT_FENCED,
                "newer tiering commit",
                () ->
                        lateCommitter.commit(
                                new Request(
                                        List.of(late), "late", OptionalLong.empty(), Map.of())));
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new TieringCommit(first, "offsets-1"));
        assertThat(rows(PATH, first)).hasSize(3);
    }

    @Test
    void fencedCommitterStaysFencedWithAnOlderExpectation() {
        catalog.createTable(PATH, descriptor(), true);
        long first = commit(OptionalLong.empty(), "offsets-1");
        commit(OptionalLong.of(first), "offsets-2");
        assertFails(
                ErrorReason.LAKE_COMMIT_FENCED,
                "newer tiering commit",
                () -> commit(OptionalLong.of(first), "offsets-3"));
    }

    @Test
    void expectationThatTheTableHasNotGotIsRefused() {
        catalog.createTable(PATH, descriptor(), true);
        assertFails(
                ErrorReason.LAKE_SNAPSHOT_NOT_EXIST,
                "4711",
                () -> commit(OptionalLong.of(4711), "offsets-1"));
    }

    @Test
    void sizeOfAnUnknownSnapshotIsRefused() {
        catalog.createTable(PATH, descriptor(), true);
        assertFails(
                ErrorReason.LAKE_SNAPSHOT_NOT_EXIST,
                "4711",
                () -> catalog.table(PATH).snapshotSize(4711));
    }

    @Test
    void abortDeletesTheFiles() {
        catalog.createTable(PATH, descriptor(), true);
        LakeWriter.Result result = write(0, 0, 10);
        assertThat(dataFilesOnDisk()).isEqualTo(1);
        catalog.table(PATH).committer().abort(List.of(result));
        assertThat(dataFilesOnDisk()).isZero();
        catalog.table(PATH).committer().abort(List.of(result));
    }

    @Test
    void closingAWriterThatIsNotCompleteDeletesItsFiles() {
        catalog.createTable(PATH, descriptor(), true);
        try (LakeWriter writer =
                        catalog.table(PATH).writerFactory(info(descriptor())).open(task(0, 0));
                VectorSchemaRoot batch = batch(0, 5)) {
            writer.write(LakeRows.appended(batch, 0, 1));
        }
        assertThat(dataFilesOnDisk()).isZero();
    }

    @Test
    void attemptsOfATaskDoNotTouchEachOther() {
        catalog.createTable(PATH, descriptor(), true);
        LakeWriterFactory factory = catalog.table(PATH).writerFactory(info(descriptor()));
        LakeWriter.Result lost = write(factory, task(0, 1), 0, 4);
        LakeWriter.Result won = write(factory, task(0, 2), 0, 4);
        catalog.table(PATH).committer().abort(List.of(lost));
        long id = commit(OptionalLong.empty(), "offsets-1", won);
        assertThat(rows(PATH, id)).hasSize(4);
    }

    @Test
    void writerThatGotNoRowsMakesNoFile() {
        catalog.createTable(PATH, descriptor(), true);
        try (LakeWriter writer =
                        catalog.table(PATH).writerFactory(info(descriptor())).open(task(0, 0));
                VectorSchemaRoot batch = batch(0, 0)) {
            writer.write(LakeRows.appended(batch, 0, 1));
            LakeWriter.Result result = writer.complete();
            assertThat(result.files()).isZero();
            assertThat(result.rows()).isZero();
        }
        assertThat(dataFilesOnDisk()).isZero();
    }

    @Test
    void writerFactoryOfAnotherSchemaIsRefused() {
        catalog.createTable(PATH, descriptor(), true);
        TableDescriptor wider =
                TableDescriptor.of(
                        descriptor().schema().plus(List.of(Column.of("x", DataTypes.bytes()))));
        assertFails(
                ErrorReason.INVALID_TABLE,
                "'x'",
                () -> catalog.table(PATH).writerFactory(info(wider)));
    }

    protected static TableDescriptor descriptor() {
        return TableDescriptor.of(
                        TableSchema.of(
                                Column.of("id", DataTypes.bigInt().notNull()),
                                Column.of("name", DataTypes.string()).withComment("as typed"),
                                Column.of("region", DataTypes.string())))
                .withBuckets(2)
                .withProperty("table.datalake.enabled", "true")
                .withCustomProperty("owner", "tests");
    }

    protected static TableInfo info(TableDescriptor descriptor) {
        return new TableInfo(PATH, 7, 1, descriptor, 0, 0);
    }

    protected static void assertFails(ErrorReason reason, String text, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(text);
    }

    protected long commit(OptionalLong expected, String offsets, LakeWriter.Result... results) {
        return catalog.table(PATH)
                .committer()
                .commit(new Request(List.of(results), offsets, expected, Map.of("k", "v")));
    }

    protected LakeWriter.Result write(int bucket, long firstId, int count) {
        return write(
                catalog.table(PATH).writerFactory(info(descriptor())),
                task(bucket, 0),
                firstId,
                count);
    }

    private static WriteTask task(int bucket, long attempt) {
        return new WriteTask(
                TableBucket.of(7, bucket),
                Optional.empty(),
                java.util.UUID.randomUUID().toString(),
                3,
                attempt);
    }

    /** Through serialization, as in a job. */
    protected LakeWriter.Result write(
            LakeWriterFactory factory, WriteTask task, long firstId, int count) {
        LakeWriterFactory travelled = travelled(factory);
        try (LakeWriter writer = travelled.open(travelled(task));
                VectorSchemaRoot batch = batch(firstId, count)) {
            writer.write(LakeRows.appended(batch, firstId, 1));
            LakeWriter.Result result = writer.complete();
            assertThat(result.rows()).isEqualTo(count);
            assertThat(result.sizeBytes()).isPositive();
            return travelled(result);
        }
    }

    private VectorSchemaRoot batch(long firstId, int count) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(descriptor().schema().rowType()), allocator);
        root.allocateNew();
        for (int i = 0; i < count; i++) {
            ((BigIntVector) root.getVector(0)).setSafe(i, firstId + i);
            if (i % 3 != 2) {
                ((VarCharVector) root.getVector(1))
                        .setSafe(i, ("n" + (firstId + i)).getBytes(StandardCharsets.UTF_8));
            }
            ((VarCharVector) root.getVector(2)).setSafe(i, "eu".getBytes(StandardCharsets.UTF_8));
        }
        root.setRowCount(count);
        return root;
    }

    private static String[] expected(long first1, int count1, long first2, int count2) {
        List<String> all = new ArrayList<>();
        for (long id = first1; id < first1 + count1; id++) {
            // The name is null in every third row of a batch; batches start at 0, 3 and 100.
            all.add(id + ":" + (id % 3 == 2 ? "null" : "n" + id) + ":eu");
        }
        for (int i = 0; i < count2; i++) {
            long id = first2 + i;
            all.add(id + ":" + (i % 3 == 2 ? "null" : "n" + id) + ":eu");
        }
        return all.toArray(String[]::new);
    }

    @SuppressWarnings("unchecked")
    private static <T> T travelled(T value) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(value);
            }
            try (ObjectInputStream in =
                    new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (T) in.readObject();
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
