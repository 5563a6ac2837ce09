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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TablePath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.Snapshot;
import org.apache.paimon.manifest.ManifestCommittable;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.FileStoreTableFactory;
import org.apache.paimon.table.sink.CommitMessage;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.apache.paimon.utils.SnapshotManager;
import org.jspecify.annotations.Nullable;

/**
 * Commits the files of a round as the one commit user of all tiering services. Paimon's own
 * protection against a commit done twice goes by user and a growing number, which the published
 * services do not use: theirs is always the largest there is. So ours is the fence, and a property
 * that names the commit.
 */
final class PaimonLakeCommitter implements LakeCommitter {
    /** Others that commit in between are compactions and writers of our users. */
    private static final int ATTEMPTS_MAX = 20;

    private final PaimonLakeCatalog catalog;
    private final TablePath path;
    private final String tableUuid;
    private final FileStoreTable table;

    PaimonLakeCommitter(PaimonLakeCatalog catalog, TablePath path, FileStoreTable table) {
        this.catalog = catalog;
        this.path = path;
        this.tableUuid = table.uuid();
        this.table = table;
    }

    @Override
    public Optional<TieringCommit> latestTieringCommit() {
        SnapshotManager snapshots = load().snapshotManager();
        return TieringFence.latest(snapshots, latestId(snapshots)).map(TieringFence::described);
    }

