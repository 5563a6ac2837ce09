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
package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeFormat;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.tiering.round.RoundCommand;
import io.fluss.tiering.spark.RoundProbe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Log tables and tables with a primary key in Paimon when commits go wrong. */
class PaimonTieringIT {
    @TempDir static Path dir;
    private static LakeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = LakeCluster.start(dir, TestedLake.PAIMON.settings(warehouse(), Map.of()));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource({"log", "merged", "vectors"})
    void aCommitWhoseOutcomeIsUnknownIsNeitherLostNorDoubled(String kind) throws Exception {
        WatchedTable table = create("unsure_" + kind, kind);
        for (boolean isDone : new boolean[] {true, false, true}) {
            table.write();
            AtomicBoolean hasFailed = new AtomicBoolean();
            assertOneFailure(
                    table,
                    "injected",
                    new BeforeOrAfterCommit(
                            isDone,
                            commit -> {
                                if (hasFailed.compareAndSet(false, true)) {
                                    throw ErrorReason.LAKE_COMMIT_UNKNOWN.exception("injected");
                                }
                            }));
        }
    }

    @ParameterizedTest
    @CsvSource({"log", "merged", "vectors"})
    void theSecondOfTwoJobsInOneRoundIsFenced(String kind) throws Exception {
        WatchedTable table = create("raced_" + kind, kind);
        for (int i = 0; i < 2; i++) {
            table.write();
            AtomicBoolean hasRaced = new AtomicBoolean();
            assertOneFailure(
                    table,
                    "newer tiering commit",
                    new BeforeOrAfterCommit(
                            false,
                            commit -> {
                                if (hasRaced.compareAndSet(false, true)) {
                                    commitByAnother(table.table, commit);
                                }
                            }));
        }
    }

    /** A service that still believes that it holds the table, and moves no offset. */
    private static void commitByAnother(TableInfo table, RoundCommand.CommitLake ours) {
        try (LakeCatalog catalog =
                LakeFormat.load("paimon").open(table.options().lakeCatalogProperties())) {
            String offsets =
                    LakeCluster.get(
                            cluster.connection()
                                    .tieringAdmin()
                                    .prepareSnapshot(table.tableId(), table.path(), Map.of()));
            var unused =
                    catalog.table(table.path())
                            .committer()
                            .commit(
                                    new LakeCommitter.Request(
                                            List.of(),
                                            offsets,
                                            ours.request().expectedLatest(),
                                            Map.of()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The first round fails and the next one makes it good. */
    private static void assertOneFailure(WatchedTable table, String reason, RoundProbe probe)
            throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        assertThat(cluster.tierOnce(table.table.path().table(), probe, 1, lines)).isEmpty();
        assertThat(lines.stream().filter(l -> l.contains("FAILED")))
                .singleElement()
                .asString()
                .contains(reason);
        assertThat(
                        StockPaimonCheck.check(
                                warehouse().toUri().toString(),
                                LakeCluster.DATABASE,
                                table.table.path().table()))
                .startsWith(table.exact());
        cluster.assertReadersHaveAll(table.table);
    }

    private static WatchedTable create(String name, String kind) throws Exception {
        if (kind.equals("log")) {
            return new WatchedTable.Log(
                    cluster,
                    cluster.create(name, withLake(TableDescriptor.of(WatchedTable.Log.SCHEMA))));
        }
        TableDescriptor keyed = withLake(TableDescriptor.of(WatchedTable.Keyed.SCHEMA));
        return new WatchedTable.Keyed(
                cluster,
                cluster.create(name, TestedLake.PAIMON.replacing(keyed, kind.equals("vectors"))));
    }

    private static TableDescriptor withLake(TableDescriptor table) {
        return table.withBuckets(3, "id").withProperty("table.datalake.enabled", "true");
    }

    private static Path warehouse() {
        return dir.resolve("lake");
    }

    /** Does something at the commit to the lake. */
    private record BeforeOrAfterCommit(
            boolean isAfter, java.util.function.Consumer<RoundCommand.CommitLake> does)
            implements RoundProbe {
        @Override
        public void before(RoundCommand step) {
            if (!isAfter && step instanceof RoundCommand.CommitLake commit) {
                does.accept(commit);
            }
        }

        @Override
        public void after(RoundCommand step) {
            if (isAfter && step instanceof RoundCommand.CommitLake commit) {
                does.accept(commit);
            }
        }
    }
}
