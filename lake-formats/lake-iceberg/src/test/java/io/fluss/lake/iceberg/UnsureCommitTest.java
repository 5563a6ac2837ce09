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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.iceberg.UnsureCatalog.Fault;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a round does when the catalog does not say whether it committed. */
class UnsureCommitTest {
    private static final TablePath PATH = TablePath.of("sales", "orders");

    @TempDir Path dir;
    private IcebergLakeCatalog catalog;

    @BeforeEach
    void open() {
        UnsureCatalog.FAULT.set(Fault.NONE);
        catalog =
                IcebergLakeCatalog.open(
                        Map.of(
                                "catalog-impl",
                                UnsureCatalog.class.getName(),
                                "warehouse",
                                dir.toUri().toString()));
        catalog.createTable(
                PATH,
                TableDescriptor.of(TableSchema.of(Column.of("id", DataTypes.bigInt())))
                        .withBuckets(1)
                        .withCustomProperty("iceberg.commit.retry.num-retries", "1")
                        .withCustomProperty("iceberg.commit.retry.min-wait-ms", "1"),
                true);
    }

    @AfterEach
    void close() {
        UnsureCatalog.FAULT.set(Fault.NONE);
        catalog.close();
    }

    @Test
    void aCommitThatTookEffectIsFoundByItsIdentity() {
        UnsureCatalog.FAULT.set(Fault.UNKNOWN_BUT_DONE);
        long id = commit(OptionalLong.empty(), "o1");
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new LakeCommitter.TieringCommit(id, "o1"));
        UnsureCatalog.FAULT.set(Fault.NONE);
        assertThat(commit(OptionalLong.of(id), "o2")).isNotEqualTo(id);
    }

    /** Iceberg itself would delete the manifests of the newest snapshot. */
    @Test
    void aCommitThatTookEffectAlthoughTheCatalogSaysItFailedIsLeftInOnePiece() {
        UnsureCatalog.FAULT.set(Fault.FAILED_BUT_DONE);
        long id = commit(OptionalLong.empty(), "o1");
        UnsureCatalog.FAULT.set(Fault.NONE);

        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new LakeCommitter.TieringCommit(id, "o1"));
        Table table = catalog.load(PATH);
        assertThat(table.currentSnapshot().allManifests(table.io())).isEmpty();
        assertThat(table.snapshots()).hasSize(1);
    }

    @Test
    void aCommitThatIsNotFoundStaysUnknownAndTheNextRoundCanCommit() {
        UnsureCatalog.FAULT.set(Fault.UNKNOWN_AND_NOT_DONE);
        assertFails(ErrorReason.LAKE_COMMIT_UNKNOWN, "fluss-commit-id");
        UnsureCatalog.FAULT.set(Fault.NONE);
        assertThat(catalog.table(PATH).committer().latestTieringCommit()).isEmpty();
        commit(OptionalLong.empty(), "o1");
    }

    @Test
    void exhaustedRetriesSayThatNothingWasCommitted() {
        UnsureCatalog.FAULT.set(Fault.ALWAYS_LATE);
        assertFails(ErrorReason.LAKE_COMMIT_FENCED, "nothing was committed");
        UnsureCatalog.FAULT.set(Fault.NONE);
        assertThat(catalog.table(PATH).committer().latestTieringCommit()).isEmpty();
    }

    private void assertFails(ErrorReason reason, String text) {
        assertThatThrownBy(() -> commit(OptionalLong.empty(), "o1"))
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(text);
    }

    private long commit(OptionalLong expected, String offsets) {
        return catalog.table(PATH)
                .committer()
                .commit(new LakeCommitter.Request(List.of(), offsets, expected, Map.of()));
    }
}
