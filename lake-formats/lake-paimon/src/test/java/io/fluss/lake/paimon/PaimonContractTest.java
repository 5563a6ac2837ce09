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

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeFormat;
import io.fluss.lake.LakeFormatContractTest;
import io.fluss.lake.LakeMaintenance;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.paimon.Snapshot;
import org.apache.paimon.manifest.ManifestCommittable;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try")
class PaimonContractTest extends LakeFormatContractTest {
    @Override
    protected LakeFormat format() {
        return new PaimonLakeFormat();
    }

    @Override
    protected Map<String, String> catalogProperties() {
        return Map.of("warehouse", dir.toUri().toString());
    }

    @Override
    protected List<String> rows(TablePath path, long snapshotId) {
        return PaimonRows.rows(stock(path), snapshotId);
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

    private FileStoreTable stock(TablePath path) {
        return PaimonRows.table(catalogProperties(), path.database(), path.table());
    }

    @Test
    void layoutIsTheCleanOne() {
        TableDescriptor descriptor =
                descriptor()
                        .withPartitionKeys("region")
                        .withBuckets(4, "id")
                        .withComment("all orders")
                        .withCustomProperty("paimon.target-file-size", "1 mb");
        catalog.createTable(PATH, descriptor, true);
        FileStoreTable table = stock(PATH);
        assertThat(table.rowType().asSQLString())
                .isEqualTo(
                        "ROW<`id` BIGINT NOT NULL, `name` STRING COMMENT 'as typed', `region` STRING>");
        assertThat(table.partitionKeys()).containsExactly("region");
        assertThat(table.primaryKeys()).isEmpty();
        assertThat(table.comment()).contains("all orders");
        assertThat(table.options())
                .containsEntry("bucket", "4")
                .containsEntry("bucket-key", "id")
                .containsEntry("partition.legacy-name", "false")
                .containsEntry("target-file-size", "1 mb")
                .containsEntry("fluss.table.datalake.enabled", "true")
                .containsEntry("fluss.owner", "tests")
                .doesNotContainKey("changelog-producer");
    }

    @Test
    void tableWithoutBucketKeyIsBucketUnaware() {
        catalog.createTable(PATH, descriptor(), true);
        assertThat(stock(PATH).options())
                .containsEntry("bucket", "-1")
                .doesNotContainKey("bucket-key");
    }

    @Test
    void tableWithPrimaryKeyKeepsItsChangelog() {
        catalog.createTable(PATH, keyed(), true);
        FileStoreTable table = stock(PATH);
        assertThat(table.primaryKeys()).containsExactly("region", "id");
        assertThat(table.options())
                .containsEntry("bucket", "2")
                .containsEntry("bucket-key", "id")
                .containsEntry("changelog-producer", "input");
    }

    @Test
    void usersCannotSetWhatFollowsFromTheTable() {
        for (String key : List.of("bucket", "paimon.bucket-key", "paimon.partition.legacy-name")) {
            assertFails(
                    ErrorReason.INVALID_TABLE,
                    "'" + key + "'",
                    () ->
                            catalog.createTable(
                                    PATH, descriptor().withCustomProperty(key, "1"), true));
        }
        TableDescriptor typed =
                TableDescriptor.of(
                                TableSchema.of(
                                        Column.of("id", DataTypes.bigInt()),
                                        Column.of("day", DataTypes.date())))
                        .withPartitionKeys("day")
                        .withCustomProperty("paimon.deletion-vectors.enabled", "true");
        assertFails(
                ErrorReason.INVALID_TABLE,
                "'day' is DATE",
                () -> catalog.createTable(PATH, typed, true));
    }

    @Test
    void alteredOptionsArriveAndFixedOnesAreRefused() {
        catalog.createTable(PATH, descriptor().withCustomProperty("gone", "soon"), true);
        catalog.alterOptions(
                PATH,
                Map.of(
                        "paimon.target-file-size",
                        Optional.of("2 mb"),
                        "owner",
                        Optional.of("others"),
                        "gone",
                        Optional.empty(),
                        "table.datalake.paimon.warehouse",
                        Optional.of("elsewhere")));
        assertThat(stock(PATH).options())
                .containsEntry("target-file-size", "2 mb")
                .containsEntry("fluss.owner", "others")
                .doesNotContainKeys("fluss.gone", "fluss.table.datalake.paimon.warehouse");
        for (String key : List.of("paimon.bucket", "paimon.merge-engine", "paimon.path")) {
            assertFails(
                    ErrorReason.INVALID_ALTER_TABLE,
                    "fixed",
                    () -> catalog.alterOptions(PATH, Map.of(key, Optional.of("3"))));
        }
        catalog.alterOptions(
                PATH, Map.of("paimon.path", Optional.of(stock(PATH).location().toString())));
    }

    @Test
    void addedColumnsComeBehindTheUsersInBothLayouts() {
        for (String layout : List.of("clean", "legacy")) {
            TablePath path = TablePath.of("sales", layout);
            TableDescriptor before = descriptor().withProperty("table.datalake.layout", layout);
            TableDescriptor after =
                    new TableDescriptor(
                            before.schema()
                                    .plus(
                                            List.of(
                                                    Column.of("x", DataTypes.bytes()),
                                                    Column.of("y", DataTypes.date()))),
                            before.comment(),
                            before.partitionKeys(),
                            before.bucketKeys(),
                            before.bucketCount(),
                            before.properties(),
                            before.customProperties());
            catalog.createTable(path, before, true);
            catalog.addColumns(path, before, after);
            catalog.addColumns(path, before, after);
            assertThat(stock(path).rowType().getFieldNames())
                    .startsWith("id", "name", "region", "x", "y")
                    .hasSize(layout.equals("clean") ? 5 : 8);
        }
    }

    @Test
    void snapshotCarriesMarkersAndCommitsOfOthersDoNotDisturb() throws Exception {
        catalog.createTable(PATH, descriptor(), true);
        long first = commit(OptionalLong.empty(), "offsets-1", write(0, 0, 3));
        try (TableCommitImpl other = stock(PATH).newCommit("someone").ignoreEmptyCommit(false)) {
            other.commit(new ManifestCommittable(1));
        }
        long second = commit(OptionalLong.of(first), "offsets-2", write(0, 3, 3));
        assertThat(second).isEqualTo(first + 2);
        Snapshot snapshot = stock(PATH).snapshot(second);
        assertThat(snapshot.commitUser()).isEqualTo(LakeCommitter.COMMIT_USER);
        assertThat(snapshot.commitKind()).isEqualTo(Snapshot.CommitKind.APPEND);
        assertThat(snapshot.properties())
                .containsEntry(LakeCommitter.COMMIT_USER_PROPERTY, LakeCommitter.COMMIT_USER)
                .containsEntry(LakeCommitter.OFFSETS_PROPERTY, "offsets-2")
                .containsEntry("k", "v");
        assertThat(rows(PATH, second)).hasSize(6);
    }

    /** Published services commit with the largest number there is, and without our commit id. */
    @Test
    void goesOnFromWhatAPublishedServiceCommitted() throws Exception {
        catalog.createTable(PATH, descriptor(), true);
        try (TableCommitImpl other =
                stock(PATH).newCommit(LakeCommitter.COMMIT_USER).ignoreEmptyCommit(false)) {
            ManifestCommittable theirs = new ManifestCommittable(Long.MAX_VALUE);
            theirs.addProperty(LakeCommitter.OFFSETS_PROPERTY, "theirs");
            theirs.addProperty(LakeCommitter.COMMIT_USER_PROPERTY, LakeCommitter.COMMIT_USER);
            other.commit(theirs);
        }
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new LakeCommitter.TieringCommit(1, "theirs"));
        long id = commit(OptionalLong.of(1), "ours", write(0, 0, 3));
        assertThat(rows(PATH, id)).hasSize(3);
        assertThat(commit(OptionalLong.of(id), "ours-2", write(0, 3, 3))).isEqualTo(id + 1);
    }

