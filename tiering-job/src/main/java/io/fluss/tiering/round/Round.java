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

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.lake.TieringAdmin.SnapshotCommit;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.ErrorCategory;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One pass over one table. Not thread-safe: one caller executes {@link #start} and then each
 * command that {@link #on} returns, until {@link RoundCommand.Done}.
 *
 * <pre>
 * LOADING ─lake ahead→ REPAIRING → LOADING      (at most once: then the offsets are the lake's)
 * LOADING → PLANNING ─columns were added→ LOADING                (a few times)
 * PLANNING ─nothing to do→ ENDED
 * PLANNING → WRITING → CHECKING → PREPARING → RENEWING → COMMITTING_LAKE → COMMITTING_CLUSTER
 *          → SHOWING (if commits are not shown at once) → ABORTING (files behind a cut, if any)
 *          → ENDED
 * PLANNING ─nothing to do, commits are not shown at once→ SHOWING → ENDED
 * failure up to RENEWING, or a refused lake commit → ABORTING (all files) → ENDED
 * failure with unknown outcome, or after the lake commit → ENDED, nothing is deleted
 * </pre>
 *
 * The only progress is what the cluster has registered. Wherever a round breaks off, the next one
 * compares lake and cluster before it plans, and registers a lake snapshot that the cluster does
 * not know yet; so no row is lost and none is tiered twice. The lake commit is refused if another
 * service committed since this round was planned.
 */
public final class Round {
    private static final String OFFSETS_JSON_START = "{";
    private static final int LOADS_MAX = 5;

    private final TableInWork work;
    private final SplitPlanner planner;
    private final long shuffleSeed;
    private final Transitions transitions = new Transitions();

    private State state = State.NEW;
    private boolean isRepaired;
    private int loads;
    private @Nullable Progress planned;
    private List<BucketRange> ranges = List.of();
    private @Nullable WrittenBuckets written;
    private List<SplitResult> results = List.of();
    private String offsetsPath = "";
    private Optional<TieringCommit> newest = Optional.empty();
    private @Nullable RoundOutcome outcome;

    /** Where the round is. */
    enum State {
        NEW,
        LOADING,
        REPAIRING,
        PLANNING,
        WRITING,
        CHECKING,
        PREPARING,
        RENEWING,
        COMMITTING_LAKE,
        COMMITTING_CLUSTER,
        SHOWING,
        ABORTING,
        ENDED
    }

    public Round(TableInWork work, SplitPlanner planner, long shuffleSeed) {
        this.work = work;
        this.planner = planner;
        this.shuffleSeed = shuffleSeed;
    }

    /** The first command. */
    public RoundCommand start() {
        expect(State.NEW);
        state = State.LOADING;
        return new RoundCommand.ReadProgress();
    }

    /** Takes what came of the last command and says what to do next. */
    public RoundCommand on(RoundEvent event) {
        return event.accept(transitions);
    }

    State state() {
        return state;
    }

    private final class Transitions implements RoundEvent.Cases<RoundCommand> {
        @Override
        public RoundCommand progressRead(RoundEvent.ProgressRead event) {
            Progress now = event.progress();
            Optional<FlussException> refused = problem(now);
            if (refused.isPresent()) {
                return giveUp(refused.get());
            }
            return state == State.CHECKING ? check(now) : load(now);
        }

        @Override
        public RoundCommand succeeded(RoundEvent.Succeeded event) {
            return switch (state) {
                case REPAIRING -> {
                    isRepaired = true;
                    state = State.LOADING;
                    yield new RoundCommand.ReadProgress();
                }
                case COMMITTING_CLUSTER ->
                        planned().isShownAtOnce() ? committed() : show(tieredWith(usable().ends()));
                case SHOWING -> shown();
                case ABORTING -> end();
                case NEW,
                        LOADING,
                        PLANNING,
                        WRITING,
                        CHECKING,
                        PREPARING,
                        RENEWING,
                        COMMITTING_LAKE,
                        ENDED ->
                        throw unexpected(event);
            };
        }

        @Override
        public RoundCommand rangesRead(RoundEvent.RangesRead event) {
            expect(State.PLANNING);
            TableInfo table = planned().table();
            if (event.schemaId() != table.schemaId()) {
                return loadAgain(table, event.schemaId());
            }
            ranges = event.ranges();
            SplitPlanner sized = planner.forTable(table);
            List<BucketSplit> splits;
            try {
                Map<TableBucket, Long> tiered = tieredOffsets(planned());
                splits =
                        table.hasPrimaryKey()
                                ? sized.planKeyed(table.path(), ranges, tiered, shuffleSeed)
                                : sized.plan(table.path(), ranges, tiered, shuffleSeed);
            } catch (FlussException e) {
                return giveUp(e);
            }
            if (splits.isEmpty()) {
                newest = planned().inLake();
                return planned().isShownAtOnce() || newest.isEmpty()
                        ? nothingToDo()
                        : show(tieredOffsets(planned()));
            }
            state = State.WRITING;
            return new RoundCommand.Write(table, splits, sized.recordsMax());
        }

        @Override
        public RoundCommand written(RoundEvent.Written event) {
            expect(State.WRITING);
            results = event.results();
            WrittenBuckets w = WrittenBuckets.of(results);
            written = w;
            if (w.ends().isEmpty()) {
                // Cut before the first batch: nothing to commit, go on at once.
                return finish(0, 0, 0, w.isCut(), w.unusable(), tieredOffsets(planned()));
            }
            state = State.CHECKING;
            return new RoundCommand.ReadProgress();
        }

        @Override
        public RoundCommand prepared(RoundEvent.Prepared event) {
            expect(State.PREPARING);
            offsetsPath = event.offsetsPath();
            state = State.RENEWING;
            return new RoundCommand.Renew(planned().table());
        }

        @Override
        public RoundCommand renewed(RoundEvent.Renewed event) {
            expect(State.RENEWING);
            if (event.tableId() != work.tableId()) {
                return giveUp(recreated(event.tableId()));
            }
            state = State.COMMITTING_LAKE;
            return new RoundCommand.CommitLake(
                    new LakeCommitter.Request(
                            usable().files(),
                            offsetsPath,
                            planned().inLake().isPresent()
                                    ? OptionalLong.of(planned().inLake().orElseThrow().snapshotId())
                                    : OptionalLong.empty(),
                            Map.of()));
        }

        @Override
        public RoundCommand lakeCommitted(RoundEvent.LakeCommitted event) {
            expect(State.COMMITTING_LAKE);
            state = State.COMMITTING_CLUSTER;
            newest = Optional.of(new TieringCommit(event.snapshotId(), offsetsPath));
            return new RoundCommand.CommitCluster(
                    registration(
                            planned(),
                            event.snapshotId(),
                            offsetsPath,
                            usable().ends(),
                            usable().maxTimestampsMs()));
        }

        @Override
        public RoundCommand failed(RoundEvent.Failed event) {
            return switch (state) {
                case LOADING, REPAIRING, PLANNING -> giveUp(event.reason());
                case WRITING -> {
                    results = event.results();
                    yield giveUp(event.reason());
                }
                case CHECKING, PREPARING, RENEWING -> giveUp(event.reason());
                case COMMITTING_LAKE ->
                        wasRefused(event.reason())
                                ? giveUp(event.reason())
                                : leaveFiles(event.reason());
                // The next round finds the snapshot in the lake and registers it.
                case COMMITTING_CLUSTER -> leaveFiles(event.reason());
                // All is committed; what readers may use is looked for in every round.
                case SHOWING -> shown();
                case ABORTING -> end();
                case NEW, ENDED -> throw unexpected(event);
            };
        }
    }

    private RoundCommand load(Progress now) {
        expect(State.LOADING);
        Optional<TieringCommit> ahead = unregistered(now);
        if (ahead.isPresent()) {
            return repair(now, ahead.get());
        }
        planned = now;
        state = State.PLANNING;
        return new RoundCommand.ReadRanges(now.table());
    }

    /** Rows may have columns that the table as it was planned with lacks: these would be lost. */
    private RoundCommand loadAgain(TableInfo table, int schemaId) {
        if (++loads > LOADS_MAX) {
            return giveUp(
                    ErrorReason.SCHEMA_NOT_EXIST.exception(
                            work.path()
                                    + " got schema "
                                    + schemaId
                                    + " while the round was planned with schema "
                                    + table.schemaId()
                                    + ", for the "
                                    + loads
                                    + "th time; the next round tries again"));
        }
        state = State.LOADING;
        return new RoundCommand.ReadProgress();
    }

    private RoundCommand repair(Progress now, TieringCommit ahead) {
        if (isRepaired) {
            return giveUp(
                    ErrorReason.LAKE_COMMIT_FENCED.exception(
                            work.path()
                                    + ": lake snapshot "
                                    + ahead.snapshotId()
                                    + " appeared while the cluster's record was repaired; another"
                                    + " tiering service is at work"));
        }
        if (ahead.offsetsPath().contains(OFFSETS_JSON_START)) {
            return giveUp(
                    ErrorReason.INVALID_TABLE.exception(
                            work.path()
                                    + ": lake snapshot "
                                    + ahead.snapshotId()
                                    + " is not registered and was written by a service older than"
                                    + " 0.9; register it with that service first"));
        }
        state = State.REPAIRING;
        return new RoundCommand.Repair(
                registration(now, ahead.snapshotId(), ahead.offsetsPath(), Map.of(), Map.of()));
    }

    /** Nobody may have committed between plan and commit. */
    private RoundCommand check(Progress now) {
        if (!now.inLake().equals(planned().inLake()) || unregistered(now).isPresent()) {
            return giveUp(
                    ErrorReason.LAKE_COMMIT_FENCED.exception(
                            work.path()
                                    + ": another tiering service committed to the lake during this"
                                    + " round (planned on "
                                    + planned().inLake()
                                    + ", now "
                                    + now.inLake()
                                    + ")"));
        }
        state = State.PREPARING;
        return new RoundCommand.Prepare(planned().table(), usable().ends());
    }

    private RoundCommand show(Map<TableBucket, Long> tiered) {
        state = State.SHOWING;
        return new RoundCommand.Show(newest.orElseThrow(), tiered);
    }

    private RoundCommand shown() {
        return written == null ? nothingToDo() : committed();
    }

    private RoundCommand nothingToDo() {
        return finish(0, 0, 0, false, List.of(), tieredOffsets(planned()));
    }

    private Map<TableBucket, Long> tieredWith(Map<TableBucket, Long> ends) {
        Map<TableBucket, Long> tiered = new HashMap<>(tieredOffsets(planned()));
        tiered.putAll(ends);
        return tiered;
    }

    private RoundCommand committed() {
        WrittenBuckets w = usable();
        return finish(
                w.files().stream().mapToLong(LakeWriter.Result::rows).sum(),
                w.files().stream().mapToLong(LakeWriter.Result::files).sum(),
                w.files().stream().mapToLong(LakeWriter.Result::sizeBytes).sum(),
                w.isCut(),
                w.unusable(),
                tieredWith(w.ends()));
    }

    private RoundCommand finish(
            long rows,
            long files,
            long sizeBytes,
            boolean isCut,
            List<LakeWriter.Result> unusable,
            Map<TableBucket, Long> tiered) {
        outcome =
                new RoundOutcome(
                        Optional.empty(),
                        isCut,
                        rows,
                        files,
                        sizeBytes,
                        SplitPlanner.lagRecords(ranges, tiered));
        return unusable.isEmpty() ? end() : abort(unusable);
    }

    /** Fails the round and deletes its files: no snapshot refers to them, and none will. */
    private RoundCommand giveUp(FlussException reason) {
        List<LakeWriter.Result> files = WrittenBuckets.files(results);
        leaveFiles(reason);
        return files.isEmpty() ? end() : abort(files);
    }

    /** Fails the round; its files may be part of a snapshot. */
    private RoundCommand leaveFiles(FlussException reason) {
        Map<TableBucket, Long> tiered = planned == null ? Map.of() : tieredOffsets(planned);
        outcome = RoundOutcome.failed(reason, SplitPlanner.lagRecords(ranges, tiered));
        return end();
    }

    private RoundCommand abort(List<LakeWriter.Result> files) {
        state = State.ABORTING;
        return new RoundCommand.Abort(files);
    }

    private RoundCommand end() {
        state = State.ENDED;
        if (outcome == null) {
            throw new IllegalStateException(work.path() + ": round ends without an outcome");
        }
        return new RoundCommand.Done(outcome);
    }

    /**
     * Only an answer that says "nothing was published" allows to delete files; a broken connection
     * or a failure that nobody foresaw does not.
     */
    private static boolean wasRefused(FlussException reason) {
        return reason.category() == ErrorCategory.FENCED
                || (reason.category() == ErrorCategory.REJECTED
                        && reason.reason() != ErrorReason.UNKNOWN_SERVER_ERROR);
    }

    private Optional<FlussException> problem(Progress now) {
        TableInfo table = now.table();
        if (table.tableId() != work.tableId()) {
            return Optional.of(recreated(table.tableId()));
        }
        if (now.registered().isPresent()) {
            LakeSnapshot registered = now.registered().get();
            if (registered.tableId() != work.tableId()) {
                return Optional.of(recreated(registered.tableId()));
            }
            if (now.inLake().isEmpty()) {
                return Optional.of(
                        ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                                work.path()
                                        + ": the cluster has registered lake snapshot "
                                        + registered.snapshotId()
                                        + " but the lake table holds no snapshot of a tiering"
                                        + " service; was it re-created, or its history expired?"
                                        + " Drop and re-create the table, or restore the lake"
                                        + " table"));
            }
        }
        return Optional.empty();
    }

    private FlussException recreated(long idNow) {
        return ErrorReason.TABLE_NOT_EXIST.exception(
                work.path()
                        + ": table "
                        + work.tableId()
                        + " was dropped during the round and re-created as "
                        + idNow
                        + "; nothing is committed");
    }

    private static Optional<TieringCommit> unregistered(Progress now) {
        return now.inLake()
                .filter(
                        c ->
                                now.registered().isEmpty()
                                        || now.registered().get().snapshotId() != c.snapshotId());
    }

    /** If what is committed can be read at once, both paths are one. */
    private SnapshotCommit registration(
            Progress progress,
            long snapshotId,
            String path,
            Map<TableBucket, Long> ends,
            Map<TableBucket, Long> timestamps) {
        return new SnapshotCommit(
                work.tableId(),
                work.path(),
                snapshotId,
                path,
                progress.isShownAtOnce() ? Optional.of(path) : Optional.empty(),
                OptionalLong.of(-1),
                ends,
                timestamps);
    }

    private static Map<TableBucket, Long> tieredOffsets(Progress progress) {
        return progress.registered().map(LakeSnapshot::endOffsets).orElse(Map.of());
    }

    private Progress planned() {
        if (planned == null) {
            throw new IllegalStateException(work.path() + ": round is " + state + ", not planned");
        }
        return planned;
    }

    private WrittenBuckets usable() {
        if (written == null) {
            throw new IllegalStateException(work.path() + ": round is " + state + ", not written");
        }
        return written;
    }

    private void expect(State expected) {
        if (state != expected) {
            throw new IllegalStateException(
                    work.path() + ": round is " + state + ", not " + expected);
        }
    }

    private IllegalStateException unexpected(RoundEvent event) {
        return new IllegalStateException(work.path() + ": round is " + state + ", got " + event);
    }
}
