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
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeMaintenance.Compaction;
import io.fluss.lake.LakeMaintenance.Rewrite;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TablePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.SerializableTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.util.SnapshotUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compaction of one table as it is now. The rewrite is no tiering commit, since no offset moves,
 * and the cluster is not told; but the fence of tiering commits holds for it too, so that it can
 * only follow the one on which it was planned. It has the sequence number of what it was made of,
 * so that deletes by equality that others commit meanwhile hold for the new files, too.
 */
final class IcebergCompaction {
    /** Snapshot property that marks a rewrite of ours, with the identity of the commit. */
    static final String COMPACTION_PROPERTY = "fluss-compaction-id";

    private static final Logger LOG = LoggerFactory.getLogger(IcebergCompaction.class);

    private final TablePath path;
    private final Table table;

    IcebergCompaction(TablePath path, Table table) {
        this.path = path;
        this.table = table;
    }

    List<Rewrite> plan(Compaction compaction) {
        Snapshot base = table.currentSnapshot();
        if (base == null || files(base) < compaction.filesMin()) {
            return List.of();
        }
        KeyedTable keyed =
                compaction.table().hasPrimaryKey()
                        ? KeyedTable.of(compaction.table().descriptor(), table)
                        : null;
        Table travelling = SerializableTable.copyOf(table);
        List<Rewrite> rewrites = new ArrayList<>();
        try {
            for (var files :
                    new CompactionPlanner(table, compaction).plan(table, base.snapshotId())) {
                rewrites.add(new IcebergRewrite(travelling, files, keyed, base.snapshotId()));
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    path + ": planning a compaction: " + e.getMessage(), e);
        }
        return rewrites;
    }

    /** Data and delete files; less than there are if the summary does not say. */
    private static long files(Snapshot snapshot) {
        Map<String, String> summary = snapshot.summary();
        return Long.parseLong(
                        summary.getOrDefault(SnapshotSummary.TOTAL_DATA_FILES_PROP, "1000000"))
                + Long.parseLong(
                        summary.getOrDefault(SnapshotSummary.TOTAL_DELETE_FILES_PROP, "0"));
    }

    OptionalLong commit(List<LakeWriter.Result> rewritten) {
        long base = ((IcebergRewriteResult) rewritten.get(0)).baseSnapshotId();
        Snapshot planned = table.snapshot(base);
        if (planned == null) {
            return refused(rewritten, "snapshot " + base + " of the plan is gone");
        }
        String commitId = UUID.randomUUID().toString();
        RewriteFiles rewrite =
                table.newRewrite()
                        .validateFromSnapshot(base)
                        .dataSequenceNumber(planned.sequenceNumber());
        Set<String> deletes = new HashSet<>();
        for (LakeWriter.Result result : rewritten) {
            IcebergRewriteResult r = (IcebergRewriteResult) result;
            r.replaced().forEach(rewrite::deleteFile);
            for (DeleteFile d : r.replacedDeletes()) {
                if (deletes.add(d.location() + ":" + d.contentOffset())) {
                    rewrite.deleteFile(d);
                }
            }
            r.added().forEach(rewrite::addFile);
        }
        rewrite.set(COMPACTION_PROPERTY, commitId);
        rewrite.validateWith(new TieringFence(path, tieringCommit(planned)));
        try {
            rewrite.commit();
        } catch (ValidationException | CommitFailedException e) {
            return committed(commitId)
                    .orElseGet(() -> refused(rewritten, String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            return committed(commitId)
                    .orElseThrow(
                            () ->
                                    ErrorReason.LAKE_COMMIT_UNKNOWN.exception(
                                            "compaction "
                                                    + commitId
                                                    + " of Iceberg table "
                                                    + path
                                                    + " may or may not have taken effect; no file"
                                                    + " is deleted",
                                            e));
        }
        return committed(commitId).orElseGet(OptionalLong::empty);
    }

    private OptionalLong tieringCommit(Snapshot planned) {
        return TieringFence.latest(SnapshotUtil.ancestorsOf(planned.snapshotId(), table::snapshot))
                .map(LakeCommitter.TieringCommit::snapshotId)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
    }

    private Optional<OptionalLong> committed(String commitId) {
        table.refresh();
        for (Snapshot s : table.snapshots()) {
            if (s.summary() != null && commitId.equals(s.summary().get(COMPACTION_PROPERTY))) {
                return Optional.of(OptionalLong.of(s.snapshotId()));
            }
        }
        return Optional.empty();
    }

    private OptionalLong refused(List<LakeWriter.Result> rewritten, String why) {
        LOG.info("{}: the compaction is given up, others were faster: {}", path, why);
        abort(rewritten);
        return OptionalLong.empty();
    }

    void abort(List<LakeWriter.Result> rewritten) {
        rewritten.forEach(
                r ->
                        ((IcebergRewriteResult) r)
                                .locations()
                                .forEach(f -> IcebergLakeCommitter.delete(table.io(), f)));
    }
}