    @Test
    void aReCreatedTableIsFenced() throws Exception {
        catalog.createTable(PATH, descriptor(), true);
        LakeCommitter old = catalog.table(PATH).committer();
        try (var c =
                org.apache.paimon.catalog.CatalogFactory.createCatalog(
                        org.apache.paimon.catalog.CatalogContext.create(
                                org.apache.paimon.options.Options.fromMap(catalogProperties())))) {
            c.dropTable(
                    org.apache.paimon.catalog.Identifier.create(PATH.database(), PATH.table()),
                    false);
        }
        catalog.createTable(PATH, descriptor(), true);
        assertFails(
                ErrorReason.LAKE_COMMIT_FENCED, "created again", () -> old.latestTieringCommit());
    }

    @Test
    void expiresFromTheOldestUpToWhatMustStay() {
        catalog.createTable(PATH, descriptor(), true);
        long last = commit(OptionalLong.empty(), "o", write(0, 0, 1));
        for (int i = 1; i < 5; i++) {
            last = commit(OptionalLong.of(last), "o" + i, write(0, i, 1));
        }
        LakeMaintenance maintenance = catalog.table(PATH).maintenance();
        long kept = last - 1;
        stock(PATH).createTag("of-a-dead-reader", last - 3, Duration.ofMillis(1));
        stock(PATH).createTag("of-a-reader", last - 3, Duration.ofHours(1));
        assertThat(
                        maintenance.expireSnapshots(
                                new LakeMaintenance.Expiry(Set.of(4711L), Long.MAX_VALUE, 1)))
                .isZero();
        assertThat(maintenance.expireSnapshots(new LakeMaintenance.Expiry(Set.of(kept), 0, 1)))
                .isZero();
        assertThat(
                        maintenance.expireSnapshots(
                                new LakeMaintenance.Expiry(Set.of(kept), Long.MAX_VALUE, 1)))
                .isEqualTo(3);
        assertThat(rows(PATH, kept)).hasSize(4);
        assertThat(rows(PATH, last)).hasSize(5);
        assertThat(stock(PATH).tagManager().allTagNames()).containsExactly("of-a-reader");
        // A hold is renewed although only its tag has the snapshot.
        stock(PATH).replaceTag("of-a-reader", last - 3, Duration.ofHours(2));
    }

    private static TableDescriptor keyed() {
        return TableDescriptor.of(
                        TableSchema.of(
                                List.of(
                                        Column.of("id", DataTypes.bigInt().notNull()),
                                        Column.of("name", DataTypes.string()),
                                        Column.of("region", DataTypes.string().notNull())),
                                List.of("region", "id")))
                .withPartitionKeys("region")
                .withBuckets(2)
                .withProperty("table.datalake.enabled", "true");
    }
}
