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
package io.fluss.remote.snapshot;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.formats.json.KvSnapshotJson;
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.formats.remote.KvSnapshotDirectory;
import io.fluss.table.TableBucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the snapshots of one bucket, for one term of its leader, and brings them back. Used by one
 * thread at a time; {@link #neededFrom}, {@link #latestOffset}, {@link #base} and {@link #end} are
 * for any thread. Calls block.
 *
 * <p>A round copies the files of a checkpoint that the snapshot before does not have already,
 * writes the document that lists all of them, and commits it at the registry; only then do readers
 * see it, and only after that are files deleted that no known snapshot names. So at every moment
 * the known snapshots name complete files. What a crash or a lost answer leaves behind are files
 * that no known snapshot names. They are swept at the first round of a leader and after a round
 * whose end is not known: first it lists what is there, then asks the registry, which refuses a
 * leader that is not the current one. What was listed and is not named is of an earlier term or
 * attempt, which nobody can commit any more, since each attempt has an id of its own.
 *
 * <p>A file is taken over from the snapshot before only if the rows came from it: file names begin
 * anew in an empty directory.
 */
public final class BucketSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(BucketSnapshots.class);
    private static final String SHARED_SUFFIX = ".sst";
    private static final String WAL_SUFFIX = ".log";

    private final Place place;
    private final int newestKept;
    private final FileStore files;
    private final SnapshotRegistry registry;
    private final Supplier<UUID> ids;

    /** Documents of the snapshots that the registry knows. */
    private final Map<Long, KvSnapshot> documents = new HashMap<>();

    private volatile Optional<SnapshotRegistry.Known> known = Optional.empty();
    private volatile boolean isEnded;
    private boolean isSweepDue = true;

    /** Snapshots, also attempts, that the rows came from or that were made of them. */
    private final Set<Long> ours = ConcurrentHashMap.newKeySet();

    /**
     * Whose snapshots these are.
     *
     * @param name for messages
     */
    record Place(String name, KvSnapshotDirectory directory, TableBucket bucket, int leaderEpoch) {}

    /**
     * The snapshots of a bucket.
     *
     * @param newestKept beyond these only leases keep snapshots
     * @param ids never gives the same twice, also not after a restart
     */
    BucketSnapshots(
            Place place,
            int newestKept,
            FileStore files,
            SnapshotRegistry registry,
            Supplier<UUID> ids) {
        this.place = place;
        this.newestKept = newestKept;
        this.files = files;
        this.registry = registry;
        this.ids = ids;
    }

    /**
     * Makes a running round or {@link #restore} stop at its next step, and every later round do
     * nothing.
     */
    public void end() {
        isEnded = true;
    }

    /** Whether the term is over: the leader was told, or another one has taken its place. */
    public boolean isEnded() {
        return isEnded;
    }

    /**
     * The oldest offset from which a snapshot, be it kept as a new one or held by a lease, needs
     * the changelog; empty as long as that is not known, 0 without snapshots.
     */
    public OptionalLong neededFrom() {
        return known.map(
                        k ->
                                OptionalLong.of(
                                        k.entries().stream()
                                                .mapToLong(SnapshotRegistry.Entry::logOffset)
                                                .min()
                                                .orElse(0)))
                .orElse(OptionalLong.empty());
    }

    /** The offset of the newest snapshot; 0 if there is none or that is not known. */
    public long latestOffset() {
        return known.flatMap(SnapshotRegistry.Known::latest)
                .map(SnapshotRegistry.Entry::logOffset)
                .orElse(0L);
    }

    /**
     * Id of the newest snapshot, if the rows still have its files; for any thread. While it is not
     * known which is the newest, the one that may be.
     */
    public Optional<Long> base() {
        Optional<SnapshotRegistry.Known> k = known;
        return k.isEmpty()
                ? ours.stream().max(Long::compare)
                : k.get().latest().map(SnapshotRegistry.Entry::id).filter(ours::contains);
    }

    // ---- bringing back

    /**
     * Fills a directory, which is removed before, with the newest snapshot that can be used: one
     * whose files are there and which is not ahead of the log. Others are forgotten, since those
     * that follow could not build on them.
     *
     * @param logEnd where the log ends
     * @return what was brought back; empty if there is none, then there is no directory either
     * @throws FlussException if remote storage or the coordinator does not answer
     */
    public Optional<KvSnapshot> restore(Path directory, long logEnd) {
        SnapshotRegistry.Known all =
                fenced(() -> registry.read(place.bucket(), place.leaderEpoch()));
        for (Optional<SnapshotRegistry.Entry> e = all.latest(); e.isPresent(); e = all.latest()) {
            SnapshotRegistry.Entry entry = e.get();
            Optional<KvSnapshot> restored =
                    entry.logOffset() <= logEnd
                            ? new SnapshotDownload(place.name(), files, () -> isEnded)
                                    .restore(entry, directory)
                            : Optional.empty();
            if (restored.isPresent()) {
                ours.add(entry.id());
                return restored;
            }
            LOG.warn(
                    "{}: snapshot {} at offset {} cannot be used and is dropped: {}",
                    place.name(),
                    entry.id(),
                    entry.logOffset(),
                    entry.logOffset() > logEnd
                            ? "the log ends at " + logEnd
                            : "some of its files are missing");
            all = fenced(() -> registry.drop(place.bucket(), place.leaderEpoch(), entry.id()));
        }
        SnapshotDownload.delete(directory);
        return Optional.empty();
    }

    /**
     * The rows are those that they were when an earlier term ended in order, and still have the
     * files of a snapshot.
     */
    public void keptBase(long snapshotId) {
        ours.add(snapshotId);
    }

    // ---- making

    /**
     * Makes a snapshot if the rows have changed since the last one.
     *
     * @param scratch a directory on the disk of the rows, used during the call
     * @return the new snapshot
     * @throws FlussException if a step failed; the next round repairs what is left
     */
    public Optional<KvSnapshot> run(Rows rows, Path scratch) {
        if (isEnded) {
            return Optional.empty();
        }
        if (isSweepDue) {
            sweep();
        }
        if (rows.committedOffset() <= latestOffset()) {
            trim();
            return Optional.empty();
        }
        SnapshotDownload.delete(scratch);
        try {
            Rows.State state = rows.checkpoint(scratch);
            return isEnded ? Optional.empty() : Optional.of(make(state, scratch));
        } finally {
            SnapshotDownload.delete(scratch);
        }
    }

    private KvSnapshot make(Rows.State state, Path checkpoint) {
        // Whatever fails from here on may leave files that no known snapshot names.
        isSweepDue = true;
        long id = fenced(() -> registry.begin(place.bucket(), place.leaderEpoch()));
        ours.add(id);
        KvSnapshot made = upload(id, state, checkpoint);
        String uri = place.directory().metadata(id);
        files.write(uri, KvSnapshotJson.write(made));
        checkNotEnded();
        SnapshotRegistry.Known before = known.orElseThrow();
        known = Optional.empty();
        SnapshotRegistry.Known after =
                fenced(
                        () ->
                                registry.commit(
                                        place.bucket(),
                                        place.leaderEpoch(),
                                        new SnapshotRegistry.Entry(id, uri, state.logOffset())));
        known = Optional.of(after);
        documents.put(id, made);
        deleteForgotten(before, after);
        isSweepDue = false;
        LOG.info(
                "{}: snapshot {} at offset {}, {} of {} bytes new",
                place.name(),
                id,
                state.logOffset(),
                made.incrementalBytes(),
                made.sizeBytes());
        return made;
    }

    private KvSnapshot upload(long id, Rows.State state, Path checkpoint) {
        Map<String, KvSnapshot.File> there =
                base().map(documents::get).map(KvSnapshot::shared).orElse(List.of()).stream()
                        .collect(Collectors.toMap(KvSnapshot.File::localName, Function.identity()));
        List<KvSnapshot.File> shared = new ArrayList<>();
        List<KvSnapshot.File> own = new ArrayList<>();
        long incrementalBytes = 0;
        for (Path file : filesIn(checkpoint)) {
            checkNotEnded();
            String name = file.getFileName().toString();
            long size = size(file);
            boolean isShared = name.endsWith(SHARED_SUFFIX);
            KvSnapshot.File known = there.get(name);
            if (isShared && known != null && known.sizeBytes() == size) {
                shared.add(known);
            } else if (!name.endsWith(WAL_SUFFIX) || size > 0) {
                String uri =
                        isShared
                                ? place.directory().shared(ids.get())
                                : place.directory().own(id, ids.get());
                files.upload(file, uri);
                (isShared ? shared : own).add(new KvSnapshot.File(uri, size, name));
                incrementalBytes += size;
            }
        }
        return new KvSnapshot(
                place.bucket(),
                id,
                place.directory().snapshot(id),
                shared,
                own,
                incrementalBytes,
                state.logOffset(),
                state.rowCount(),
                state.idRanges());
    }

    private void checkNotEnded() {
        if (isEnded) {
            throw ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                    place.name()
                            + ": the snapshot is given up, this server stops or leads no more");
        }
    }

    private List<Path> filesIn(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private FlussException unreadable(Path file, IOException e) {
        return ErrorReason.KV_STORAGE.exception(
                place.name() + ": " + file + " of a checkpoint cannot be read: " + e, e);
    }

    // ---- forgetting

    /** Leases that have ended may leave more snapshots than are kept as new ones. */
    private void trim() {
        SnapshotRegistry.Known before = known.orElseThrow();
        if (before.entries().size() <= newestKept) {
            return;
        }
        SnapshotRegistry.Known after =
                fenced(() -> registry.trim(place.bucket(), place.leaderEpoch()));
        isSweepDue = true;
        known = Optional.of(after);
        deleteForgotten(before, after);
        isSweepDue = false;
    }

    private void deleteForgotten(SnapshotRegistry.Known before, SnapshotRegistry.Known after) {
        Set<String> named = namedFiles(after);
        for (SnapshotRegistry.Entry e : before.entries()) {
            if (after.holds(e.id())) {
                continue;
            }
            KvSnapshot gone = documents.remove(e.id());
            if (gone != null) {
                gone.shared().stream()
                        .map(KvSnapshot.File::uri)
                        .filter(uri -> !named.contains(uri))
                        .forEach(files::delete);
            }
            files.delete(place.directory().snapshot(e.id()));
        }
    }

    private Set<String> namedFiles(SnapshotRegistry.Known snapshots) {
        Set<String> named = new HashSet<>();
        for (SnapshotRegistry.Entry e : snapshots.entries()) {
            KvSnapshot s = documents.get(e.id());
            if (s == null) {
                throw ErrorReason.STORAGE.exception(
                        place.name()
                                + ": the files of snapshot "
                                + e.id()
                                + " are not known; nothing is deleted");
            }
            s.files().forEach(f -> named.add(f.uri()));
        }
        return named;
    }

    /**
     * Deletes what no known snapshot names; see the class description for why that is safe. Looks
     * at the last part of names only, which is unique: a store may write what is before it
     * otherwise.
     */
    private void sweep() {
        List<String> found = new ArrayList<>(files.list(place.directory().shared()));
        found.addAll(files.listDirectories(place.directory().uri()));
        load();
        SnapshotRegistry.Known now = known.orElseThrow();
        Set<String> kept = new HashSet<>();
        kept.add(lastPart(place.directory().shared()));
        namedFiles(now).forEach(uri -> kept.add(lastPart(uri)));
        now.entries().forEach(e -> kept.add(lastPart(place.directory().snapshot(e.id()))));
        found.removeIf(uri -> kept.contains(lastPart(uri)));
        if (!found.isEmpty()) {
            LOG.info(
                    "{}: {} files or directories of unfinished snapshots are deleted from {}",
                    place.name(),
                    found.size(),
                    place.directory().uri());
        }
        found.forEach(files::delete);
        files.deleteUnfinished(place.directory().shared());
        isSweepDue = false;
    }

    private static String lastPart(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    /** Finds out which snapshots there are; those without a document are dropped. */
    private void load() {
        SnapshotRegistry.Known all =
                fenced(() -> registry.read(place.bucket(), place.leaderEpoch()));
        documents.clear();
        for (SnapshotRegistry.Entry e : all.entries()) {
            Optional<byte[]> document = files.read(e.metadataUri());
            if (document.isPresent()) {
                documents.put(e.id(), KvSnapshotJson.read(document.get()));
            } else {
                LOG.warn(
                        "{}: snapshot {} is dropped, '{}' is missing",
                        place.name(),
                        e.id(),
                        e.metadataUri());
                all = fenced(() -> registry.drop(place.bucket(), place.leaderEpoch(), e.id()));
            }
        }
        known = Optional.of(all);
        ours.retainAll(documents.keySet());
    }

    private <T> T fenced(Supplier<T> call) {
        try {
            return call.get();
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.FENCED_LEADER_EPOCH
                    || e.reason() == ErrorReason.UNKNOWN_TABLE_OR_BUCKET) {
                isEnded = true;
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return place.name() + " in " + place.directory().uri();
    }
}
