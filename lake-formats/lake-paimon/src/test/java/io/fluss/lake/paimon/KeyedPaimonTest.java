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
import io.fluss.lake.LakeCommitter.Request;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.paimon.table.FileStoreTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables with a primary key: every change goes in, one row per key comes out. */
class KeyedPaimonTest {
    private static final TablePath PATH = TablePath.of("sales", "stock");

    private record Change(ChangeType type, long id, String name) {}

    @TempDir Path dir;

    private BufferAllocator allocator;
    private LakeCatalog catalog;
    private long nextOffset;

    @BeforeEach
    void open() {
        allocator = new RootAllocator();
        catalog = new PaimonLakeFormat().open(properties());
    }

    @AfterEach
    void close() {
        catalog.close();
        allocator.close();
    }

    @Test
    void lastChangeOfAKeyWins() {
        create(descriptor());
        long id =
                round(
                        OptionalLong.empty(),
                        new Change(ChangeType.INSERT, 1, "a"),
                        new Change(ChangeType.INSERT, 2, "b"),
                        new Change(ChangeType.UPDATE_BEFORE, 1, "a"),
                        new Change(ChangeType.UPDATE_AFTER, 1, "a2"),
                        new Change(ChangeType.INSERT, 3, "c"),
                        new Change(ChangeType.DELETE, 2, "b"));
        assertThat(rows(id)).containsExactlyInAnyOrder("1:a2", "3:c");
        long second =
                round(
                        OptionalLong.of(id),
                        new Change(ChangeType.DELETE, 1, "a2"),
                        new Change(ChangeType.INSERT, 1, "again"),
                        new Change(ChangeType.DELETE, 3, "c"));
        assertThat(rows(second)).containsExactly("1:again");
        assertThat(rows(id)).containsExactlyInAnyOrder("1:a2", "3:c");
    }

    @Test
    void imagesWithoutUpdateBeforeReplaceTheRow() {
        create(descriptor());
        long id =
                round(
                        OptionalLong.empty(),
                        new Change(ChangeType.UPDATE_AFTER, 1, "a"),
                        new Change(ChangeType.UPDATE_AFTER, 1, "b"),
                        new Change(ChangeType.DELETE, 7, "never there"));
        assertThat(rows(id)).containsExactly("1:b");
    }

    @Test
    void rowsOfASnapshotAreInserted() {
        create(descriptor());
        LakeWriterFactory factory = catalog.table(PATH).writerFactory(info());
        try (LakeWriter writer = factory.open(task());
                VectorSchemaRoot rows =
                        batch(
                                List.of(
                                        new Change(ChangeType.INSERT, 1, "a"),
                                        new Change(ChangeType.INSERT, 2, "b")))) {
            writer.write(LakeRows.snapshot(rows, 5));
            long id = commit(OptionalLong.empty(), writer.complete());
            assertThat(rows(id)).containsExactlyInAnyOrder("1:a", "2:b");
        }
    }

    @Test
    void everyChangeStaysInTheChangelog() throws Exception {
        create(descriptor());
        long id =
                round(
                        OptionalLong.empty(),
                        new Change(ChangeType.INSERT, 1, "a"),
                        new Change(ChangeType.UPDATE_BEFORE, 1, "a"),
                        new Change(ChangeType.UPDATE_AFTER, 1, "b"),
                        new Change(ChangeType.DELETE, 1, "b"));
        assertThat(table().snapshot(id).changelogRecordCount()).isEqualTo(4);
        assertThat(rows(id)).isEmpty();
    }

    @Test
    void abortDeletesAllFiles() throws IOException {
        create(descriptor());
        LakeWriter.Result result = write(new Change(ChangeType.INSERT, 1, "a"));
        // The rows and the changelog.
        assertThat(files()).isEqualTo(2);
        assertThat(result.files()).isEqualTo(2);
        catalog.table(PATH).committer().abort(List.of(result));
        assertThat(files()).isZero();
    }

    @Test
    void randomChangesEqualAMap() {
        create(descriptor().withCustomProperty("paimon.num-sorted-run.compaction-trigger", "3"));
        check(false);
    }

