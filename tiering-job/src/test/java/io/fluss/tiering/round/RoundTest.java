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
package io.fluss.tiering.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.lake.TieringAdmin.SnapshotCommit;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTest {
    private static final TablePath PATH = TablePath.of("db", "t");
    private static final TableBucket B0 = TableBucket.of(7, 0);
    private static final TableBucket B1 = TableBucket.of(7, 1);
    private static final TableInWork WORK = new TableInWork(7, PATH, 3, 1);
    private static final FlussException LOST = ErrorReason.NETWORK.exception("gone");
    private static final FakeFiles FILES0 = new FakeFiles("f0", 5);
    private static final FakeFiles FILES1 = new FakeFiles("f1", 2);

    private final Round round = new Round(WORK, new SplitPlanner(0, false), 1);

    @Test
    void commitsToLakeThenToCluster() {
        List<BucketSplit> splits = plan();
        assertThat(on(new RoundEvent.Written(complete(splits))))
                .isEqualTo(new RoundCommand.ReadProgress());
        assertThat(on(progress(null, null)))
                .isEqualTo(new RoundCommand.Prepare(table(7), Map.of(B0, 5L, B1, 2L)));
        assertThat(on(new RoundEvent.Prepared("path"))).isInstanceOf(RoundCommand.Renew.class);
        RoundCommand commit = on(new RoundEvent.Renewed(7));
        assertThat(commit)
                .isInstanceOfSatisfying(
                        RoundCommand.CommitLake.class,
                        c -> {
                            assertThat(c.request().results())
                                    .containsExactlyInAnyOrder(FILES0, FILES1);
                            assertThat(c.request().offsetsPath()).isEqualTo("path");
                            assertThat(c.request().expectedLatest()).isEmpty();
                        });
        assertThat(on(new RoundEvent.LakeCommitted(99)))
                .isEqualTo(
                        new RoundCommand.CommitCluster(
                                new SnapshotCommit(
                                        7,
                                        PATH,
                                        99,
                                        "path",
                                        Optional.of("path"),
                                        OptionalLong.of(-1),
                                        Map.of(B0, 5L, B1, 2L),
                                        Map.of(B0, 1000L, B1, 1000L))));
        RoundOutcome outcome = done(on(new RoundEvent.Succeeded()));
        assertThat(outcome.failure()).isEmpty();
        assertThat(outcome.rows()).isEqualTo(7);
        assertThat(outcome.files()).isEqualTo(2);
        assertThat(outcome.lagRecords()).isZero();
        assertThat(outcome.isCut()).isFalse();
    }

    @Test
    void commitIsConditionalOnTheSnapshotItWasPlannedOn() {
        toWriting(progress(12L, 12L, Map.of(B0, 1L)));
        on(new RoundEvent.Written(List.of(result(B0, 1, 5, 5, FILES0))));
        on(progress(12L, 12L));
        on(new RoundEvent.Prepared("path"));
        assertThat(on(new RoundEvent.Renewed(7)))
                .isInstanceOfSatisfying(
                        RoundCommand.CommitLake.class,
                        c -> assertThat(c.request().expectedLatest()).hasValue(12));
    }

    @Test
    void nothingToDoEndsWithoutCommit() {
        round.start();
        on(progress(null, null));
        RoundOutcome outcome = done(on(new RoundEvent.RangesRead(List.of(), 1)));
        assertThat(outcome.failure()).isEmpty();
    }

    @Test
    void registersWhatTheLakeHasAndTheClusterDoesNotKnowBeforePlanning() {
        round.start();
        assertThat(on(progress(12L, 13L)))
                .isInstanceOfSatisfying(
                        RoundCommand.Repair.class,
                        r -> {
                            assertThat(r.commit().snapshotId()).isEqualTo(13);
                            assertThat(r.commit().tieredOffsetsPath()).isEqualTo("offsets-13");
                            assertThat(r.commit().readableOffsetsPath()).contains("offsets-13");
                            assertThat(r.commit().earliestSnapshotIdToKeep()).hasValue(-1);
                        });
        assertThat(on(new RoundEvent.Succeeded())).isEqualTo(new RoundCommand.ReadProgress());
        assertThat(on(progress(13L, 13L))).isInstanceOf(RoundCommand.ReadRanges.class);
    }

    @Test
    void repairsAFirstCommitToo() {
        round.start();
        assertThat(on(progress(null, 13L))).isInstanceOf(RoundCommand.Repair.class);
    }

    @Test
    void doesNotRepairForEver() {
        round.start();
        on(progress(12L, 13L));
        on(new RoundEvent.Succeeded());
        assertFailed(on(progress(12L, 14L)), ErrorReason.LAKE_COMMIT_FENCED);
    }

    @Test
    void refusesALakeTableThatLostItsSnapshots() {
        round.start();
        assertFailed(on(progress(12L, null)), ErrorReason.LAKE_SNAPSHOT_NOT_EXIST);
    }

    @Test
    void refusesOffsetsOfServicesThatAreTooOld() {
        round.start();
        assertFailed(
                on(
                        new RoundEvent.ProgressRead(
                                new Progress(
                                        table(7),
                                        Optional.empty(),
                                        Optional.of(new TieringCommit(5, "{\"version\":1}"))))),
                ErrorReason.INVALID_TABLE);
    }

    @Test
    void failsATableThatWasReplacedBeforeOrDuringTheRound() {
        round.start();
        assertFailed(
                on(
                        new RoundEvent.ProgressRead(
                                new Progress(table(8), Optional.empty(), Optional.empty()))),
                ErrorReason.TABLE_NOT_EXIST);
    }

    @Test
    void deletesFilesIfTheTableWasReplacedAfterWriting() {
        List<BucketSplit> splits = plan();
        on(new RoundEvent.Written(complete(splits)));
        RoundCommand next =
                on(
                        new RoundEvent.ProgressRead(
                                new Progress(table(8), Optional.empty(), Optional.empty())));
        assertAborts(next, ErrorReason.TABLE_NOT_EXIST);
    }

    @Test
    void deletesFilesIfTheTableWasReplacedAfterPrepare() {
        toRenewing();
        assertAborts(on(new RoundEvent.Renewed(8)), ErrorReason.TABLE_NOT_EXIST);
    }

    @Test
    void deletesFilesIfAnotherServiceCommittedMeanwhile() {
        List<BucketSplit> splits = plan();
        on(new RoundEvent.Written(complete(splits)));
        assertAborts(on(progress(13L, 13L)), ErrorReason.LAKE_COMMIT_FENCED);
    }

    @Test
    void deletesFilesOfAFencedLakeCommit() {
        toRenewing();
        on(new RoundEvent.Renewed(7));
        assertAborts(on(failed(ErrorReason.LAKE_COMMIT_FENCED)), ErrorReason.LAKE_COMMIT_FENCED);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorReason.class,
            names = {"LAKE_COMMIT_UNKNOWN", "NETWORK", "UNKNOWN_SERVER_ERROR", "REQUEST_TIME_OUT"})
    void deletesNothingIfTheLakeCommitMayHaveHappened(ErrorReason reason) {
        toRenewing();
        on(new RoundEvent.Renewed(7));
        assertFailed(on(failed(reason)), reason);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorReason.class,
            names = {"NETWORK", "FENCED_TIERING_EPOCH", "TABLE_NOT_EXIST"})
    void deletesNothingAfterTheLakeCommit(ErrorReason reason) {
        toRenewing();
        on(new RoundEvent.Renewed(7));
        on(new RoundEvent.LakeCommitted(99));
        assertFailed(on(failed(reason)), reason);
    }

    @Test
    void failureBeforeWritingHasNothingToDelete() {
        round.start();
        assertFailed(on(new RoundEvent.Failed(LOST)), ErrorReason.NETWORK);
    }

    @Test
    void failureOfTheRepairFailsTheRound() {
        round.start();
        on(progress(null, 13L));
        assertFailed(on(new RoundEvent.Failed(LOST)), ErrorReason.NETWORK);
    }

    @Test
    void failureWhileListingOffsetsFailsTheRound() {
        round.start();
        on(progress(null, null));
        assertFailed(on(new RoundEvent.Failed(LOST)), ErrorReason.NETWORK);
    }

    @Test
    void aGapInTheLogFailsTheRound() {
        round.start();
        on(progress(12L, 12L, Map.of(B0, 2L)));
        assertFailed(
                on(new RoundEvent.RangesRead(List.of(new BucketRange(B0, "", 4, 9)), 1)),
                ErrorReason.LOG_OFFSET_OUT_OF_RANGE);
    }

    @Test
    void failedWriteDeletesTheFilesOfTheTasksThatEndedWell() {
        List<BucketSplit> splits = plan();
        RoundCommand next = on(new RoundEvent.Failed(LOST, List.of(complete(splits).get(0))));
        assertThat(next).isInstanceOf(RoundCommand.Abort.class);
        assertThat(((RoundCommand.Abort) next).files()).hasSize(1);
        assertFailed(on(new RoundEvent.Succeeded()), ErrorReason.NETWORK);
    }

    @Test
    void failureBetweenWriteAndLakeCommitDeletesFiles() {
        List<BucketSplit> splits = plan();
        on(new RoundEvent.Written(complete(splits)));
        assertAborts(on(new RoundEvent.Failed(LOST)), ErrorReason.NETWORK);
    }

    @Test
    void failureOfPrepareDeletesFiles() {
        List<BucketSplit> splits = plan();
        on(new RoundEvent.Written(complete(splits)));
        on(progress(null, null));
        assertAborts(on(new RoundEvent.Failed(LOST)), ErrorReason.NETWORK);
    }

    @Test
    void lostClaimDeletesFiles() {
        toRenewing();
        assertAborts(
                on(failed(ErrorReason.FENCED_TIERING_EPOCH)), ErrorReason.FENCED_TIERING_EPOCH);
    }

    @Test
    void failedDeletionKeepsTheReasonOfTheRound() {
        toRenewing();
        on(new RoundEvent.Renewed(8));
        assertFailed(on(new RoundEvent.Failed(LOST)), ErrorReason.TABLE_NOT_EXIST);
    }

    @Test
    void offsetsAdvanceOverEmptyBatchesWithoutFiles() {
        toWriting(progress(null, null));
        on(new RoundEvent.Written(List.of(result(B0, 0, 5, 5, null))));
        assertThat(on(progress(null, null)))
                .isEqualTo(new RoundCommand.Prepare(table(7), Map.of(B0, 5L)));
        on(new RoundEvent.Prepared("path"));
        assertThat(on(new RoundEvent.Renewed(7)))
                .isInstanceOfSatisfying(
                        RoundCommand.CommitLake.class,
                        c -> assertThat(c.request().results()).isEmpty());
    }

    @Test
    void cutRoundCommitsAPrefixOfEachBucketAndDeletesTheRest() {
        toWriting(progress(null, null));
        on(
                new RoundEvent.Written(
                        List.of(
                                new SplitResult(BucketSplit.log(1, B0, "", 3, 5), 5, 1, FILES1),
                                new SplitResult(BucketSplit.log(0, B0, "", 0, 3), 2, 1, FILES0),
                                new SplitResult(BucketSplit.log(2, B1, "", 0, 2), 0, -1, null))));
        assertThat(on(progress(null, null)))
                .isEqualTo(new RoundCommand.Prepare(table(7), Map.of(B0, 2L)));
        on(new RoundEvent.Prepared("path"));
        assertThat(on(new RoundEvent.Renewed(7)))
                .isInstanceOfSatisfying(
                        RoundCommand.CommitLake.class,
                        c -> assertThat(c.request().results()).containsExactly(FILES0));
        on(new RoundEvent.LakeCommitted(99));
        assertThat(on(new RoundEvent.Succeeded()))
                .isEqualTo(new RoundCommand.Abort(List.of(FILES1)));
        RoundOutcome outcome = done(on(new RoundEvent.Succeeded()));
        assertThat(outcome.isCut()).isTrue();
        assertThat(outcome.isFailed()).isFalse();
        assertThat(outcome.lagRecords()).isEqualTo(5);
    }

    @Test
    void roundCutBeforeTheFirstBatchCommitsNothing() {
        toWriting(progress(null, null));
        RoundOutcome outcome = done(on(new RoundEvent.Written(List.of(result(B0, 0, 5, 0, null)))));
        assertThat(outcome.isCut()).isTrue();
        assertThat(outcome.isFailed()).isFalse();
    }

    @Test
    void plansAgainIfColumnsCameBetweenTableAndRanges() {
        round.start();
        on(progress(null, null));
        List<BucketRange> ranges = List.of(new BucketRange(B0, "", 0, 5));
        assertThat(on(new RoundEvent.RangesRead(ranges, 2)))
                .isEqualTo(new RoundCommand.ReadProgress());
        assertThat(
                        on(
                                new RoundEvent.ProgressRead(
                                        new Progress(
                                                table(7, 2, List.of()),
                                                Optional.empty(),
                                                Optional.empty()))))
                .isInstanceOf(RoundCommand.ReadRanges.class);
        assertThat(on(new RoundEvent.RangesRead(ranges, 2)))
                .isInstanceOfSatisfying(
                        RoundCommand.Write.class,
                        w -> assertThat(w.table().schemaId()).isEqualTo(2));
    }

    @Test
    void doesNotPlanForEver() {
        round.start();
        RoundCommand next = on(progress(null, null));
        for (int i = 0; next instanceof RoundCommand.ReadRanges && i < 100; i++) {
            next = on(new RoundEvent.RangesRead(List.of(), 2));
            next = next instanceof RoundCommand.ReadProgress ? on(progress(null, null)) : next;
        }
        assertFailed(next, ErrorReason.SCHEMA_NOT_EXIST);
    }

    @Test
    void firstRoundOfAKeyedTableRegistersTheOffsetOfItsRows() {
        List<BucketSplit> splits = toWritingKeyed(null, Map.of());
        assertThat(splits).extracting(BucketSplit::source).containsOnly(BucketSplit.Source.ROWS);
        // The rows of one bucket are newer than the plan, those of the other one older.
        on(
                new RoundEvent.Written(
                        splits.stream()
                                .map(
                                        s ->
                                                s.bucket().equals(B0)
                                                        ? new SplitResult(s, 9, -1, FILES0)
                                                        : new SplitResult(s, 1, -1, FILES1))
                                .toList()));
        assertThat(on(keyedProgress(null, Map.of())))
                .isInstanceOfSatisfying(
                        RoundCommand.Prepare.class,
                        p -> assertThat(p.ends()).isEqualTo(Map.of(B0, 9L, B1, 1L)));
        on(new RoundEvent.Prepared("path"));
        on(new RoundEvent.Renewed(7));
        on(new RoundEvent.LakeCommitted(99));
        RoundOutcome outcome = done(on(new RoundEvent.Succeeded()));
        assertThat(outcome.isFailed()).isFalse();
        assertThat(outcome.isCut()).as("the changes behind the rows are due at once").isTrue();
        assertThat(outcome.lagRecords()).isEqualTo(1);
    }

    @Test
    void laterRoundsOfAKeyedTableCopyEachBucketsChangesInOneSplit() {
        assertThat(toWritingKeyed(12L, Map.of(B0, 1L)))
                .containsExactlyInAnyOrder(
                        new BucketSplit(0, B0, "", BucketSplit.Source.LOG, 1, 5),
                        new BucketSplit(1, B1, "", BucketSplit.Source.ROWS, 0, 2));
    }

    @Test
    void aGapInTheChangelogFailsTheRound() {
        round.start();
        on(keyedProgress(12L, Map.of(B0, 2L)));
        RoundCommand next =
                on(new RoundEvent.RangesRead(List.of(new BucketRange(B0, "", 4, 9)), 1));
        assertThat(done(next).failure().orElseThrow()).hasMessageContaining("[2, 4)");
    }

    private List<BucketSplit> toWritingKeyed(
            @Nullable Long snapshot, Map<TableBucket, Long> offsets) {
        round.start();
        on(keyedProgress(snapshot, offsets));
        RoundCommand write =
                on(
                        new RoundEvent.RangesRead(
                                List.of(
                                        new BucketRange(B0, "", 0, 5),
                                        new BucketRange(B1, "", 0, 2)),
                                1));
        return ((RoundCommand.Write) write).splits();
    }

    private static RoundEvent keyedProgress(
            @Nullable Long snapshot, Map<TableBucket, Long> offsets) {
        return new RoundEvent.ProgressRead(
                new Progress(
                        table(7, 1, List.of("a")),
                        Optional.ofNullable(snapshot).map(id -> new LakeSnapshot(7, id, offsets)),
                        Optional.ofNullable(snapshot)
                                .map(id -> new TieringCommit(id, "offsets-" + id))));
    }

    @Test
    void aLakeThatShowsCommitsLaterIsAskedWhatReadersMayUseAfterTheCommit() {
        toWriting(later(12L, Map.of(B0, 1L)));
        on(new RoundEvent.Written(List.of(result(B1, 0, 2, 2, FILES1))));
        on(later(12L, Map.of(B0, 1L)));
        on(new RoundEvent.Prepared("path"));
        on(new RoundEvent.Renewed(7));
        assertThat(on(new RoundEvent.LakeCommitted(99)))
                .isInstanceOfSatisfying(
                        RoundCommand.CommitCluster.class,
                        c -> assertThat(c.commit().readableOffsetsPath()).isEmpty());
        assertThat(on(new RoundEvent.Succeeded()))
                .isEqualTo(
                        new RoundCommand.Show(
                                new TieringCommit(99, "path"), Map.of(B0, 1L, B1, 2L)));
        assertThat(done(on(new RoundEvent.Succeeded())).rows()).isEqualTo(2);
    }

    @Test
    void aLakeThatShowsCommitsLaterIsAskedAlsoIfThereIsNothingToDo() {
        round.start();
        on(later(12L, Map.of(B0, 5L)));
        assertThat(on(new RoundEvent.RangesRead(List.of(), 1)))
                .isEqualTo(
                        new RoundCommand.Show(new TieringCommit(12, "offsets-12"), Map.of(B0, 5L)));
        // What readers may use is looked for again; nothing else is at stake.
        assertThat(done(on(new RoundEvent.Failed(LOST))).failure()).isEmpty();
    }

    @Test
    void aLakeThatShowsCommitsLaterAndHasNoneIsNotAsked() {
        round.start();
        on(later(null, Map.of()));
        assertThat(done(on(new RoundEvent.RangesRead(List.of(), 1))).failure()).isEmpty();
    }

    @Test
    void whatReadersMayUseIsNotSaidByARepairOfALakeThatShowsCommitsLater() {
        round.start();
        assertThat(
                        on(
                                new RoundEvent.ProgressRead(
                                        new Progress(
                                                table(7),
                                                Optional.empty(),
                                                Optional.of(new TieringCommit(13, "offsets-13")),
                                                false))))
                .isInstanceOfSatisfying(
                        RoundCommand.Repair.class,
                        r -> assertThat(r.commit().readableOffsetsPath()).isEmpty());
    }

    private static RoundEvent later(@Nullable Long snapshot, Map<TableBucket, Long> offsets) {
        return new RoundEvent.ProgressRead(
                new Progress(
                        table(7),
                        Optional.ofNullable(snapshot).map(id -> new LakeSnapshot(7, id, offsets)),
                        Optional.ofNullable(snapshot)
                                .map(id -> new TieringCommit(id, "offsets-" + id)),
                        false));
    }

    @Test
    void refusesEventsThatDoNotFitTheState() {
        round.start();
        assertThatThrownBy(() -> on(new RoundEvent.LakeCommitted(1)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> on(new RoundEvent.Succeeded()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(round::start).isInstanceOf(IllegalStateException.class);
    }

    private RoundCommand on(RoundEvent event) {
        return round.on(event);
    }

    private List<BucketSplit> plan() {
        return toWriting(progress(null, null));
    }

    private List<BucketSplit> toWriting(RoundEvent progress) {
        round.start();
        on(progress);
        RoundCommand write =
                on(
                        new RoundEvent.RangesRead(
                                List.of(
                                        new BucketRange(B0, "", 0, 5),
                                        new BucketRange(B1, "", 0, 2)),
                                1));
        return ((RoundCommand.Write) write).splits();
    }

    private void toRenewing() {
        List<BucketSplit> splits = plan();
        on(new RoundEvent.Written(complete(splits)));
        on(progress(null, null));
        on(new RoundEvent.Prepared("path"));
    }

    private void assertAborts(RoundCommand next, ErrorReason reason) {
        assertThat(next)
                .isInstanceOfSatisfying(
                        RoundCommand.Abort.class,
                        a -> assertThat(a.files()).containsExactlyInAnyOrder(FILES0, FILES1));
        assertFailed(on(new RoundEvent.Succeeded()), reason);
    }

    private void assertFailed(RoundCommand next, ErrorReason reason) {
        assertThat(done(next).failure().orElseThrow().reason()).isEqualTo(reason);
        assertThat(round.state()).isEqualTo(Round.State.ENDED);
    }

    private static RoundOutcome done(RoundCommand command) {
        assertThat(command).isInstanceOf(RoundCommand.Done.class);
        return ((RoundCommand.Done) command).outcome();
    }

    private static RoundEvent failed(ErrorReason reason) {
        return new RoundEvent.Failed(reason.exception("injected"));
    }

    private static List<SplitResult> complete(List<BucketSplit> splits) {
        return splits.stream()
                .map(s -> new SplitResult(s, s.to(), 1000, s.bucket().equals(B0) ? FILES0 : FILES1))
                .toList();
    }

    private static SplitResult result(
            TableBucket bucket, long from, long to, long end, @Nullable FakeFiles files) {
        return new SplitResult(BucketSplit.log(0, bucket, "", from, to), end, 1, files);
    }

    private static RoundEvent progress(@Nullable Long registered, @Nullable Long inLake) {
        return progress(registered, inLake, Map.of());
    }

    private static RoundEvent progress(
            @Nullable Long registered, @Nullable Long inLake, Map<TableBucket, Long> offsets) {
        return new RoundEvent.ProgressRead(
                new Progress(
                        table(7),
                        Optional.ofNullable(registered).map(id -> new LakeSnapshot(7, id, offsets)),
                        Optional.ofNullable(inLake)
                                .map(id -> new TieringCommit(id, "offsets-" + id))));
    }

    private static TableInfo table(long id) {
        return table(id, 1, List.of());
    }

    private static TableInfo table(long id, int schemaId, List<String> key) {
        return new TableInfo(
                PATH,
                id,
                schemaId,
                TableDescriptor.of(
                                TableSchema.of(List.of(Column.of("a", DataTypes.integer())), key))
                        .withBuckets(2),
                0,
                0);
    }
}
