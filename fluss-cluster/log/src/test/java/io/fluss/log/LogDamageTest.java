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
package io.fluss.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes of a log whose files, or whose disk, are not what they were. */
class LogDamageTest {
    private static final LogSettings SETTINGS =
            new LogSettings(1500, 256, 10 << 20, Long.MAX_VALUE, Duration.ofDays(7));
    private static final long WRITER = 7;

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(1_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final SmallDisk disk = new SmallDisk();

    private BucketLog open() {
        return loop.call(
                () ->
                        BucketLog.open(
                                "test",
                                dir.resolve("log"),
                                SETTINGS,
                                loop,
                                Runnable::run,
                                clock.nowMs(),
                                disk));
    }

    private Optional<FlussException> tryOpen(List<BucketLog> opened) {
        try {
            opened.add(open());
            return Optional.empty();
        } catch (FlussException e) {
            return Optional.of(e);
        }
    }

    private BucketLog.Appended append(BucketLog log, int sequence) {
        clock.advance(Duration.ofMillis(10));
        return loop.call(
                () -> log.append(List.of(Batches.of(WRITER, sequence, 2, 80)), clock.nowMs()));
    }

    private void end(BucketLog log, boolean cleanly) {
        loop.runAll();
        loop.call(
                () -> {
                    if (cleanly) {
                        log.close();
                    } else {
                        log.abandon();
                    }
                    return cleanly;
                });
        loop.runAll();
    }

    private static List<ByteBuffer> bodies(LogView v, long from) {
        try (LogSlice slice = v.read(from, 1, true, v.endOffset())) {
            List<ByteBuffer> out = new ArrayList<>();
            for (ByteParts.Part p : slice.toParts().parts()) {
                ByteParts.FileRange r = (ByteParts.FileRange) p;
                ByteBuffer piece = ByteBuffer.allocate((int) r.size());
                r.file().read(piece, r.position());
                for (int at = 0; at < piece.limit(); ) {
                    LogBatch b = LogBatch.at(piece, at);
                    assertThat(b.baseOffset()).isEqualTo(from);
                    b.checkCrc();
                    out.add(b.bytes().slice(LogBatch.CRC_OFFSET, b.size() - LogBatch.CRC_OFFSET));
                    at += b.size();
                }
            }
            return out;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Map<Path, byte[]> files() throws IOException {
        Map<Path, byte[]> all = new HashMap<>();
        try (var list = Files.list(dir.resolve("log"))) {
            for (Path p : list.toList()) {
                all.put(p, Files.readAllBytes(p));
            }
        }
        return all;
    }

    /** Puts one file back; the test has changed no other. */
    private static void restore(Map.Entry<Path, byte[]> file) throws IOException {
        Files.write(file.getKey(), file.getValue());
    }

    private static void flip(Path file, byte[] content, int at) throws IOException {
        byte[] broken = content.clone();
        broken[at] ^= (byte) (1 << at % 8);
        Files.write(file, broken);
    }

    private static boolean isCommitTime(byte[] segment, int at) {
        int start = 0;
        ByteBuffer bytes = ByteBuffer.wrap(segment);
        while (start + LogBatch.at(bytes, start).size() <= at) {
            start += LogBatch.at(bytes, start).size();
        }
        int in = at - start;
        return in >= LogBatch.TIMESTAMP_OFFSET && in < LogBatch.CRC_OFFSET;
    }

    private static void assertDamaged(FlussException e, Path file) {
        assertThat(e.reason()).isIn(ErrorReason.LOG_STORAGE, ErrorReason.CORRUPT_RECORD);
        assertThat(e).hasMessageContaining(file.toString()).hasMessageMatching(".*byte \\d+: .*");
    }

    /** Every batch is what it was, or reading it is refused. */
    private static int refusedReads(BucketLog log, List<ByteBuffer> expected, Path file) {
        int refused = 0;
        for (long offset = 0; offset < log.view().endOffset(); offset += 2) {
            try {
                assertThat(bodies(log.view(), offset))
                        .containsExactly(expected.get((int) offset / 2));
            } catch (FlussException e) {
                assertDamaged(e, file);
                refused++;
            }
        }
        return refused;
    }

    private List<ByteBuffer> expected(int batches) {
        List<ByteBuffer> out = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            LogBatch b = Batches.of(WRITER, i, 2, 80);
            out.add(b.bytes().slice(LogBatch.CRC_OFFSET, b.size() - LogBatch.CRC_OFFSET));
        }
        return out;
    }

    @Test
    void aFlippedBitInASegmentIsNeverServed() throws IOException {
        BucketLog log = open();
        for (int i = 0; i < 30; i++) {
            append(log, i);
        }
        end(log, true);
        List<ByteBuffer> expected = expected(30);
        Map<Path, byte[]> whole = files();
        for (Map.Entry<Path, byte[]> f : whole.entrySet()) {
            if (!f.getKey().toString().endsWith(Segment.LOG)) {
                continue;
            }
            for (int at = 0; at < f.getValue().length; at++) {
                flip(f.getKey(), f.getValue(), at);
                List<BucketLog> opened = new ArrayList<>();
                Optional<FlussException> refused = tryOpen(opened);
                refused.ifPresent(e -> assertDamaged(e, f.getKey()));
                if (refused.isEmpty()) {
                    assertThat(opened.get(0).view().endOffset()).isEqualTo(60);
                    int reads = refusedReads(opened.get(0), expected, f.getKey());
                    if (!isCommitTime(f.getValue(), at)) {
                        assertThat(reads).as("%s byte %s", f.getKey(), at).isPositive();
                    }
                    end(opened.get(0), false);
                }
            }
            restore(f);
        }
    }

    @Test
    void aFlippedBitAboveTheRecoveryPointIsCutOnlyAtTheVeryEnd() throws IOException {
        BucketLog log = open();
        for (int i = 0; i < 9; i++) {
            append(log, i);
        }
        end(log, false);
        List<ByteBuffer> expected = expected(9);
        Map<Path, byte[]> whole = files();
        Path file = dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG));
        byte[] content = whole.get(file);
        int last = content.length - 128;
        for (int at = 0; at < content.length; at++) {
            flip(file, content, at);
            List<BucketLog> opened = new ArrayList<>();
            Optional<FlussException> refused = tryOpen(opened);
            if (refused.isPresent()) {
                assertDamaged(refused.get(), file);
                assertThat(at < last || isCommitTime(content, at)).as("byte %s", at).isTrue();
                assertThat(Files.size(file)).isEqualTo(content.length);
                continue;
            }
            long end = opened.get(0).view().endOffset();
            assertThat(end).as("byte %s", at).isEqualTo(isCommitTime(content, at) ? 18 : 16);
            assertThat(refusedReads(opened.get(0), expected, file)).isZero();
            end(opened.get(0), false);
        }
    }

