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
package io.fluss.lake.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeFormat;
import io.fluss.lake.LakeFormatContractTest;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeTable;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IcebergContractTest extends LakeFormatContractTest {
    @Override
    protected LakeFormat format() {
        return new IcebergLakeFormat();
    }

    @Override
    protected Map<String, String> catalogProperties() {
        return Map.of("type", "hadoop", "warehouse", dir.toUri().toString());
    }

    @Override
    protected List<String> rows(TablePath path, long snapshotId) {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(path)).useSnapshot(snapshotId).build()) {
            records.forEach(r -> rows.add(r.get(0) + ":" + r.get(1) + ":" + r.get(2)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    @Override
    protected long dataFilesOnDisk() {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(f -> f.getFileName().toString().endsWith(".parquet"))
                    .filter(f -> !f.getFileName().toString().startsWith("."))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void layoutIsTheCleanOne() {
        TableDescriptor descriptor =
                descriptor()
                        .withPartitionKeys("region")
                        .withBuckets(4, "id")
                        .withCustomProperty("iceberg.write.target-file-size-bytes", "1000000");
        catalog.createTable(PATH, descriptor, true);
        Table table = table(PATH);
        assertThat(table.schema().asStruct().fields())
                .extracting(Types.NestedField::name)
                .containsExactly("id", "name", "region");
        assertThat(table.schema().findField("id").isRequired()).isTrue();
        assertThat(table.schema().findField("name").doc()).isEqualTo("as typed");
        assertThat(table.spec().fields().toString())
                .contains("region: identity(3)", "id_bucket: bucket[4](1)");
        assertThat(table.properties())
                .containsEntry("fluss.table.datalake.enabled", "true")
                .containsEntry("fluss.owner", "tests")
                .containsEntry("write.target-file-size-bytes", "1000000");
        assertThat(table.sortOrder().isUnsorted()).isTrue();
    }

    @Test
    void refusesWhatIcebergCannotHold() {
        assertFails(
                ErrorReason.INVALID_TABLE,
                "at most one bucket key",
                () -> catalog.createTable(PATH, descriptor().withBuckets(2, "id", "name"), true));
        TableSchema odd =
                TableSchema.of(
                        Column.of("flag", DataTypes.bool()), Column.of("day", DataTypes.date()));
        assertFails(
                ErrorReason.INVALID_TABLE,
                "'flag' is BOOLEAN",
                () ->
                        catalog.createTable(
                                PATH, TableDescriptor.of(odd).withBuckets(2, "flag"), true));
        assertFails(
                ErrorReason.INVALID_TABLE,
                "STRING partition keys",
                () ->
                        catalog.createTable(
                                PATH, TableDescriptor.of(odd).withPartitionKeys("day"), true));
        refusesKeys(DataTypes.doubling(), "floating point", "id");
        refusesKeys(DataTypes.timestamp(9), "precision of at most 6", "id");
        refusesKeys(DataTypes.bigInt(), "at most one bucket key", "id", "name");
    }

    private void refusesKeys(DataType id, String text, String... key) {
        TableSchema schema =
                TableSchema.of(
                        List.of(Column.of("id", id), Column.of("name", DataTypes.string())),
                        List.of(key));
        assertFails(
                ErrorReason.INVALID_TABLE,
                text,
                () -> catalog.createTable(PATH, TableDescriptor.of(schema).withBuckets(2), true));
    }

    @Test
    void snapshotCarriesMarkersAndCommitsOfOthersDoNotDisturb() {
        catalog.createTable(PATH, descriptor(), true);
        long first = commit(OptionalLong.empty(), "offsets-1", write(0, 0, 3));
        table(PATH).newAppend().commit();
        long second = commit(OptionalLong.of(first), "offsets-2", write(0, 3, 3));
        assertThat(table(PATH).snapshot(second).summary())
                .containsEntry(LakeCommitter.COMMIT_USER_PROPERTY, LakeCommitter.COMMIT_USER)
                .containsEntry(LakeCommitter.OFFSETS_PROPERTY, "offsets-2")
                .containsEntry("k", "v");
        assertThat(rows(PATH, second)).hasSize(6);
    }

    @Test
    void roundOnATableThatWasCreatedAgainIsFenced() {
        catalog.createTable(PATH, descriptor(), true);
        LakeCommitter committer = catalog.table(PATH).committer();
        stock().dropTable(TableIdentifier.of("sales", "orders"), true);
        catalog.createTable(PATH, descriptor(), true);
        assertFails(
                ErrorReason.LAKE_COMMIT_FENCED,
                "created again",
                () ->
                        committer.commit(
                                new LakeCommitter.Request(
                                        List.of(), "o", OptionalLong.empty(), Map.of())));
    }

    @Test
    void legacyLayoutHasSystemColumnsAndIsSortedByOffset() {
        TableDescriptor descriptor = legacy(descriptor());
        catalog.createTable(PATH, descriptor, true);
        Table table = table(PATH);
        assertThat(table.schema().columns().toString())
                .contains(
                        "4: __bucket: required int",
                        "5: __offset: required long",
                        "6: __timestamp: required timestamptz");
        assertThat(table.spec().fields().toString()).contains("__bucket: identity(4)");
        assertThat(table.sortOrder().fields().toString()).contains("identity(5) ASC NULLS FIRST");
        catalog.createTable(PATH, descriptor, true);
        catalog.createTable(PATH, descriptor(), false);
        assertFails(
                ErrorReason.LAKE_TABLE_ALREADY_EXIST,
                "column 4",
                () ->
                        catalog.createTable(
                                PATH,
                                descriptor().withProperty("table.datalake.layout", "clean"),
                                false));
    }

    @Test
    void legacyTableOfThePublishedServerIsTakenOver() {
        Schema schema =
                new Schema(
                        Types.NestedField.required(1, "id", Types.LongType.get()),
                        Types.NestedField.optional(2, "name", Types.StringType.get()),
                        Types.NestedField.optional(3, "region", Types.StringType.get()),
                        Types.NestedField.required(4, "__bucket", Types.IntegerType.get()),
                        Types.NestedField.required(5, "__offset", Types.LongType.get()),
                        Types.NestedField.required(
                                6, "__timestamp", Types.TimestampType.withZone()));
        ((SupportsNamespaces) stock()).createNamespace(Namespace.of("sales"));
        var unused =
                stock().buildTable(TableIdentifier.of("sales", "orders"), schema)
                        .withPartitionSpec(
                                PartitionSpec.builderFor(schema)
                                        .identity("region")
                                        .bucket("id", 2)
                                        .build())
                        .withSortOrder(SortOrder.builderFor(schema).asc("__offset").build())
                        .withProperty("fluss.table.datalake.enabled", "true")
                        .withProperty("fluss.table.replication.factor", "1")
                        .create();
        table(PATH)
                .newAppend()
                .set(LakeCommitter.COMMIT_USER_PROPERTY, LakeCommitter.COMMIT_USER)
                .set(LakeCommitter.OFFSETS_PROPERTY, "theirs.offsets")
                .commit();
        TableDescriptor descriptor = descriptor().withPartitionKeys("region").withBuckets(2, "id");
        catalog.createTable(PATH, descriptor, false);
        LakeTable table = catalog.table(PATH);
        LakeCommitter.TieringCommit theirs = table.committer().latestTieringCommit().orElseThrow();
        assertThat(theirs.offsetsPath()).isEqualTo("theirs.offsets");
        LakeWriter.Result files =
                write(
                        table.writerFactory(info(descriptor)),
                        new WriteTask(new TableBucket(7, 3, 1), Optional.of("eu"), "round", 0, 0),
                        40,
                        3);
        long id = commit(OptionalLong.of(theirs.snapshotId()), "ours", files);
        assertThat(systemColumns(id))
                .containsExactly(
                        "1:40:1970-01-01T00:00:00.001Z",
                        "1:41:1970-01-01T00:00:00.001Z",
                        "1:42:1970-01-01T00:00:00.001Z");
        assertThat(rows(PATH, id)).contains("40:n40:eu");
    }

    private List<String> systemColumns(long snapshotId) {
        List<String> found = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(PATH)).useSnapshot(snapshotId).build()) {
            records.forEach(
                    r ->
                            found.add(
                                    r.getField("__bucket")
                                            + ":"
                                            + r.getField("__offset")
                                            + ":"
                                            + r.getField("__timestamp")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.stream().sorted().toList();
    }

    private static TableDescriptor legacy(TableDescriptor d) {
        return d.withProperty("table.datalake.layout", "legacy");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void addedColumnsComeBehindTheUsersAndOnce(boolean isLegacy) {
        TableDescriptor before = isLegacy ? legacy(descriptor()) : descriptor();
        catalog.createTable(PATH, before, true);
        LakeWriter.Result old =
                write(catalog.table(PATH).writerFactory(info(before)), task(0), 0, 2);
        long first = commit(OptionalLong.empty(), "o1", old);
        TableDescriptor after =
                new TableDescriptor(
                        before.schema()
                                .plus(
                                        List.of(
                                                Column.of("a.b", DataTypes.integer()),
                                                Column.of(
                                                        "xs",
                                                        DataTypes.array(DataTypes.string())))),
                        before.comment(),
                        before.partitionKeys(),
                        before.bucketKeys(),
                        before.bucketCount(),
                        before.properties(),
                        before.customProperties());
        catalog.addColumns(PATH, before, after);
        catalog.addColumns(PATH, before, after);
        assertThat(table(PATH).schema().columns())
                .extracting(Types.NestedField::name)
                .startsWith("id", "name", "region", "a.b", "xs")
                .hasSize(isLegacy ? 8 : 5);
        // The cluster has not got the column yet: rounds go on without it.
        LakeWriter.Result between =
                write(catalog.table(PATH).writerFactory(info(before)), task(0), 2, 2);
        long second = commit(OptionalLong.of(first), "o2", between);
        assertThat(rows(PATH, second)).hasSize(4);
        var unused = catalog.table(PATH).writerFactory(info(after));
        table(PATH).updateSchema().deleteColumn("name").commit();
        assertFails(
                ErrorReason.INVALID_ALTER_TABLE,
                "does not have the columns",
                () -> catalog.addColumns(PATH, before, after));
    }

    @Test
    void changedOptionsArePassedOn() {
        catalog.createTable(PATH, descriptor(), true);
        catalog.alterOptions(
                PATH,
                Map.of(
                        "table.datalake.freshness",
                        Optional.of("1 min"),
                        "iceberg.write.metadata.compression-codec",
                        Optional.of("gzip"),
                        "owner",
                        Optional.empty()));
        assertThat(table(PATH).properties())
                .containsEntry("fluss.table.datalake.freshness", "1 min")
                .containsEntry("write.metadata.compression-codec", "gzip")
                .doesNotContainKey("fluss.owner");
        assertFails(
                ErrorReason.INVALID_ALTER_TABLE,
                "write.delete.mode",
                () ->
                        catalog.alterOptions(
                                PATH,
                                Map.of("iceberg.write.delete.mode", Optional.of("copy-on-write"))));
        assertFails(
                ErrorReason.TABLE_NOT_EXIST,
                "sales.none",
                () -> catalog.alterOptions(TablePath.of("sales", "none"), Map.of()));
    }

    @Test
    void expiryTakesWhatWasReplacedLongAgoAndNothingElse() {
        catalog.createTable(PATH, descriptor(), true);
        List<Long> ids = new ArrayList<>();
        OptionalLong last = OptionalLong.empty();
        for (int i = 0; i < 6; i++) {
            long id = commit(last, "o" + i, write(0, i * 10L, 2));
            ids.add(id);
            last = OptionalLong.of(id);
        }
        table(PATH).manageSnapshots().createTag("pinned", ids.get(1)).commit();
        long replaced3 = table(PATH).snapshot(ids.get(4)).timestampMillis();
        LakeMaintenance maintenance = catalog.table(PATH).maintenance();
        assertThat(
                        maintenance.expireSnapshots(
                                new LakeMaintenance.Expiry(Set.of(4711L), Long.MAX_VALUE, 1)))
                .as("a kept snapshot that is not in the history")
                .isZero();
        // Snapshot 3 was replaced by 4; all before it were replaced earlier or in the same ms.
        maintenance.expireSnapshots(new LakeMaintenance.Expiry(Set.of(ids.get(5)), replaced3, 1));
        assertThat(snapshots()).contains(ids.get(1), ids.get(3), ids.get(4), ids.get(5));
        assertThat(rows(PATH, ids.get(3))).hasSize(8);
        maintenance.expireSnapshots(
                new LakeMaintenance.Expiry(Set.of(ids.get(4)), Long.MAX_VALUE, 3));
        assertThat(snapshots())
                .containsExactlyInAnyOrder(ids.get(1), ids.get(3), ids.get(4), ids.get(5));
        assertThat(rows(PATH, ids.get(5))).hasSize(12);
        // It is no ancestor of what is there, since those in between are gone.
        table(PATH).manageSnapshots().removeTag("pinned").commit();
        maintenance.expireSnapshots(
                new LakeMaintenance.Expiry(Set.of(ids.get(4)), Long.MAX_VALUE, 3));
        assertThat(snapshots()).containsExactlyInAnyOrder(ids.get(3), ids.get(4), ids.get(5));
        assertThat(rows(PATH, ids.get(5))).hasSize(12);
        table(PATH).updateProperties().set("gc.enabled", "false").commit();
        assertThat(
                        maintenance.expireSnapshots(
                                new LakeMaintenance.Expiry(Set.of(ids.get(5)), Long.MAX_VALUE, 1)))
                .isZero();
    }

    private List<Long> snapshots() {
        List<Long> ids = new ArrayList<>();
        table(PATH).snapshots().forEach(s -> ids.add(s.snapshotId()));
        return ids;
    }

    @Test
    void orphansOfRoundsGoAndLiveFilesStay() {
        catalog.createTable(PATH, descriptor(), true);
        LakeWriter.Result orphan = write(0, 0, 3);
        assertThat(orphan.files()).isEqualTo(1);
        long first = commit(OptionalLong.empty(), "o1", write(0, 0, 3));
        LakeWriter.Result live = write(0, 3, 3);
        LakeMaintenance maintenance = catalog.table(PATH).maintenance();
        assertThat(dataFilesOnDisk()).isEqualTo(3);
        assertThat(maintenance.removeOrphans(first, 0)).as("young").isZero();
        assertThat(maintenance.removeOrphans(4711, Long.MAX_VALUE)).as("not committed").isZero();
        assertThat(maintenance.removeOrphans(first, Long.MAX_VALUE)).isEqualTo(1);
        long second = commit(OptionalLong.of(first), "o2", live);
        assertThat(rows(PATH, second)).hasSize(6);
        assertThat(dataFilesOnDisk()).isEqualTo(2);
    }

    @Test
    void compactionJoinsSmallFilesInTheirOrder() {
        catalog.createTable(PATH, descriptor().withBuckets(1, "id"), true);
        LakeTable table = catalog.table(PATH);
        OptionalLong last = OptionalLong.empty();
        for (int i = 0; i < 9; i++) {
            LakeWriter.Result files =
                    write(
                            table.writerFactory(info(descriptor().withBuckets(1, "id"))),
                            task(0),
                            i * 10L,
                            10);
            last = OptionalLong.of(commit(last, "o" + i, files));
        }
        LakeMaintenance maintenance = catalog.table(PATH).maintenance();
        LakeMaintenance.Compaction compaction =
                new LakeMaintenance.Compaction(info(descriptor()), 8, 0.3, 1 << 30);
        OptionalLong id = maintenance.compact(compaction, java.util.UUID.randomUUID().toString());
        assertThat(catalog.table(PATH).snapshotSize(id.orElseThrow()).files()).isEqualTo(1);
        List<String> rows = rows(PATH, id.getAsLong());
        assertThat(rows).hasSize(90);
        for (int i = 0; i < 90; i++) {
            assertThat(rows.get(i)).startsWith(i + ":");
        }
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new LakeCommitter.TieringCommit(last.getAsLong(), "o8"));
        assertThat(maintenance.planCompaction(compaction)).isEmpty();
        commit(last, "o9");
    }

    private static WriteTask task(int bucket) {
        return new WriteTask(
                TableBucket.of(7, bucket),
                Optional.empty(),
                java.util.UUID.randomUUID().toString(),
                0,
                0);
    }

    private Table table(TablePath path) {
        return stock().loadTable(TableIdentifier.of(path.database(), path.table()));
    }

    /** The catalog without anything of ours. */
    protected Catalog stock() {
        return new HadoopCatalog(new Configuration(), dir.toUri().toString());
    }
}
