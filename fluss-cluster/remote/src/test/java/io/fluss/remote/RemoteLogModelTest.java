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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.formats.remote.RemoteSegment;
import io.fluss.log.BucketLog;
import io.fluss.log.LogSettings;
import io.fluss.log.SealedSegment;
import io.fluss.settings.Settings;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds of the remote log that end at every step there is, by a crash or by an error. */
class RemoteLogModelTest {
    private static final TableBucket BUCKET = TableBucket.of(5, 0);
    private static final TablePath TABLE = TablePath.of("db", "t");
    private static final int ROUNDS_SEGMENTS_MAX = 3;

    @TempDir Path temporary;

    /** The coordinator's side in memory. */
    private static final class Registry implements ManifestRegistry {
        private final Steps steps;
        private int epoch;
        private Optional<String> valid = Optional.empty();

        Registry(Steps steps) {
            this.steps = steps;
        }

        @Override
        public Optional<String> read(TableBucket bucket, int leaderEpoch) {
            check(leaderEpoch);
            return valid;
        }

        private void check(int leaderEpoch) {
            if (leaderEpoch != epoch) {
                throw ErrorReason.FENCED_LEADER_EPOCH.exception("epoch " + leaderEpoch);
            }
        }

        @Override
        public void commit(Commit c) {
            steps.step(
                    () -> {
                        check(c.leaderEpoch());
                        assertThat(c.previous()).isEqualTo(valid);
                        valid = Optional.of(c.manifest());
                    });
        }
    }

    /** One bucket: its local log, its remote files, its registry. */
    private final class World {
        private final Path root;
        private final Steps steps = new Steps();
        private final SteppedFiles files = new SteppedFiles(steps);
        private final Registry registry = new Registry(steps);
        private final ManualClock clock = new ManualClock(1_000);
        private final ManualLoop loop = new ManualLoop(clock);
        private final BucketLog log;
        private final Map<Long, byte[]> written = new TreeMap<>();
        private RemoteLog remote;

        World(String name) {
            root = temporary.resolve(name);
            Map<String, String> options =
                    Map.of("log.segment.file-size", "1500", "log.index.interval-size", "256");
            log =
                    loop.call(
                            () ->
                                    BucketLog.open(
                                            "test",
                                            root.resolve("local"),
                                            LogSettings.from(Settings.of(options)),
                                            loop,
                                            Runnable::run,
                                            clock.nowMs()));
            remote = newTerm();
        }

        RemoteLog newTerm() {
            registry.epoch++;
            remote =
                    RemoteLogs.of(
                                    RemoteLogSettings.from(Settings.of(Map.of())),
                                    "file://" + root.resolve("remote"),
                                    files,
                                    registry,
                                    Runnable::run)
                            .open(TABLE, Optional.empty(), BUCKET, registry.epoch);
            return remote;
        }

        void append(int batches) {
            for (int i = 0; i < batches; i++) {
                clock.advance(java.time.Duration.ofMillis(10));
                loop.call(() -> log.append(List.of(batch(3, 400)), clock.nowMs()));
            }
            for (SealedSegment s : log.view().sealedSegments()) {
                written.computeIfAbsent(s.baseOffset(), base -> content(s.file()));
            }
        }

        RemoteLog.Round round(long expiredBeforeMs) {
            return new RemoteLog.Round(
                    log.view(),
                    log.view().endOffset(),
                    ROUNDS_SEGMENTS_MAX,
                    expiredBeforeMs,
                    Long.MAX_VALUE);
        }

        RemoteLogView view() {
            return remote.view().orElseThrow();
        }

        /** As the replica does after a round. */
        void removeCopied() {
            long upTo = Math.min(view().endOffset(), log.view().endOffset());
            loop.call(() -> log.removeUpTo(upTo));
        }

        /** Every file of every segment is there and right, and no offset is lost. */
        void checkReaders() {
            RemoteLogDirectory d = view().directory();
            for (RemoteSegment s : view().manifest().segments()) {
                byte[] expected = written.get(s.startOffset());
                assertThat(files.read(d.log(s))).hasValue(expected);
                assertThat(s.sizeBytes()).isEqualTo(expected.length);
                assertThat(files.read(d.offsetIndex(s))).isPresent();
                assertThat(files.read(d.timeIndex(s))).isPresent();
                assertThat(files.read(d.writerSnapshot(s))).isPresent();
            }
            if (!view().isEmpty()) {
                assertThat(view().endOffset())
                        .isGreaterThanOrEqualTo(log.view().startOffset())
                        .isLessThanOrEqualTo(log.view().endOffset());
            }
        }

