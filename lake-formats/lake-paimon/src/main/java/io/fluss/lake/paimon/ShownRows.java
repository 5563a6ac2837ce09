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

import io.fluss.formats.keys.PartitionNames;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeCommitter.Shown;
import io.fluss.lake.LakeCommitter.ShownBucket;
import java.io.FileNotFoundException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.paimon.Snapshot;
import org.apache.paimon.data.BinaryRow;
import org.apache.paimon.manifest.FileKind;
import org.apache.paimon.manifest.ManifestEntry;
import org.apache.paimon.operation.FileStoreScan;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.source.ScanMode;

/**
 * What a table with deletion vectors shows (lakehouse document, section 5.4). Its readers leave out
 * files of level 0, so rows are seen only when a compaction has taken them up. Looks back over a
 * bounded number of snapshots, and only as far as it must. Not thread-safe.
 */
final class ShownRows {
    /** A table whose compaction is further behind keeps its readers where they are. */
    private static final int SNAPSHOTS_MAX = 500;

    private final FileStoreTable table;
    private final OptionalLong since;
    private final long latest;
    private final long oldest;
    private final Map<Long, Optional<Snapshot>> snapshots = new HashMap<>();
    private final Map<Long, Map<ShownBucket, Set<String>>> levelZero = new HashMap<>();

    /**
     * @param since the snapshot that readers use now
     */
    ShownRows(FileStoreTable table, OptionalLong since) {
        this.table = table;
        this.since = since;
        Long id = table.snapshotManager().latestSnapshotId();
        this.latest = id == null ? Snapshot.FIRST_SNAPSHOT_ID - 1 : id;
        this.oldest = Math.max(Snapshot.FIRST_SNAPSHOT_ID, latest - SNAPSHOTS_MAX);
    }

    /**
     * The newest compacted snapshot with what it shows, if it is newer than the one that readers
     * use and that can be told of all its buckets.
     */
    Optional<Shown> newest() {
        Optional<Snapshot> compacted =
                backFrom(latest)
                        .takeWhile(s -> s.id() > since.orElse(0))
                        .filter(ShownRows::isCompaction)
                        .findFirst();
        if (compacted.isEmpty()) {
            return Optional.empty();
        }
        long id = compacted.get().id();
        OptionalLong tieredBy = tieredBy(id);
        if (tieredBy.isEmpty()) {
            return Optional.empty();
        }
        Map<ShownBucket, Long> shownBy = new HashMap<>();
        Set<ShownBucket> asBefore = new HashSet<>();
        Map<ShownBucket, Set<String>> fresh = levelZero(id);
        // Of a bucket that has files of level 0 only, nothing is shown: it is left out.
        for (ShownBucket bucket : compactedBuckets(id)) {
            if (!fresh.containsKey(bucket)) {
                shownBy.put(bucket, tieredBy.getAsLong());
                continue;
            }
            Optional<Snapshot> takenUpBy = lastTakenUp(bucket, id);
            if (takenUpBy.isEmpty()) {
                return Optional.empty();
            }
            if (since.isPresent() && takenUpBy.get().id() <= since.getAsLong()) {
                asBefore.add(bucket);
                continue;
            }
            OptionalLong by = takenUp(bucket, takenUpBy.get());
            if (by.isEmpty()) {
                return Optional.empty();
            }
            shownBy.put(bucket, by.getAsLong());
        }
        return Optional.of(new Shown(id, tieredBy.getAsLong(), shownBy, asBefore));
    }

    /**
     * The newest compaction up to a snapshot that changed what a bucket shows, or the snapshot that
     * readers use, if that is newer.
     */
    private Optional<Snapshot> lastTakenUp(ShownBucket bucket, long upTo) {
        return backFrom(upTo)
                .filter(
                        s ->
                                (since.isPresent() && s.id() == since.getAsLong())
                                        || (isCompaction(s) && removed(s).containsKey(bucket)))
                .findFirst();
    }

