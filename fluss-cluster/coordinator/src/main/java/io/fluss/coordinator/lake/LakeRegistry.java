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
package io.fluss.coordinator.lake;

import io.fluss.errors.ErrorReason;
import io.fluss.filestore.FileStore;
import io.fluss.formats.json.BucketOffsets;
import io.fluss.formats.json.BucketOffsetsJson;
import io.fluss.metastore.LakeSnapshots;
import io.fluss.metastore.LakeSnapshots.Entry;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * Lake snapshots that the cluster knows, with the log offsets they hold (lakehouse document,
 * sections 5.3 and 5.4). Has no state of its own: the metastore refuses a committer that is late.
 * Calls block; they run on the I/O executor. Thread-safe.
 */
public final class LakeRegistry {
    /** For "earliest snapshot to keep": keep all, that is up to the bound. */
    private static final long KEEP_ALL = -1;

    /**
     * Entries of one table. A service that always keeps all would fill the metastore's node
     * otherwise; at a round every five seconds this is more than eight minutes.
     */
    static final int SNAPSHOTS_MAX = 100;

    private final LakeSnapshots snapshots;
    private final FileStore files;
    private final String remoteDataDir;
    private final OrphanOffsets orphans;

    public LakeRegistry(
            LakeSnapshots snapshots,
            FileStore files,
            String remoteDataDir,
            Clock clock,
            Duration orphanAge) {
        this.snapshots = snapshots;
        this.files = files;
        this.remoteDataDir = remoteDataDir;
        this.orphans = new OrphanOffsets(files, clock, orphanAge.toMillis());
    }

    /**
     * What a tiering service commits.
     *
     * @param earliestToKeep empty: keep only this snapshot; -1: keep all
     */
    public record Commit(
            long snapshotId,
            String tieredOffsets,
            Optional<String> readableOffsets,
            OptionalLong earliestToKeep) {}

    /** A snapshot and the log end offsets (exclusive) of what it holds. */
    public record Snapshot(long snapshotId, BucketOffsets offsets) {}

    /** Which snapshot to read. */
    public enum Which {
        LATEST,
        LATEST_READABLE
    }

    /** Directory of the offsets files of a table. */
    public String directory(TablePath path, long tableId) {
        return remoteDataDir + "/lake/" + path.database() + "/" + path.table() + "-" + tableId;
    }

    private String offsetsDirectory(TableInfo table) {
        return directory(table.path(), table.tableId()) + "/metadata";
    }

    /**
     * Writes the offsets that a snapshot about to be committed will hold.
     *
     * @param isAlone write exactly these; else they replace those of the latest snapshot, bucket by
     *     bucket, and must not be below them
     * @return URI of the file
     */
    public String prepare(TableInfo table, BucketOffsets offsets, boolean isAlone) {
        BucketOffsets all = offsets;
        if (!isAlone) {
            BucketOffsets before = latestTiered(table.tableId());
            checkForward(table, before, offsets);
            all = before.plus(offsets);
        }
        String uri = offsetsDirectory(table) + "/" + UUID.randomUUID() + ".offsets";
        files.write(uri, BucketOffsetsJson.write(all));
        return uri;
    }

    /**
     * Registers a lake snapshot; registering the same one again changes nothing.
     *
     * @return what readers get from the lake now
     */
    public BucketOffsets commit(TableInfo table, Commit commit) {
        LakeSnapshots.Versioned read = snapshots.read(table.tableId());
        Entry entry =
                new Entry(commit.snapshotId(), commit.tieredOffsets(), commit.readableOffsets());
        BucketOffsets offsets = offsets(commit.tieredOffsets());
        if (read.entries().contains(entry)) {
            return shown(read.entries(), table.tableId());
        }
        boolean isReadableElsewhere =
                commit.readableOffsets().isPresent()
                        && !commit.readableOffsets().get().equals(commit.tieredOffsets());
        BucketOffsets latest = latestTiered(read.entries(), table.tableId());
        if (isReadableElsewhere) {
            BucketOffsets now = shown(read.entries(), table.tableId());
            checkForward(table, now, offsets(commit.readableOffsets().get()));
        } else {
            checkForward(table, latest, offsets);
        }
        List<Entry> next = retained(read.entries(), commit);
        next.removeIf(e -> e.snapshotId() == commit.snapshotId());
        if (isReadableElsewhere
                && !next.isEmpty()
                && isBehindLatest(read.entries(), commit.snapshotId(), latest, offsets)) {
            next.add(next.size() - 1, entry);
        } else {
            next.add(entry);
        }
        bound(next);
        snapshots.write(table.tableId(), read, next);
        deleteUnreferenced(read.entries(), next);
        orphans.sweep(offsetsDirectory(table), referenced(next));
        return shown(next, table.tableId());
    }

