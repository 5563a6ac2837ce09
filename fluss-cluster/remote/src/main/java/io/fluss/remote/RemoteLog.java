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
package io.fluss.remote;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.formats.json.RemoteLogManifestJson;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.formats.remote.RemoteLogManifest;
import io.fluss.formats.remote.RemoteSegment;
import io.fluss.log.LogView;
import io.fluss.log.SealedSegment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the remote log of one bucket, for one term of its leader. Used by one thread at a time;
 * {@link #view} is for any thread. Calls block.
 *
 * <p>A round copies segments under fresh ids, writes a manifest under a fresh name, and commits the
 * manifest at the registry; only then do readers see it, and only after that are files deleted that
 * the new manifest does not name. So at every moment the valid manifest names complete files, and
 * what a crash leaves behind are files that no manifest names. These are swept at the first round
 * of a leader and after a round whose end is not known.
 *
 * <p>The sweep first lists what is there and then asks the registry for the valid manifest. The
 * registry refuses a leader that is not the current one. Files that were listed and are not named
 * are therefore those of an earlier term, which cannot commit them any more.
 */
public final class RemoteLog {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteLog.class);

    private final String name;
    private final RemoteLogDirectory directory;
    private final RemoteLogManifest empty;
    private final int leaderEpoch;
    private final FileStore files;
    private final ManifestRegistry registry;
    private final Supplier<UUID> ids;

    /** URI of the valid manifest. */
    private Optional<String> manifestUri = Optional.empty();

    private boolean isKnown;
    private boolean isSweepDue = true;
    private volatile boolean isEnded;
    private volatile Optional<RemoteLogView> view = Optional.empty();

    /**
     * What a round works with.
     *
     * @param log of the leader
     * @param highWatermark only segments that end at or below it are copied
     * @param uploadSegmentsMax segments that the round may copy
     * @param expiredBeforeMs segments whose newest record is older may go
     * @param heldElsewhereUpTo only segments that end at or below it may go: how far the lake holds
     *     the bucket, or the largest long
     */
    public record Round(
            LogView log,
            long highWatermark,
            int uploadSegmentsMax,
            long expiredBeforeMs,
            long heldElsewhereUpTo) {}

    /**
     * The remote log of a bucket.
     *
     * @param name for messages
     * @param empty a manifest without segments
     * @param ids never gives the same twice, also not after a restart
     */
    RemoteLog(
            String name,
            RemoteLogDirectory directory,
            RemoteLogManifest empty,
            int leaderEpoch,
            FileStore files,
            ManifestRegistry registry,
            Supplier<UUID> ids) {
        this.name = name;
        this.directory = directory;
        this.empty = empty;
        this.leaderEpoch = leaderEpoch;
        this.files = files;
        this.registry = registry;
        this.ids = ids;
    }

    /** What readers may use; empty as long as nobody knows what is there. */
    public Optional<RemoteLogView> view() {
        return view;
    }

    /** Makes a running round stop at its next step, and every later one do nothing. */
    public void end() {
        isEnded = true;
    }

    /** Whether the term is over: the leader was told, or another one has taken its place. */
    public boolean isEnded() {
        return isEnded;
    }

    /**
     * Finds out what the valid manifest is.
     *
     * @throws FlussException if it cannot be read; the next round tries again
     */
    public void load() {
        Optional<String> uri = fenced(() -> registry.read(empty.bucket(), leaderEpoch));
        RemoteLogManifest manifest = uri.map(this::read).orElse(empty);
        manifestUri = uri;
        isKnown = true;
        show(manifest);
    }

    private RemoteLogManifest read(String uri) {
        byte[] content =
                files.read(uri)
                        .orElseThrow(
                                () ->
                                        ErrorReason.STORAGE.exception(
                                                name
                                                        + ": the remote log manifest '"
                                                        + uri
                                                        + "' does not exist; is"
                                                        + " 'remote.data.dir' the one it was"
                                                        + " written to?"));
        RemoteLogManifest manifest = RemoteLogManifestJson.read(content);
        if (!manifest.bucket().equals(empty.bucket())) {
            throw ErrorReason.STORAGE.exception(
                    name + ": '" + uri + "' is the manifest of bucket " + manifest.bucket());
        }
        return manifest;
    }

    private void show(RemoteLogManifest manifest) {
        view = Optional.of(new RemoteLogView(directory, manifest));
    }

    /**
     * Copies, commits, expires and cleans up.
     *
     * @return number of segments copied
     * @throws FlussException if a step failed; what was committed before stays, and the next round
     *     repairs the rest
     */
    public int run(Round round) {
        if (isEnded) {
            return 0;
        }
        if (isSweepDue) {
            sweep();
        } else if (!isKnown) {
            load();
        }
        RemoteLogManifest valid = view.orElseThrow().manifest();
        List<RemoteSegment> copied = new ArrayList<>();
        Optional<RuntimeException> failure = Optional.empty();
        try {
            copy(round, valid, copied);
        } catch (RuntimeException e) {
            // What was copied before it is good.
            failure = Optional.of(e);
        }
        RemoteLogManifest next = valid;
        for (RemoteSegment s : copied) {
            next = next.plus(s);
        }
        next = withoutExpired(next, round);
        if (!next.equals(valid) && !isEnded) {
            commit(valid, next);
        } else if (!copied.isEmpty()) {
            isSweepDue = true;
        }
        if (failure.isPresent()) {
            // Also after a commit: files of the copy that failed are in nobody's list.
            isSweepDue = true;
            throw failure.get();
        }
        return copied.size();
    }

    // ---- copying

    private void copy(Round round, RemoteLogManifest valid, List<RemoteSegment> copied) {
        long end = valid.endOffset().orElse(-1);
        if (end > round.log().endOffset()) {
            throw ErrorReason.LOG_STORAGE.exception(
                    name
                            + ": the local log ends at offset "
                            + round.log().endOffset()
                            + ", but its remote copy at "
                            + end
                            + "; nothing is copied, as both may differ");
        }
        for (SealedSegment s : round.log().sealedSegments()) {
            if (copied.size() == round.uploadSegmentsMax() || isEnded) {
                return;
            }
            if (s.endOffset() <= end || s.sizeBytes() == 0) {
                continue;
            }
            if (s.endOffset() > round.highWatermark()) {
                return;
            }
            if (s.baseOffset() < end) {
                throw ErrorReason.LOG_STORAGE.exception(
                        name
                                + ": segment "
                                + s.file()
                                + " begins at offset "
                                + s.baseOffset()
                                + ", within the remote copy, which ends at "
                                + end
                                + "; nothing is copied");
            }
            copied.add(copy(s));
            end = s.endOffset();
        }
    }

    private RemoteSegment copy(SealedSegment s) {
        RemoteSegment remote =
                new RemoteSegment(
                        ids.get(),
                        s.baseOffset(),
                        s.endOffset(),
                        s.maxTimestampMs(),
                        s.sizeBytes());
        try {
            // A power cut must not take from the local log what the remote one holds.
            s.persist();
            files.upload(s.file(), directory.log(remote));
            files.write(directory.offsetIndex(remote), s.offsetIndex());
            files.write(directory.timeIndex(remote), s.timeIndex());
            files.write(directory.writerSnapshot(remote), s.writerSnapshot());
            return remote;
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception(
                    name + ": segment " + s.file() + " cannot be read: " + e, e);
        }
    }

    private static RemoteLogManifest withoutExpired(RemoteLogManifest manifest, Round round) {
        int expired = 0;
        for (RemoteSegment s : manifest.segments()) {
            if (s.maxTimestampMs() >= round.expiredBeforeMs()
                    || s.endOffset() > round.heldElsewhereUpTo()
                    || s.endOffset() > round.log().startOffset()) {
                // What the local log still holds stays remote too: it would be copied again.
                break;
            }
            expired++;
        }
        return manifest.without(expired);
    }

    // ---- committing

    private void commit(RemoteLogManifest valid, RemoteLogManifest next) {
        String uri = directory.manifest(ids.get());
        // Whatever fails from here on may leave files that no manifest names.
        isSweepDue = true;
        files.write(uri, RemoteLogManifestJson.write(next));
        isKnown = false;
        fenced(
                () -> {
                    registry.commit(
                            new ManifestRegistry.Commit(
                                    empty.bucket(),
                                    leaderEpoch,
                                    manifestUri,
                                    uri,
                                    next.startOffset().orElse(valid.endOffset().orElse(0)),
                                    next.endOffset().orElse(valid.endOffset().orElse(0))));
                    return uri;
                });
        isKnown = true;
        Optional<String> old = manifestUri;
        manifestUri = Optional.of(uri);
        show(next);
        old.ifPresent(files::delete);
        Set<UUID> kept = idsOf(next);
        for (RemoteSegment s : valid.segments()) {
            if (!kept.contains(s.id())) {
                files.delete(directory.segment(s.id()));
            }
        }
        isSweepDue = false;
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

    // ---- sweeping

    /** Deletes what no manifest names; see the class description for why that is safe. */
    private void sweep() {
        List<String> segments = files.listDirectories(directory.uri());
        List<String> manifests = files.list(directory.manifests());
        load();
        Set<String> named = new HashSet<>();
        view.orElseThrow().manifest().segments().forEach(s -> named.add(directory.segment(s.id())));
        named.add(directory.manifests());
        manifestUri.ifPresent(named::add);
        List<String> orphans = new ArrayList<>(segments);
        orphans.addAll(manifests);
        orphans.removeIf(named::contains);
        if (!orphans.isEmpty()) {
            LOG.info(
                    "{}: {} files or directories of unfinished rounds are deleted from {}",
                    name,
                    orphans.size(),
                    directory.uri());
        }
        orphans.forEach(files::delete);
        files.deleteUnfinished(directory.manifests());
        isSweepDue = false;
    }

    private static Set<UUID> idsOf(RemoteLogManifest manifest) {
        return manifest.segments().stream().map(RemoteSegment::id).collect(Collectors.toSet());
    }

    @Override
    public String toString() {
        return name + " in " + directory.uri();
    }
}
