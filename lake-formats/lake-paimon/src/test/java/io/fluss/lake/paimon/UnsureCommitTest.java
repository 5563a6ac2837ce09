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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.paimon.UnsureFiles.Fault;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a round does when the storage does not say whether it committed. */
class UnsureCommitTest {
    private static final TablePath PATH = TablePath.of("sales", "orders");

    @TempDir Path dir;
    private LakeCatalog catalog;

    @BeforeEach
    void open() {
        UnsureFiles.FAULT.set(Fault.NONE);
        catalog =
                new PaimonLakeFormat()
                        .open(Map.of("warehouse", UnsureFiles.SCHEME + "://" + dir.toString()));
        catalog.createTable(
                PATH,
                TableDescriptor.of(TableSchema.of(Column.of("id", DataTypes.bigInt())))
                        .withBuckets(1),
                true);
    }

    @AfterEach
    void close() {
        UnsureFiles.FAULT.set(Fault.NONE);
        catalog.close();
    }

    @Test
    void aCommitThatTookEffectIsFoundByItsIdentity() {
        UnsureFiles.FAULT.set(Fault.UNKNOWN_BUT_DONE);
        long id = commit(OptionalLong.empty(), "o1");
        assertThat(catalog.table(PATH).committer().latestTieringCommit())
                .contains(new LakeCommitter.TieringCommit(id, "o1"));
        UnsureFiles.FAULT.set(Fault.NONE);
        assertThat(commit(OptionalLong.of(id), "o2")).isEqualTo(id + 1);
    }

    @Test
    void aCommitThatIsNotFoundStaysUnknownAndTheNextRoundCanCommit() {
        UnsureFiles.FAULT.set(Fault.UNKNOWN_AND_NOT_DONE);
        assertFails(ErrorReason.LAKE_COMMIT_UNKNOWN, "fluss-commit-id");
        UnsureFiles.FAULT.set(Fault.NONE);
        assertThat(catalog.table(PATH).committer().latestTieringCommit()).isEmpty();
        assertThat(commit(OptionalLong.empty(), "o1")).isEqualTo(1);
    }

    @Test
    void exhaustedRetriesSayThatNothingWasCommitted() {
        UnsureFiles.FAULT.set(Fault.ALWAYS_LATE);
        assertFails(ErrorReason.LAKE_COMMIT_FENCED, "nothing was committed");
        UnsureFiles.FAULT.set(Fault.NONE);
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