    @Test
    void randomChangesEqualAMapWhileWritersCompact() {
        create(
                descriptor()
                        .withProperty("table.datalake.auto-compaction", "true")
                        .withCustomProperty("paimon.num-sorted-run.compaction-trigger", "3"));
        check(true);
    }

    private void check(boolean compacts) {
        Random random = new Random(7);
        TreeMap<Long, String> model = new TreeMap<>();
        OptionalLong last = OptionalLong.empty();
        boolean compacted = false;
        for (int round = 0; round < 12; round++) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                long id = random.nextInt(30);
                String old = model.get(id);
                if (old == null) {
                    changes.add(new Change(ChangeType.INSERT, id, "v" + round + "-" + i));
                    model.put(id, "v" + round + "-" + i);
                } else if (random.nextBoolean()) {
                    changes.add(new Change(ChangeType.DELETE, id, old));
                    model.remove(id);
                } else {
                    changes.add(new Change(ChangeType.UPDATE_BEFORE, id, old));
                    changes.add(new Change(ChangeType.UPDATE_AFTER, id, "v" + round + "-" + i));
                    model.put(id, "v" + round + "-" + i);
                }
            }
            long id = round(last, changes.toArray(Change[]::new));
            compacted |= last.isPresent() && id > last.getAsLong() + 1;
            last = OptionalLong.of(id);
            assertThat(rows(id))
                    .containsExactlyInAnyOrderElementsOf(
                            model.entrySet().stream()
                                    .map(e -> e.getKey() + ":" + e.getValue())
                                    .toList());
            assertThat(
                            catalog.table(PATH)
                                    .committer()
                                    .latestTieringCommit()
                                    .orElseThrow()
                                    .snapshotId())
                    .isEqualTo(id);
        }
        assertThat(compacted).isEqualTo(compacts);
    }

    private Map<String, String> properties() {
        return Map.of("warehouse", dir.toUri().toString());
    }

    private static TableDescriptor descriptor() {
        return TableDescriptor.of(
                        TableSchema.of(
                                List.of(
                                        Column.of("id", DataTypes.bigInt().notNull()),
                                        Column.of("name", DataTypes.string())),
                                List.of("id")))
                .withBuckets(1)
                .withProperty("table.datalake.enabled", "true");
    }

    private TableDescriptor created = descriptor();

    private void create(TableDescriptor descriptor) {
        created = descriptor;
        catalog.createTable(PATH, descriptor, true);
    }

    private TableInfo info() {
        return new TableInfo(PATH, 7, 1, created, 0, 0);
    }

    private static WriteTask task() {
        return new WriteTask(TableBucket.of(7, 0), Optional.empty(), "round", 0, 0);
    }

    private FileStoreTable table() {
        return PaimonRows.table(properties(), PATH.database(), PATH.table());
    }

    private List<String> rows(long snapshotId) {
        return PaimonRows.rows(table(), snapshotId);
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(dir)) {
            return all.filter(f -> f.getFileName().toString().endsWith(".parquet")).count();
        }
    }

    private long round(OptionalLong expected, Change... changes) {
        return commit(expected, write(changes));
    }

    private long commit(OptionalLong expected, LakeWriter.Result result) {
        return catalog.table(PATH)
                .committer()
                .commit(new Request(List.of(result), "o", expected, Map.of()));
    }

    private LakeWriter.Result write(Change... changes) {
        LakeWriterFactory factory = catalog.table(PATH).writerFactory(info());
        try (LakeWriter writer = factory.open(task());
                VectorSchemaRoot rows = batch(List.of(changes))) {
            ByteBuffer types = ByteBuffer.allocate(changes.length);
            for (Change c : changes) {
                types.put(c.type().code());
            }
            writer.write(new LakeRows(rows, Optional.of(types.flip()), nextOffset, 1));
            nextOffset += changes.length;
            return writer.complete();
        }
    }

    private VectorSchemaRoot batch(List<Change> changes) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(created.schema().rowType()), allocator);
        root.allocateNew();
        for (int i = 0; i < changes.size(); i++) {
            ((BigIntVector) root.getVector(0)).setSafe(i, changes.get(i).id());
            ((VarCharVector) root.getVector(1))
                    .setSafe(i, changes.get(i).name().getBytes(StandardCharsets.UTF_8));
        }
        root.setRowCount(changes.size());
        return root;
    }
}
