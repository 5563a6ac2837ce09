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
import io.fluss.lake.KeyedLakeFormatContractTest;
import io.fluss.lake.LakeFormat;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.RowLevelOperationMode;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.util.ContentFileUtil;
import org.junit.jupiter.api.Test;

/** Tables with a primary key in Iceberg; the classes below it name the forms of tables. */
abstract class KeyedIcebergContractTest extends KeyedLakeFormatContractTest {
    /** As the user gives it. */
    abstract int formatVersion();

    abstract boolean isLegacy();

    @Override
    protected LakeFormat format() {
        return new IcebergLakeFormat();
    }

    @Override
    protected Map<String, String> catalogProperties() {
        return Map.of("type", "hadoop", "warehouse", dir.toUri().toString());
    }

    @Override
    protected TableDescriptor options(TableDescriptor table) {
        TableDescriptor small =
                table.withCustomProperty("iceberg." + KeyedIcebergWriter.FOLD_BYTES, "40000")
                        .withCustomProperty(
                                "iceberg.format-version", Integer.toString(formatVersion()));
        return isLegacy() ? small.withProperty("table.datalake.layout", "legacy") : small;
    }

    @Override
    protected List<String> rows(TablePath path, long snapshotId) {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table()).useSnapshot(snapshotId).build()) {
            records.forEach(r -> rows.add(r.get(0) + ":" + r.get(1) + ":" + r.get(2)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    @Override
    protected boolean compactsOnRequest() {
        return true;
    }

    @Override
    protected long dataFilesOnDisk() {
        return files(dir).stream()
                .filter(f -> f.endsWith(".parquet") || f.endsWith(".puffin"))
                .count();
    }

    static List<String> files(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(Files::isRegularFile)
                    .filter(f -> !f.getFileName().toString().startsWith("."))
                    .map(f -> f.toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final Table table() {
        return new HadoopCatalog(new Configuration(), dir.toUri().toString())
                .loadTable(TableIdentifier.of(PATH.database(), PATH.table()));
    }

    @Test
    void tableIsKeyedAndMergedOnRead() {
        Table table = table();
        assertThat(TableUtil.formatVersion(table)).isEqualTo(formatVersion());
        assertThat(table.schema().identifierFieldNames())
                .containsExactlyInAnyOrderElementsOf(descriptor().schema().primaryKey());
        assertThat(table.spec().fields().toString()).contains("id_bucket: bucket[2](1)");
        for (String mode :
                List.of(
                        TableProperties.DELETE_MODE,
                        TableProperties.UPDATE_MODE,
                        TableProperties.MERGE_MODE)) {
            assertThat(table.properties())
                    .containsEntry(mode, RowLevelOperationMode.MERGE_ON_READ.modeName());
        }
        assertThat(table.sortOrder().isSorted()).isEqualTo(isLegacy());
    }

    @Test
    void dataFileHasAtMostOneDeleteFileAndNoneByEquality() throws IOException {
        for (long i = 0; i < 12; i += 2) {
            round(insert(i, "a"), insert(i + 1, "b"));
        }
        for (long i = 0; i < 10; i += 2) {
            round(updated(i, "a", "c"), after(i + 2, "d"), delete(i + 1, "b"));
        }
        Set<String> seen = new HashSet<>();
        try (CloseableIterable<FileScanTask> tasks = table().newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                assertThat(task.deletes()).hasSizeLessThanOrEqualTo(1);
                for (DeleteFile d : task.deletes()) {
                    assertThat(d.content()).isEqualTo(FileContent.POSITION_DELETES);
                    assertThat(ContentFileUtil.referencedDataFileLocation(d))
                            .isEqualTo(task.file().location());
                    assertThat(d.format())
                            .isEqualTo(
                                    formatVersion() < 3 ? FileFormat.PARQUET : FileFormat.PUFFIN);
                    assertThat(d.recordCount()).isLessThan(task.file().recordCount());
                }
                assertThat(seen.add(task.file().location())).isTrue();
            }
        }
    }

    @Test
    void missingAndDamagedKeyFilesAreMadeAgain() throws IOException {
        round(insert(1, "a"), insert(2, "b"), insert(3, "c"), insert(4, "d"));
        round(insert(11, "a"), insert(12, "b"), insert(13, "c"), insert(14, "d"));
        List<String> keyFiles =
                files(dir).stream().filter(f -> f.endsWith(".keys")).sorted().toList();
        assertThat(keyFiles).hasSizeGreaterThanOrEqualTo(2);
        Files.delete(Path.of(keyFiles.get(0)));
        for (String damaged : keyFiles.subList(1, keyFiles.size())) {
            byte[] bytes = Files.readAllBytes(Path.of(damaged));
            bytes[3] ^= 1;
            Files.write(Path.of(damaged), bytes);
        }
        round(after(1, "A"), delete(2, "b"), after(3, "C"), after(11, "A"), after(12, "B"));
        assertThat(files(dir)).containsAll(keyFiles);
        round(after(1, "x"), after(13, "x"), after(14, "x"), delete(4, "d"));
    }

    @Test
    void roundIsRefusedWhenOthersHaveRewrittenItsFiles() {
        round(insert(1, "a"), insert(2, "b"), insert(3, "c"), insert(4, "d"));
        round(insert(11, "a"), insert(12, "b"), insert(13, "c"), insert(14, "d"));
        List<LakeWriter.Result> results =
                write(List.of(after(1, "x").get(0), after(3, "x").get(0)), false);
        assertThat(
                        catalog.table(PATH)
                                .maintenance()
                                .compact(
                                        new LakeMaintenance.Compaction(info(), 2, 0.3, 1 << 30),
                                        UUID.randomUUID().toString()))
                .isPresent();
        assertFails(ErrorReason.LAKE_COMMIT_FENCED, () -> commitRound(results));
        catalog.table(PATH).committer().abort(results);
        // What was refused is written again, on the rewritten files.
        round(after(1, "x"), after(3, "x"), delete(12, "b"));
    }

    @Test
    void compactionLosesAgainstARound() {
        for (long i = 0; i < 20; i += 4) {
            round(insert(i, "a"), insert(i + 1, "b"), insert(i + 2, "c"), insert(i + 3, "d"));
        }
        LakeMaintenance maintenance = catalog.table(PATH).maintenance();
        List<LakeWriter.Result> rewritten = new ArrayList<>();
        for (LakeMaintenance.Rewrite rewrite : maintenance.planCompaction(compaction())) {
            rewritten.add(rewrite.run(UUID.randomUUID().toString(), rewritten.size(), 7));
        }
        assertThat(rewritten).isNotEmpty();
        round(after(0, "x"), delete(5, "b"));
        long files = dataFilesOnDisk();
        assertThat(maintenance.commitCompaction(rewritten)).isEmpty();
        assertThat(dataFilesOnDisk())
                .isEqualTo(files - rewritten.stream().mapToLong(LakeWriter.Result::files).sum());
        assertMatchesOracle();
        assertThat(compact()).isPresent();
        round(after(0, "y"), after(6, "y"));
    }

    @Test
    void deletesByEqualityOfOthersHold() throws IOException {
        round(insert(1, "a"), insert(2, "b"), insert(3, "c"), insert(4, "d"));
        List<LakeWriter.Result> forgotten = write(List.of(delete(2, "b").get(0)), false);
        catalog.table(PATH).committer().abort(forgotten);
        deleteByEquality(2);
        round(after(1, "x"), insert(5, "e"));
        round(insert(2, "again"), insert(6, "f"));
        round(after(2, "and again"), insert(7, "g"), insert(8, "h"));
        round(insert(9, "e"), insert(10, "f"), insert(11, "g"), insert(12, "h"));
        compact().ifPresent(this::assertMatchesOracle);
        round(delete(2, "and again"), after(3, "x"));
    }

    private void deleteByEquality(long id) throws IOException {
        Table table = table();
        Schema key = table.schema().select("id");
        DataFile of = null;
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            RowDelta delta = table.newRowDelta();
            for (FileScanTask task : tasks) {
                of = task.file();
                OutputFile file =
                        table.io()
                                .newOutputFile(
                                        table.location()
                                                + "/data/eq-"
                                                + UUID.randomUUID()
                                                + ".parquet");
                EqualityDeleteWriter<Record> writer =
                        FormatModelRegistry.<Record, Object>equalityDeleteWriteBuilder(
                                        FileFormat.PARQUET,
                                        Record.class,
                                        EncryptedFiles.plainAsEncryptedOutput(file))
                                .schema(key)
                                .equalityFieldIds(key.findField("id").fieldId())
                                .spec(table.spec())
                                .partition(of.partition())
                                .build();
                GenericRecord row = GenericRecord.create(key);
                row.setField("id", id);
                writer.write(row);
                writer.close();
                delta.addDeletes(writer.toDeleteFile());
            }
            delta.commit();
        }
        assertThat(of).isNotNull();
    }

    @Test
    void tableThatIsUpgradedGoesOn() {
        round(insert(1, "a"), insert(2, "b"), insert(3, "c"), insert(4, "d"));
        round(after(1, "x"), delete(2, "b"));
        table().updateProperties().set(TableProperties.FORMAT_VERSION, "3").commit();
        round(after(3, "x"), after(1, "y"), insert(2, "again"));
        round(after(3, "y"), after(4, "y"));
        round(insert(6, "a"), insert(7, "b"), insert(8, "c"), insert(9, "d"));
        compact().ifPresent(this::assertMatchesOracle);
        round(after(3, "z"), delete(4, "y"));
    }

    @Test
    void filesNobodyRefersToAreSwept() {
        round(insert(1, "a"), insert(2, "b"), insert(3, "c"), insert(4, "d"));
        long live = round(after(1, "x"), delete(2, "b"));
        List<String> before = files(dir);
        write(List.of(after(1, "y").get(0), after(3, "y").get(0)), false);
        assertThat(files(dir)).hasSizeGreaterThan(before.size());
        long next = commitRoundWithoutFiles();
        catalog.table(PATH).maintenance().removeOrphans(next, Long.MAX_VALUE);
        assertThat(files(dir)).containsAll(before);
        assertThat(files(dir).stream().filter(f -> !f.contains("/metadata/")))
                .containsExactlyInAnyOrderElementsOf(
                        before.stream().filter(f -> !f.contains("/metadata/")).toList());
        assertThat(files(dir).stream().filter(f -> f.endsWith(".keys")))
                .containsExactlyInAnyOrderElementsOf(
                        before.stream().filter(f -> f.endsWith(".keys")).toList());
        assertThat(rows(PATH, next)).containsExactlyInAnyOrderElementsOf(rows(PATH, live));
    }

    private long commitRoundWithoutFiles() {
        return commitRound(List.of());
    }
}