    /**
     * Whether a snapshot for readers says nothing new of how far the table is tiered, so that the
     * latest commit stays the latest entry. A latest entry that readers use would hide it, though.
     */
    private static boolean isBehindLatest(
            List<Entry> entries, long snapshotId, BucketOffsets latest, BucketOffsets offsets) {
        Entry last = entries.get(entries.size() - 1);
        return last.snapshotId() != snapshotId
                && last.readableOffsets().isEmpty()
                && offsets.offsets().entrySet().stream()
                        .allMatch(e -> e.getValue() <= latest.of(e.getKey()).orElse(-1));
    }

    /**
     * The latest snapshot, or the latest readable one; LAKE_SNAPSHOT_NOT_EXIST if there is none.
     */
    public Snapshot snapshot(TableInfo table, Which which) {
        List<Entry> entries = snapshots.read(table.tableId()).entries();
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry e = entries.get(i);
            if (which == Which.LATEST) {
                return new Snapshot(e.snapshotId(), offsets(e.tieredOffsets()));
            }
            if (e.readableOffsets().isPresent()) {
                return new Snapshot(e.snapshotId(), offsets(e.readableOffsets().get()));
            }
        }
        throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                "table '"
                        + table.path()
                        + "' has no "
                        + (which == Which.LATEST ? "" : "readable ")
                        + "lake snapshot yet");
    }

    /** The snapshot of that id with its tiered offsets. */
    public Snapshot snapshot(TableInfo table, long snapshotId) {
        return snapshots.read(table.tableId()).entries().stream()
                .filter(e -> e.snapshotId() == snapshotId)
                .findFirst()
                .map(e -> new Snapshot(snapshotId, offsets(e.tieredOffsets())))
                .orElseThrow(
                        () ->
                                ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                                        "table '"
                                                + table.path()
                                                + "' has no lake snapshot "
                                                + snapshotId));
    }

    /** Offsets that the lake holds of a table; none if nothing was tiered yet. */
    public BucketOffsets latestTiered(long tableId) {
        return latestTiered(snapshots.read(tableId).entries(), tableId);
    }

    /**
     * The log end offsets up to which readers get a table's rows from the lake. What is behind them
     * they need from the cluster, whether it is tiered or not.
     */
    public BucketOffsets latestShown(long tableId) {
        return shown(snapshots.read(tableId).entries(), tableId);
    }

    private BucketOffsets shown(List<Entry> entries, long tableId) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Optional<String> readable = entries.get(i).readableOffsets();
            if (readable.isPresent()) {
                return offsets(readable.get());
            }
        }
        return new BucketOffsets(tableId, Map.of());
    }

    private BucketOffsets latestTiered(List<Entry> entries, long tableId) {
        return entries.isEmpty()
                ? new BucketOffsets(tableId, Map.of())
                : offsets(entries.get(entries.size() - 1).tieredOffsets());
    }

    private BucketOffsets offsets(String uri) {
        byte[] file =
                files.read(uri)
                        .orElseThrow(
                                () ->
                                        ErrorReason.STORAGE.exception(
                                                "offsets file '" + uri + "' does not exist"));
        return BucketOffsetsJson.read(file);
    }

    private static void checkForward(TableInfo table, BucketOffsets before, BucketOffsets after) {
        after.offsets()
                .forEach(
                        (bucket, offset) -> {
                            long old = before.of(bucket).orElse(-1);
                            if (offset < old) {
                                throw wentBack(table, bucket, old, offset);
                            }
                        });
    }

    private static RuntimeException wentBack(
            TableInfo table, TableBucket bucket, long old, long offset) {
        return ErrorReason.LAKE_COMMIT_FENCED.exception(
                "table '"
                        + table.path()
                        + "', bucket "
                        + bucket
                        + ": the lake holds the log up to "
                        + old
                        + ", the new snapshot only up to "
                        + offset
                        + "; another committer was faster, plan the round again");
    }

    private static List<Entry> retained(List<Entry> entries, Commit commit) {
        if (commit.earliestToKeep().isEmpty()) {
            return new ArrayList<>();
        }
        long earliest = commit.earliestToKeep().getAsLong();
        if (earliest != KEEP_ALL) {
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).snapshotId() == earliest) {
                    return new ArrayList<>(entries.subList(i, entries.size()));
                }
            }
        }
        return new ArrayList<>(entries);
    }

    /** Drops the oldest beyond the bound, but never the snapshot that readers use now. */
    private static void bound(List<Entry> entries) {
        int readable = entries.size() - 1;
        while (readable > 0 && entries.get(readable).readableOffsets().isEmpty()) {
            readable--;
        }
        for (int i = 0; entries.size() > SNAPSHOTS_MAX && i < entries.size(); ) {
            if (i == readable) {
                i++;
            } else {
                entries.remove(i);
                readable--;
            }
        }
    }

    private void deleteUnreferenced(List<Entry> before, List<Entry> after) {
        Set<String> old = referenced(before);
        old.removeAll(referenced(after));
        old.forEach(files::delete);
    }

    private static Set<String> referenced(List<Entry> entries) {
        Set<String> out = new HashSet<>();
        entries.forEach(e -> addFiles(e, out));
        return out;
    }

    private static void addFiles(Entry e, Set<String> out) {
        out.add(e.tieredOffsets());
        e.readableOffsets().ifPresent(out::add);
    }
}