        /** Nothing lies around. */
        void checkNoOrphans() {
            RemoteLogDirectory d = view().directory();
            List<String> named = new ArrayList<>();
            view().manifest().segments().forEach(s -> named.add(d.segment(s.id())));
            named.add(d.manifests());
            assertThat(files.listDirectories(d.uri())).containsExactlyInAnyOrderElementsOf(named);
            assertThat(files.list(d.manifests())).containsExactly(registry.valid.orElseThrow());
        }

        void close() {
            loop.call(
                    () -> {
                        log.close();
                        return true;
                    });
        }
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static LogBatch batch(int records, int bodySize) {
        ByteBuffer b =
                ByteBuffer.allocate(LogBatch.HEADER_SIZE + bodySize).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(LogBatch.LENGTH_OFFSET, b.capacity() - LogBatch.LENGTH_OVERHEAD);
        b.putShort(LogBatch.SCHEMA_ID_OFFSET, (short) 1);
        b.put(LogBatch.ATTRIBUTES_OFFSET, (byte) 1);
        b.putInt(LogBatch.LAST_OFFSET_DELTA_OFFSET, records - 1);
        b.putLong(LogBatch.WRITER_ID_OFFSET, LogBatch.NO_WRITER);
        b.putInt(LogBatch.SEQUENCE_OFFSET, LogBatch.NO_SEQUENCE);
        b.putInt(LogBatch.RECORD_COUNT_OFFSET, records);
        CRC32C crc = new CRC32C();
        crc.update(b.slice(LogBatch.SCHEMA_ID_OFFSET, b.capacity() - LogBatch.SCHEMA_ID_OFFSET));
        b.putInt(LogBatch.CRC_OFFSET, (int) crc.getValue());
        return LogBatch.at(b, 0);
    }

    @Test
    void everyStepMayFail() {
        for (Steps.Ending ending : Steps.Ending.values()) {
            int step = 0;
            while (roundThatEndsAt(step, ending)) {
                step++;
            }
            // Uploads, manifest, commit, deletions of the old manifest and of expired segments.
            assertThat(step).isGreaterThan(3 * 4 + 3);
        }
    }

    /** False if the round has no such step. */
    private boolean roundThatEndsAt(int step, Steps.Ending ending) {
        World w = new World(ending + "-" + step);
        w.append(14);
        w.remote.run(w.round(Long.MIN_VALUE));
        w.checkReaders();
        w.checkNoOrphans();
        long firstEnd = w.view().endOffset();
        w.removeCopied();
        w.append(14);
        w.steps.endAt(step, ending);
        // The first of the copied segments is too old by now.
        long expiredBeforeMs = w.view().manifest().segments().get(0).maxTimestampMs() + 1;
        try {
            w.remote.run(w.round(expiredBeforeMs));
        } catch (Steps.Crash | FlussException e) {
            assertThat(w.steps.isTaken()).isTrue();
        }
        boolean isTaken = w.steps.isTaken();
        w.steps.never();
        if (ending == Steps.Ending.CRASH_BEFORE || ending == Steps.Ending.CRASH_AFTER) {
            w.newTerm().load();
        }
        w.checkReaders();
        // Whatever happened: the next round has all segments there, and nothing lies around.
        w.remote.run(w.round(expiredBeforeMs));
        w.remote.run(w.round(expiredBeforeMs));
        w.checkReaders();
        w.checkNoOrphans();
        assertThat(w.view().endOffset()).isGreaterThan(firstEnd);
        assertThat(w.view().manifest().segments())
                .allMatch(s -> s.maxTimestampMs() >= expiredBeforeMs);
        w.removeCopied();
        w.close();
        return isTaken;
    }

    @Test
    void aDeposedLeaderCommitsNothingAndDeletesNothing() {
        World w = new World("deposed");
        w.append(14);
        RemoteLog old = w.remote;
        old.load();
        w.newTerm().run(w.round(Long.MIN_VALUE));
        w.append(14);
        assertThatThrownBy(() -> old.run(w.round(Long.MIN_VALUE)))
                .isInstanceOf(FlussException.class);
        assertThat(old.isEnded()).isTrue();
        assertThat(old.run(w.round(Long.MIN_VALUE))).isZero();
        w.checkReaders();
        w.remote.run(w.round(Long.MIN_VALUE));
        w.checkReaders();
        w.newTerm().run(w.round(Long.MIN_VALUE));
        w.checkNoOrphans();
        w.close();
    }