    @Override
    public long commit(Request request) {
        String commitId = UUID.randomUUID().toString();
        List<CommitMessage> messages = PaimonWriteResult.messages(request.results());
        for (int i = 1; ; i++) {
            FileStoreTable now = load();
            AtomicReference<@Nullable TieringFence> fence = new AtomicReference<>();
            try {
                attempt(now, request, commitId, messages, fence);
                return committed(commitId).orElseThrow(() -> gone(commitId));
            } catch (RuntimeException e) {
                TieringFence f = fence.get();
                Optional<Long> found = committedAfter(e, commitId, f);
                if (found.isPresent()) {
                    return found.get();
                }
                if (f == null || f.outcome() != TieringFence.Outcome.OUTRUN) {
                    throw failure(e, commitId, f);
                }
                if (i == ATTEMPTS_MAX) {
                    throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                            "commits of others to Paimon table "
                                    + path
                                    + " were faster in "
                                    + ATTEMPTS_MAX
                                    + " attempts; nothing was committed, the next round tries"
                                    + " again",
                            e);
                }
            }
        }
    }

    @Override
    public boolean showsCommitsAtOnce() {
        return table.primaryKeys().isEmpty() || !table.coreOptions().batchScanSkipLevel0();
    }

    @Override
    public Optional<Shown> shown(OptionalLong since) {
        return showsCommitsAtOnce() ? Optional.empty() : new ShownRows(load(), since).newest();
    }

    @Override
    public void abort(List<LakeWriter.Result> results) {
        PaimonWriterFactory.abort(table, results);
    }

    // Only the interface of closing says that it can be interrupted.
    @SuppressWarnings("try")
    private void attempt(
            FileStoreTable now,
            Request request,
            String commitId,
            List<CommitMessage> messages,
            AtomicReference<@Nullable TieringFence> used) {
        SnapshotManager snapshots = now.snapshotManager();
        FencedEnvironment environment =
                new FencedEnvironment(
                        now.catalogEnvironment(),
                        publisher -> {
                            TieringFence fence =
                                    new TieringFence(
                                            path,
                                            request.expectedLatest(),
                                            commitId,
                                            snapshots,
                                            publisher);
                            used.set(fence);
                            return fence;
                        });
        // Retries are ours: Paimon's would go on after a refusal, and a retry of ours must ask the
        // fence again. Expiry is the upkeep's, which knows what the cluster refers to.
        FileStoreTable fenced =
                FileStoreTableFactory.create(
                                now.fileIO(), now.location(), now.schema(), environment)
                        .copy(
                                Map.of(
                                        CoreOptions.COMMIT_MAX_RETRIES.key(),
                                        "0",
                                        CoreOptions.WRITE_ONLY.key(),
                                        "true"));
        try (TableCommitImpl commit = fenced.newCommit(COMMIT_USER).ignoreEmptyCommit(false)) {
            long latest = latestId(snapshots);
            TieringFence fence = used.get();
            if (fence != null) {
                fence.check(latest + 1);
            }
            commit.commit(
                    new ManifestCommittable(
                            identifier(snapshots, latest),
                            null,
                            messages,
                            properties(request, commitId)));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw ErrorReason.STORAGE.exception(
                    "closing a commit of Paimon table " + path + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, String> properties(Request request, String commitId) {
        Map<String, String> all = new HashMap<>(request.properties());
        all.put(COMMIT_USER_PROPERTY, COMMIT_USER);
        all.put(OFFSETS_PROPERTY, request.offsetsPath());
        all.put(TieringFence.COMMIT_ID_PROPERTY, commitId);
        return all;
    }

    /** Grows with our commits, as Paimon wants it, up to the number of the published services. */
    private static long identifier(SnapshotManager snapshots, long latest) {
        long before =
                TieringFence.latest(snapshots, latest).map(Snapshot::commitIdentifier).orElse(0L);
        return before == Long.MAX_VALUE ? before : before + 1;
    }

    private static long latestId(SnapshotManager snapshots) {
        Long id = snapshots.latestSnapshotId();
        return id == null ? Snapshot.FIRST_SNAPSHOT_ID - 1 : id;
    }

    /** The commit threw: our snapshot says whether it took effect. */
    private Optional<Long> committedAfter(
            RuntimeException failure, String commitId, @Nullable TieringFence fence) {
        if (fence == null
                || fence.outcome() == TieringFence.Outcome.NOT_ASKED
                || fence.outcome() == TieringFence.Outcome.REFUSED) {
            return Optional.empty();
        }
        try {
            return committed(commitId);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            throw unknown(failure, commitId);
        }
    }

    private FlussException failure(
            RuntimeException e, String commitId, @Nullable TieringFence fence) {
        if (fence != null && fence.outcome() == TieringFence.Outcome.REFUSED) {
            return fence.refusal().orElseThrow();
        }
        if (fence != null && fence.outcome() != TieringFence.Outcome.NOT_ASKED) {
            // The absence of our snapshot proves nothing.
            return unknown(e, commitId);
        }
        return e instanceof FlussException ours
                ? ours
                : ErrorReason.INVALID_TABLE.exception(
                        "Paimon refuses the commit to " + path + ": " + e.getMessage(), e);
    }

    private FlussException unknown(RuntimeException cause, String commitId) {
        return ErrorReason.LAKE_COMMIT_UNKNOWN.exception(
                "commit "
                        + commitId
                        + " to Paimon table "
                        + path
                        + " may or may not have taken effect; look for the snapshot property "
                        + TieringFence.COMMIT_ID_PROPERTY
                        + " before anything is deleted or repeated",
                cause);
    }

    private FlussException gone(String commitId) {
        return ErrorReason.LAKE_COMMIT_UNKNOWN.exception(
                "commit "
                        + commitId
                        + " to Paimon table "
                        + path
                        + " succeeded, but its snapshot is gone");
    }

    /** The last snapshot of our commit: with files and, if the writers compacted, a second one. */
    private Optional<Long> committed(String commitId) {
        SnapshotManager snapshots = load().snapshotManager();
        return TieringFence.committed(snapshots, latestId(snapshots), commitId).map(Snapshot::id);
    }

    private FileStoreTable load() {
        FileStoreTable now = catalog.load(path);
        if (!tableUuid.equals(now.uuid())) {
            throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                    "Paimon table "
                            + path
                            + " was dropped and created again: it is "
                            + now.uuid()
                            + ", this round was planned on "
                            + tableUuid);
        }
        return now;
    }
}