    /**
     * The tiering commit whose rows a compaction of a bucket took up whole: the one after which
     * level 0 held just what was removed.
     */
    private OptionalLong takenUp(ShownBucket bucket, Snapshot compaction) {
        Set<String> removed = removed(compaction).getOrDefault(bucket, Set.of());
        return backFrom(compaction.id() - 1)
                .filter(s -> levelZero(s.id()).getOrDefault(bucket, Set.of()).equals(removed))
                .findFirst()
                .map(s -> tieredBy(s.id()))
                .orElse(OptionalLong.empty());
    }

    /**
     * The newest tiering commit up to a snapshot, by the id under which the cluster knows it: that
     * of its last snapshot.
     */
    private OptionalLong tieredBy(long upTo) {
        Optional<Snapshot> appended =
                backFrom(upTo)
                        .filter(s -> !isCompaction(s) && isTiering(s) && offsets(s).isPresent())
                        .findFirst();
        if (appended.isEmpty()) {
            return OptionalLong.empty();
        }
        long last = appended.get().id();
        for (long id = last + 1; id <= latest; id++) {
            Optional<Snapshot> s = snapshot(id).filter(ShownRows::isTiering);
            if (s.isPresent()) {
                if (!offsets(s.get()).equals(offsets(appended.get()))) {
                    break;
                }
                last = id;
            }
        }
        return OptionalLong.of(last);
    }

    private static boolean isCompaction(Snapshot s) {
        return s.commitKind() == Snapshot.CommitKind.COMPACT;
    }

    private static boolean isTiering(Snapshot s) {
        return LakeCommitter.COMMIT_USER.equals(s.commitUser());
    }

    /** Snapshots from an id on, newest first, up to the first that is expired or too far back. */
    private Stream<Snapshot> backFrom(long id) {
        return LongStream.iterate(id, i -> i >= oldest, i -> i - 1)
                .mapToObj(this::snapshot)
                .takeWhile(Optional::isPresent)
                .map(Optional::orElseThrow);
    }

    private Optional<Snapshot> snapshot(long id) {
        return snapshots.computeIfAbsent(id, this::load);
    }

    private Optional<Snapshot> load(long id) {
        try {
            return Optional.of(table.snapshotManager().tryGetSnapshot(id));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> offsets(Snapshot s) {
        return TieringFence.property(s, LakeCommitter.OFFSETS_PROPERTY);
    }

    /** Those with files above level 0. */
    private Set<ShownBucket> compactedBuckets(long snapshotId) {
        Set<ShownBucket> out = new HashSet<>();
        for (ManifestEntry e : scan(snapshotId).plan().files()) {
            if (e.level() > 0) {
                out.add(bucket(e));
            }
        }
        return out;
    }

    private Map<ShownBucket, Set<String>> levelZero(long snapshotId) {
        return levelZero.computeIfAbsent(
                snapshotId, id -> byBucket(scan(id).withLevel(0).plan().files()));
    }

    private Map<ShownBucket, Set<String>> removed(Snapshot compaction) {
        return byBucket(
                scan(compaction.id()).withKind(ScanMode.DELTA).plan().files().stream()
                        .filter(e -> e.kind() == FileKind.DELETE && e.level() == 0)
                        .toList());
    }

    private FileStoreScan scan(long snapshotId) {
        return table.store().newScan().withSnapshot(snapshotId);
    }

    private Map<ShownBucket, Set<String>> byBucket(Iterable<ManifestEntry> entries) {
        Map<ShownBucket, Set<String>> out = new HashMap<>();
        for (ManifestEntry e : entries) {
            out.computeIfAbsent(bucket(e), b -> new HashSet<>()).add(e.fileName());
        }
        return out;
    }

    /** Partition keys of these tables are STRING, so their values are the texts of the name. */
    private static ShownBucket bucket(ManifestEntry e) {
        BinaryRow partition = e.partition();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < partition.getFieldCount(); i++) {
            name.append(i == 0 ? "" : PartitionNames.SEPARATOR).append(partition.getString(i));
        }
        return new ShownBucket(name.toString(), e.bucket());
    }
}