    @Test
    void copiesNothingAboveTheHighWatermarkAndNotMoreThanARoundMay() {
        World w = new World("bounds");
        w.append(30);
        List<SealedSegment> sealed = w.log.view().sealedSegments();
        assertThat(sealed).hasSizeGreaterThan(ROUNDS_SEGMENTS_MAX + 1);
        RemoteLog.Round low =
                new RemoteLog.Round(
                        w.log.view(),
                        sealed.get(1).endOffset() + 1,
                        ROUNDS_SEGMENTS_MAX,
                        Long.MIN_VALUE,
                        Long.MAX_VALUE);
        assertThat(w.remote.run(low)).isEqualTo(2);
        assertThat(w.view().endOffset()).isEqualTo(sealed.get(1).endOffset());
        assertThat(w.remote.run(low)).isZero();
        assertThat(w.remote.run(w.round(Long.MIN_VALUE))).isEqualTo(ROUNDS_SEGMENTS_MAX);
        w.close();
    }

    @Test
    void keepsExpiredSegmentsThatTheLakeDoesNotHold() {
        World w = new World("lake");
        w.append(14);
        w.remote.run(w.round(Long.MIN_VALUE));
        w.removeCopied();
        List<RemoteSegment> all = w.view().manifest().segments();
        w.remote.run(
                new RemoteLog.Round(w.log.view(), w.log.view().endOffset(), 1, Long.MAX_VALUE, -1));
        assertThat(w.view().manifest().segments()).containsAll(all);
        w.remote.run(
                new RemoteLog.Round(
                        w.log.view(),
                        w.log.view().endOffset(),
                        1,
                        Long.MAX_VALUE,
                        all.get(0).endOffset()));
        assertThat(w.view().startOffset()).isEqualTo(all.get(0).endOffset());
        w.close();
    }

    @Test
    void findsOffsetsAndTimesExactly() {
        World w = new World("indexes");
        w.append(40);
        while (w.remote.run(w.round(Long.MIN_VALUE)) > 0) {
            w.checkReaders();
        }
        RemoteIndexes indexes = new RemoteIndexes(w.files, 100);
        for (RemoteSegment s : w.view().manifest().segments()) {
            byte[] bytes = w.written.get(s.startOffset());
            ByteBuffer all = ByteBuffer.wrap(bytes);
            long timeBefore = Long.MIN_VALUE;
            for (int at = 0; at < bytes.length; ) {
                LogBatch b = LogBatch.at(all, at);
                for (long offset = b.baseOffset(); offset < b.nextOffset(); offset++) {
                    int position = indexes.position(w.view().directory(), s, offset);
                    assertThat(position).isLessThanOrEqualTo(at).isGreaterThanOrEqualTo(at - 1000);
                    assertThat(LogBatch.at(all, position).baseOffset()).isLessThanOrEqualTo(offset);
                    assertThat(indexes.cachedPosition(s, offset)).hasValue(position);
                }
                long t = b.commitTimestampMs();
                if (t > timeBefore) {
                    assertThat(indexes.offsetAtTime(w.view().directory(), s, t))
                            .isEqualTo(b.baseOffset());
                    assertThat(indexes.offsetAtTime(w.view().directory(), s, t - 1))
                            .isEqualTo(t - 1 == timeBefore ? b.baseOffset() - 3 : b.baseOffset());
                }
                timeBefore = t;
                at += b.size();
            }
            assertThat(indexes.offsetAtTime(w.view().directory(), s, timeBefore + 1))
                    .isEqualTo(s.endOffset());
        }
        w.close();
    }

    @Test
    void saysWhatIsMissing() {
        World w = new World("missing");
        w.append(14);
        w.remote.run(w.round(Long.MIN_VALUE));
        w.files.delete(w.registry.valid.orElseThrow());
        assertThatThrownBy(() -> w.newTerm().load())
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("remote.data.dir");
        assertThat(w.remote.view()).isEmpty();
        assertThatThrownBy(() -> w.remote.run(w.round(Long.MIN_VALUE)))
                .isInstanceOf(FlussException.class);
        w.close();
    }
}
