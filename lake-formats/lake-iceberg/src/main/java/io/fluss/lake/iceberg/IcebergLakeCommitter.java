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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.SnapshotUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the files of a round. The fence is an ancestry validator: Iceberg runs it on the very
 * metadata that a commit attempt replaces, so it cannot be outrun, and runs it again on every
 * retry.
 */
final class IcebergLakeCommitter implements LakeCommitter {
    /** Snapshot property that tells our commit from others when its outcome is unclear. */
    static final String COMMIT_ID_PROPERTY = "fluss-commit-id";

    private static final Logger LOG = LoggerFactory.getLogger(IcebergLakeCommitter.class);

    private final IcebergLakeCatalog catalog;
    private final TablePath path;
    private final UUID tableUuid;
    private final FileIO io;

    IcebergLakeCommitter(IcebergLakeCatalog catalog, TablePath path, Table table) {
        this.catalog = catalog;
        this.path = path;
        this.tableUuid = table.uuid();
        this.io = table.io();
    }

    @Override
    public Optional<TieringCommit> latestTieringCommit() {
        return TieringFence.latest(SnapshotUtil.currentAncestors(load()));
    }

    @Override
    public long commit(Request request) {
        Table table = load();
        String commitId = UUID.randomUUID().toString();
        TieringFence fence = new TieringFence(path, request.expectedLatest());
        SnapshotUpdate<?> update = update(table, request, commitId, fence);
        try {
            update.commit();
        } catch (ValidationException e) {
            throw fence.refusal()
                    .orElseGet(
                            () ->
                                    ErrorReason.LAKE_COMMIT_FENCED.exception(
                                            "others have changed files of Iceberg table "
                                                    + path
                                                    + " that this commit refers to; nothing was"
                                                    + " committed, the next round tries again: "
                                                    + e.getMessage(),
                                            e));
        } catch (CommitFailedException e) {
            // Iceberg says that it gave up, and has deleted its own manifests; a catalog that
            // nevertheless took one of the attempts must not cost us the data files.
            return found(commitId, e)
                    .orElseThrow(
                            () ->
                                    ErrorReason.LAKE_COMMIT_FENCED.exception(
                                            "commits of others to Iceberg table "
                                                    + path
                                                    + " were faster in every attempt; nothing was"
                                                    + " committed, the next round tries again",
                                            e));
        } catch (RuntimeException e) {
            // Its absence proves nothing.
            return found(commitId, e).orElseThrow(() -> unknown(commitId, e));
        }
        return committed(table, commitId).orElseGet(() -> idOf(commitId));
    }

    @Override
    public void abort(List<LakeWriter.Result> results) {
        delete(io, results);
    }

    static void delete(FileIO io, List<LakeWriter.Result> results) {
        for (LakeWriter.Result result : results) {
            ((IcebergWriteResult) result).locations().forEach(file -> delete(io, file));
        }
    }

    /** Deletes a file of ours; one that stays is an orphan and does no harm. */
    static void delete(FileIO io, String location) {
        try {
            io.deleteFile(location);
        } catch (RuntimeException e) {
            LOG.warn("Data file {} could not be deleted and is an orphan now", location, e);
        }
    }

    private SnapshotUpdate<?> update(
            Table table, Request request, String commitId, TieringFence fence) {
        List<RowChanges> changes = new ArrayList<>();
        for (LakeWriter.Result result : request.results()) {
            RowChanges c = ((IcebergWriteResult) result).changes();
            if (c != null) {
                changes.add(c);
            }
        }
        SnapshotUpdate<?> update =
                changes.isEmpty()
                        ? append(table, request)
                        : rowDelta(table, request, baseOf(table, request, changes), changes);
        request.properties().forEach(update::set);
        update.set(COMMIT_USER_PROPERTY, COMMIT_USER);
        update.set(OFFSETS_PROPERTY, request.offsetsPath());
        update.set(COMMIT_ID_PROPERTY, commitId);
        update.validateWith(fence);
        return update;
    }