    @Test
    void pagesThatWereNeverWrittenAreCutWithWhatFollows() throws IOException {
        LogSettings large =
                new LogSettings(1 << 20, 256, 10 << 20, Long.MAX_VALUE, Duration.ofDays(7));
        BucketLog log = open(large);
        for (int i = 0; i < 200; i++) {
            append(log, i);
        }
        end(log, false);
        Path file = dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG));
        byte[] content = Files.readAllBytes(file);
        Arrays.fill(content, 8192, 12288, (byte) 0);
        Files.write(file, content);
        BucketLog again = open(large);
        assertThat(again.view().endOffset()).isEqualTo(8192 / 128 * 2);
        assertThat(append(again, 64).baseOffset()).isEqualTo(128);
        end(again, true);
    }

    private BucketLog open(LogSettings settings) {
        return loop.call(
                () ->
                        BucketLog.open(
                                "test",
                                dir.resolve("log"),
                                settings,
                                loop,
                                Runnable::run,
                                clock.nowMs()));
    }

    @Test
    void aShortenedSegmentBelowTheRecoveryPointIsRefused() throws IOException {
        BucketLog log = open();
        for (int i = 0; i < 30; i++) {
            append(log, i);
        }
        end(log, true);
        Map<Path, byte[]> whole = files();
        for (Map.Entry<Path, byte[]> f : whole.entrySet()) {
            if (!f.getKey().toString().endsWith(Segment.LOG)) {
                continue;
            }
            for (int size = 0; size < f.getValue().length; size++) {
                Files.write(f.getKey(), Arrays.copyOf(f.getValue(), size));
                assertThat(tryOpen(new ArrayList<>()))
                        .as("%s of %s bytes", f.getKey(), size)
                        .hasValueSatisfying(e -> assertDamaged(e, f.getKey()));
            }
            Files.delete(f.getKey());
            assertThat(tryOpen(new ArrayList<>()))
                    .hasValueSatisfying(
                            e ->
                                    assertThat(e)
                                            .hasMessageContaining(dir.resolve("log").toString())
                                            .hasMessageContaining("lacks offset"));
            restore(f);
        }
    }

    @Test
    void indexRecoveryFileAndWriterStateAreMadeAgain() throws IOException {
        BucketLog log = open();
        for (int i = 0; i < 30; i++) {
            append(log, i);
        }
        end(log, true);
        List<ByteBuffer> expected = expected(30);
        Map<Path, byte[]> whole = files();
        for (Map.Entry<Path, byte[]> f : whole.entrySet()) {
            if (f.getKey().toString().endsWith(Segment.LOG)) {
                continue;
            }
            for (int at = 0; at < f.getValue().length; at++) {
                flip(f.getKey(), f.getValue(), at);
                BucketLog again = open();
                assertThat(again.view().endOffset()).isEqualTo(60);
                assertThat(refusedReads(again, expected, f.getKey())).isZero();
                for (int i = 0; i < 30; i++) {
                    assertThat(again.view().offsetAtTime(1_010 + 10 * i)).isEqualTo(2 * i);
                }
                for (int i = 25; i < 30; i++) {
                    assertThat(append(again, i).isDuplicate())
                            .as("%s byte %s", f.getKey(), at)
                            .isTrue();
                }
                end(again, false);
            }
            restore(f);
        }
    }

    @Test
    void aWriteThatStopsAtAnyByteLeavesNothing() {
        BucketLog log = open();
        append(log, 0);
        for (int room = 0; room < 128; room++) {
            disk.roomBytes(room);
            assertThatThrownBy(() -> append(log, 1))
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e -> {
                                assertThat(e.reason()).isEqualTo(ErrorReason.DISK_WRITE_LOCKED);
                                assertThat(e)
                                        .hasMessageContaining(dir.resolve("log").toString())
                                        .hasMessageContaining("No space left");
                            });
            assertThat(log.view().endOffset()).isEqualTo(2);
            assertThat(bodies(log.view(), 0)).hasSize(1);
            assertThat(dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG))).hasSize(128);
        }
        disk.roomBytes(Long.MAX_VALUE);
        assertThat(append(log, 1).baseOffset()).isEqualTo(2);
        end(log, false);
        BucketLog again = open();
        assertThat(again.view().endOffset()).isEqualTo(4);
        end(again, true);
    }

    @Test
    void aReadOnlyDirectoryHealsItself() throws IOException {
        BucketLog log = open();
        append(log, 0);
        disk.roomBytes(50);
        assertThatThrownBy(() -> append(log, 1)).isInstanceOf(FlussException.class);
        disk.readOnly(true);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> append(log, 1))
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e -> assertThat(e.reason()).isEqualTo(ErrorReason.DISK_WRITE_LOCKED))
                    .hasMessageContaining("Read-only");
        }
        assertThat(bodies(log.view(), 0)).hasSize(1);
        disk.readOnly(false);
        disk.roomBytes(Long.MAX_VALUE);
        assertThat(append(log, 1).baseOffset()).isEqualTo(2);
        end(log, true);
    }

    @Test
    void nothingIsAppendedAfterForcingHasFailed() {
        BucketLog log = open();
        append(log, 0);
        disk.forceBroken(true);
        assertThatThrownBy(log::force).isInstanceOf(IOException.class);
        loop.call(
                () -> {
                    log.forceFailed(new IOException("Input/output error"));
                    return true;
                });
        disk.forceBroken(false);
        assertThatThrownBy(() -> append(log, 1))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.LOG_STORAGE))
                .hasMessageContaining(dir.resolve("log").toString());
        assertThat(bodies(log.view(), 0)).hasSize(1);
        end(log, true);
        BucketLog again = open();
        assertThat(again.view().endOffset()).isEqualTo(2);
        assertThat(append(again, 1).baseOffset()).isEqualTo(2);
        end(again, true);
    }

    @Test
    void removedSegmentsStayAwayAndTheirReadersGoOn() throws IOException {
        BucketLog log = open();
        for (int i = 0; i < 30; i++) {
            append(log, i);
        }
        loop.runAll();
        LogView before = log.view();
        LogSlice held = before.read(0, Integer.MAX_VALUE, true, 60);
        long start =
                loop.call(
                        () -> {
                            log.deleteOldest(s -> s.maxTimestampMs() < 1_150);
                            return log.view().startOffset();
                        });
        assertThat(start).isPositive().isLessThan(60);
        assertThat(held.size()).isEqualTo(30 * 128);
        assertOutOfRange(log.view());
        ByteBuffer first = ByteBuffer.allocate(128);
        held.ranges().get(0).read(first, 0);
        assertThat(LogBatch.at(first.flip(), 0).sequence()).isZero();
        held.close();
        assertOutOfRange(before);
        loop.runAll();
        Map<Path, byte[]> left = files();
        assertThat(left)
                .doesNotContainKey(dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG)));
        end(log, false);
        BucketLog again = open();
        assertThat(again.view().startOffset()).isEqualTo(start);
        assertThat(again.view().endOffset()).isEqualTo(60);
        loop.call(
                () -> {
                    again.rollNow();
                    again.deleteOldest(s -> true);
                    return true;
                });
        assertThat(again.view().startOffset()).isEqualTo(60);
        end(again, false);
        BucketLog empty = open();
        assertThat(empty.view().startOffset()).isEqualTo(60);
        assertThat(append(empty, 29).isDuplicate()).isTrue();
        assertThat(append(empty, 30).baseOffset()).isEqualTo(60);
        end(empty, true);
    }

    private static void assertOutOfRange(LogView v) {
        assertThatThrownBy(() -> v.read(0, 100, true, 60))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
    }

    @Test
    void restartReadsOnlyWhatIsAboveTheRecoveryPoint() throws IOException {
        BucketLog log = open();
        for (int i = 0; i < 5; i++) {
            append(log, i);
        }
        loop.call(
                () -> {
                    log.checkpoint();
                    return true;
                });
        loop.runAll();
        assertThat(RecoveryFile.read(dir.resolve("log")).orElseThrow().recoveryPoint())
                .isEqualTo(10);
        append(log, 5);
        end(log, false);
        // Damage below the recovery point is not looked for at the start, and refused when read.
        Path file = dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG));
        byte[] content = Files.readAllBytes(file);
        flip(file, content, 70);
        BucketLog again = open();
        assertThat(again.view().endOffset()).isEqualTo(12);
        assertThatThrownBy(() -> again.view().read(0, 100, true, 12))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD));
        assertThat(append(again, 6).baseOffset()).isEqualTo(12);
        assertThat(bodies(again.view(), 12)).hasSize(1);
        end(again, true);
    }
}
