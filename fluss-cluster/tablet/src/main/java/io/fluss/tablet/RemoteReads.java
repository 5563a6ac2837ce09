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
package io.fluss.tablet;

import io.fluss.formats.remote.RemoteSegment;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogReqForTable;
import io.fluss.protocol.messages.PbRemoteLogFetchInfo;
import io.fluss.protocol.messages.PbRemoteLogSegment;
import io.fluss.remote.RemoteIndexes;
import io.fluss.remote.RemoteLogView;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers of a leader for what is not in its local log any more. Thread-safe.
 *
 * <p>What a leader serves locally is always taken before its remote view: segments leave the local
 * log only after they were seen in the remote one.
 */
final class RemoteReads {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteReads.class);

    /** Bounds an answer; the client asks again at the end of the last one. */
    private static final int SEGMENTS_MAX = 100;

    private static final int REMOTE_FIRST = 1;
    private static final long EARLIEST = -2;

    private RemoteReads() {}

    /** The lowest offset that can be read, here or in the remote log. */
    static long earliest(Replica replica, Replica.Serving s) {
        long local = s.log().startOffset();
        Optional<ReplicaRemote> remote = replica.remote();
        if (remote.isEmpty() || local == 0) {
            return local;
        }
        RemoteLogView view = remote.get().view().orElseThrow(remote.get()::notKnownYet);
        return Math.min(local, view.startOffset());
    }

    /** Where to read an offset remotely; empty if it is to be read from the local log. */
    static Optional<PbRemoteLogFetchInfo> locate(
            Replica replica, Replica.Serving s, long offset, int readPreference) {
        Optional<ReplicaRemote> remote = replica.remote();
        boolean isLocal = offset >= s.log().startOffset();
        if (remote.isEmpty() || (isLocal && readPreference != REMOTE_FIRST)) {
            return Optional.empty();
        }
        Optional<RemoteLogView> view = remote.get().view();
        if (view.isEmpty() && !isLocal) {
            throw remote.get().notKnownYet();
        }
        return view.filter(v -> v.holds(offset))
                .map(v -> message(v, remote.get().remotes().indexes(), offset));
    }

    private static PbRemoteLogFetchInfo message(
            RemoteLogView view, RemoteIndexes indexes, long offset) {
        List<RemoteSegment> segments = view.from(offset, SEGMENTS_MAX);
        PbRemoteLogFetchInfo.Builder out =
                PbRemoteLogFetchInfo.newBuilder()
                        .setRemoteLogTabletDir(view.directory().uri())
                        // Without the index the first batch will do: readers skip what they know.
                        .setFirstStartPos(
                                indexes.cachedPosition(segments.get(0), offset).orElse(0));
        view.partitionName().ifPresent(out::setPartitionName);
        for (RemoteSegment segment : segments) {
            out.addRemoteLogSegments(
                    PbRemoteLogSegment.newBuilder()
                            .setRemoteLogSegmentId(segment.id().toString())
                            .setRemoteLogStartOffset(segment.startOffset())
                            .setRemoteLogEndOffset(segment.endOffset())
                            .setSegmentSizeInBytes(segment.sizeBytes())
                            .setMaxTimestamp(segment.maxTimestampMs()));
        }
        return out.build();
    }

    /** Reads the indexes that a fetch needs and that are not in memory; never fails. */
    static CompletableFuture<Void> prepared(ReplicaHost host, FetchLogRequest request) {
        List<CompletableFuture<Void>> reads = new ArrayList<>();
        for (PbFetchLogReqForTable t : request.getTablesReqList()) {
            for (PbFetchLogReqForBucket b : t.getBucketsReqList()) {
                host.led(
                                TableBucket.of(
                                        t.getTableId(),
                                        b.hasPartitionId()
                                                ? OptionalLong.of(b.getPartitionId())
                                                : OptionalLong.empty(),
                                        b.getBucketId()))
                        .flatMap(r -> indexRead(r, b.getFetchOffset(), request.getReadPreference()))
                        .ifPresent(reads::add);
            }
        }
        return reads.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new));
    }

    private static Optional<CompletableFuture<Void>> indexRead(
            Replica replica, long offset, int readPreference) {
        Optional<Replica.Serving> s = replica.serving();
        Optional<ReplicaRemote> remote = replica.remote();
        boolean isLocal =
                s.isEmpty() || offset == EARLIEST || offset >= s.get().log().startOffset();
        if (remote.isEmpty() || (isLocal && readPreference != REMOTE_FIRST)) {
            return Optional.empty();
        }
        Optional<RemoteLogView> view = remote.get().view().filter(v -> v.holds(offset));
        RemoteIndexes indexes = remote.get().remotes().indexes();
        if (view.isEmpty()) {
            return Optional.empty();
        }
        RemoteSegment first = view.get().from(offset, 1).get(0);
        if (first.startOffset() == offset || indexes.cachedPosition(first, offset).isPresent()) {
            return Optional.empty();
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            remote.get()
                    .remotes()
                    .executor()
                    .execute(
                            () -> {
                                try {
                                    indexes.position(view.get().directory(), first, offset);
                                } catch (RuntimeException e) {
                                    LOG.warn("the index of {} was not read", first, e);
                                } finally {
                                    done.complete(null);
                                }
                            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the index of {} was not read", first, e);
            done.complete(null);
        }
        return Optional.of(done);
    }

    /** Whether the first record of a time has to be looked for in the remote log. */
    static boolean isTimeRemote(Replica replica, long timestampMs) {
        return replica.serving()
                .filter(s -> s.log().startOffset() > 0)
                .flatMap(s -> remoteAtTime(replica, s, timestampMs))
                .isPresent();
    }

    private static Optional<RemoteSegment> remoteAtTime(
            Replica replica, Replica.Serving s, long timestampMs) {
        Optional<ReplicaRemote> remote = replica.remote();
        if (remote.isEmpty() || s.log().startOffset() == 0) {
            return Optional.empty();
        }
        return remote.get()
                .view()
                .orElseThrow(remote.get()::notKnownYet)
                .atTime(timestampMs)
                .filter(segment -> segment.startOffset() < s.log().startOffset());
    }

    /**
     * Offset of the first batch whose commit time is at or after the given one, remote or local;
     * the log end offset if there is none. Blocks if {@link #isTimeRemote}.
     */
    static long offsetAtTime(Replica replica, Replica.Serving s, long timestampMs) {
        Optional<RemoteSegment> segment = remoteAtTime(replica, s, timestampMs);
        if (segment.isEmpty()) {
            return s.log().offsetAtTime(timestampMs);
        }
        ReplicaRemote remote = replica.remote().orElseThrow();
        return remote.remotes()
                .indexes()
                .offsetAtTime(remote.view().orElseThrow().directory(), segment.get(), timestampMs);
    }
}