    private static AppendFiles append(Table table, Request request) {
        AppendFiles append = table.newAppend();
        for (LakeWriter.Result result : request.results()) {
            ((IcebergWriteResult) result).dataFiles().forEach(append::appendFile);
        }
        return append;
    }

    /**
     * Rows are replaced on condition that the data files they are in are still there: when others
     * have rewritten them, the deletes would miss the rows.
     */
    private static RowDelta rowDelta(
            Table table, Request request, long base, List<RowChanges> changes) {
        RowDelta delta = table.newRowDelta();
        for (LakeWriter.Result result : request.results()) {
            ((IcebergWriteResult) result).dataFiles().forEach(delta::addRows);
        }
        List<String> touched = new ArrayList<>();
        for (RowChanges c : changes) {
            c.added().forEach(delta::addDeletes);
            c.replaced().forEach(delta::removeDeletes);
            c.dead().forEach(delta::removeRows);
            touched.addAll(c.touched());
        }
        if (base != RowChanges.NO_SNAPSHOT) {
            delta.validateFromSnapshot(base);
        }
        return delta.validateDataFilesExist(touched).validateDeletedFiles();
    }

    /**
     * The snapshot that the writers looked at.
     *
     * @throws io.fluss.errors.FlussException with LAKE_COMMIT_FENCED if it does not hold exactly
     *     what the round was planned on: writers would have missed rows
     */
    private long baseOf(Table table, Request request, List<RowChanges> changes) {
        long base = changes.get(0).baseSnapshotId();
        Optional<Long> tiered =
                base == RowChanges.NO_SNAPSHOT
                        ? Optional.empty()
                        : TieringFence.latest(SnapshotUtil.ancestorsOf(base, table::snapshot))
                                .map(TieringCommit::snapshotId);
        Optional<Long> expected =
                request.expectedLatest().isPresent()
                        ? Optional.of(request.expectedLatest().getAsLong())
                        : Optional.empty();
        if (changes.stream().anyMatch(c -> c.baseSnapshotId() != base)
                || !tiered.equals(expected)) {
            throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                    "writers looked at snapshot "
                            + base
                            + " of Iceberg table "
                            + path
                            + " with tiering commit "
                            + tiered.map(Object::toString).orElse("none")
                            + ", the round was planned on "
                            + expected.map(Object::toString).orElse("none"));
        }
        return base;
    }

    /**
     * The commit threw: our snapshot says whether it took effect.
     *
     * @throws FlussException with LAKE_COMMIT_UNKNOWN if the catalog does not answer: whatever it
     *     says would be taken for an answer to the commit
     */
    private Optional<Long> found(String commitId, RuntimeException failure) {
        try {
            return committed(load(), commitId);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            throw unknown(commitId, failure);
        }
    }

    private FlussException unknown(String commitId, RuntimeException failure) {
        return ErrorReason.LAKE_COMMIT_UNKNOWN.exception(
                "commit "
                        + commitId
                        + " to Iceberg table "
                        + path
                        + " may or may not have taken effect; look for the snapshot property "
                        + COMMIT_ID_PROPERTY
                        + " before anything is deleted or repeated: "
                        + CatalogName.causes(failure),
                failure);
    }

    private long idOf(String commitId) {
        IllegalStateException gone =
                new IllegalStateException("the commit succeeded, but its snapshot is gone");
        return found(commitId, gone).orElseThrow(() -> unknown(commitId, gone));
    }

    private static Optional<Long> committed(Table table, String commitId) {
        for (Snapshot s : table.snapshots()) {
            Map<String, String> summary = s.summary();
            if (summary != null && commitId.equals(summary.get(COMMIT_ID_PROPERTY))) {
                return Optional.of(s.snapshotId());
            }
        }
        return Optional.empty();
    }

    private Table load() {
        Table table = catalog.load(path);
        if (!tableUuid.equals(table.uuid())) {
            throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                    "Iceberg table "
                            + path
                            + " was dropped and created again: it is "
                            + table.uuid()
                            + ", this round was planned on "
                            + tableUuid);
        }
        return table;
    }
}
