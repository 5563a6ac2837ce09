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
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

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
        assertFails(
                ErrorReason.INVALID_TABLE,
                "primary key",
                () ->
                        catalog.createTable(
                                PATH,
                                TableDescriptor.of(
                                        TableSchema.of(
                                                List.of(Column.of("id", DataTypes.bigInt())),
                                                List.of("id"))),
                                true));
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
        hadoopCatalog().dropTable(TableIdentifier.of("sales", "orders"), true);
        catalog.createTable(PATH, descriptor(), true);
        assertFails(
                ErrorReason.LAKE_COMMIT_FENCED,
                "created again",
                () ->
                        committer.commit(
                                new LakeCommitter.Request(
                                        List.of(), "o", OptionalLong.empty(), Map.of())));
    }

    private Table table(TablePath path) {
        return hadoopCatalog().loadTable(TableIdentifier.of(path.database(), path.table()));
    }

    private HadoopCatalog hadoopCatalog() {
        return new HadoopCatalog(new Configuration(), dir.toUri().toString());
    }
}
