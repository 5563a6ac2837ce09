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
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BucketLogTest {
    private static final LogSettings LARGE =
            new LogSettings(1 << 30, 4096, 10 << 20, Long.MAX_VALUE, Duration.ofDays(7));
    private static final LogSettings SMALL =
            new LogSettings(1500, 256, 10 << 20, Long.MAX_VALUE, Duration.ofDays(7));

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(1_000);
    private final ManualLoop loop = new ManualLoop(clock);

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

    private BucketLog.Appended append(BucketLog log, LogBatch... batches) {
        return loop.call(() -> log.append(List.of(batches), clock.nowMs()));
    }

    private void close(BucketLog log, boolean clean) {
        loop.call(
                () -> {
                    if (clean) {
                        log.close();
                    } else {
                        log.abandon();
                    }
                    return clean;
                });
        loop.runAll();
    }

    private static ByteBuffer bytes(LogSlice slice) {
        try (slice) {
            ByteBuffer all = ByteBuffer.allocate((int) slice.size());
            for (ByteParts.Part p : slice.toParts().parts()) {
                ByteParts.FileRange r = (ByteParts.FileRange) p;
                ByteBuffer piece = ByteBuffer.allocate((int) r.size());
                r.file().read(piece, r.position());
                all.put(piece.flip());
            }
            return all.flip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<LogBatch> batches(LogSlice slice) {
        ByteBuffer all = bytes(slice);
        List<LogBatch> out = new ArrayList<>();
        for (int at = 0; at < all.limit(); ) {
            LogBatch b = LogBatch.at(all, at);
            b.checkCrc();
            out.add(b);
            at += b.size();
        }
        return out;
    }

    private static List<LogBatch> all(LogView v) {
        return batches(v.read(v.startOffset(), Integer.MAX_VALUE, true, v.endOffset()));
    }

    @Test
    void stampsOffsetsAndTimeAndKeepsTheRest() {
        BucketLog log = open(LARGE);
        LogBatch sent = Batches.of(5, 0, 3, 100);
        assertThat(append(log, sent)).isEqualTo(new BucketLog.Appended(0, 3, false));
        clock.setNowMs(500); // the wall clock went back
        assertThat(append(log, Batches.of(2, 10), Batches.of(0, 0)).endOffset()).isEqualTo(6);
        List<LogBatch> read = all(log.view());
        assertThat(read).extracting(LogBatch::baseOffset).containsExactly(0L, 3L, 5L);
        assertThat(read).extracting(LogBatch::commitTimestampMs).containsOnly(1_000L);
        assertThat(read.get(0).body()).isEqualTo(sent.body());
        assertThat(read.get(0).writerId()).isEqualTo(5);
        close(log, true);
    }

    @Test
    void readsWholeBatchesWithinTheLimits() {
        BucketLog log = open(SMALL);
        for (int i = 0; i < 40; i++) {
            append(log, Batches.of(2, 52)); // 100 bytes each
        }
        LogView v = log.view();
        assertThat(v.read(0, 250, true, 80).size()).isEqualTo(200);
        assertThat(v.read(1, 250, true, 80).size()).isEqualTo(200);
        assertThat(v.read(0, 50, true, 80).size()).isEqualTo(100);
        assertThat(v.read(0, 50, false, 80).size()).isZero();
        assertThat(v.read(0, 4000, false, 10).size()).isEqualTo(500);
        assertThat(v.read(80, 4000, true, 80).size()).isZero();
        assertThat(v.read(60, 4000, true, 40).size()).isZero();
        assertThat(v.read(0, 1 << 20, true, 80).ranges().size()).isGreaterThan(1);
        for (int from = 0; from < 80; from++) {
            assertThat(batches(v.read(from, 300, true, 80)).get(0).baseOffset())
                    .isEqualTo(from - from % 2);
        }
        for (long bad : new long[] {-1, 81}) {
            assertThatThrownBy(() -> v.read(bad, 1, true, 80))
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e ->
                                    assertThat(e.reason())
                                            .isEqualTo(ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
        }
        close(log, true);
    }

    @Test
    void findsOffsetsByTimeExactly() {
        BucketLog log = open(SMALL);
        for (int i = 0; i < 60; i++) {
            if (i % 3 == 0) {
                clock.setNowMs(2_000 + i);
            }
            append(log, Batches.of(2, 52));
        }
        for (int round = 0; round < 2; round++) {
            LogView v = log.view();
            for (int t = 1_990; t <= 2_057; t++) {
                long first = Math.max(0, (t - 2_000 + 2) / 3) * 6L;
                assertThat(v.offsetAtTime(t)).as("time %s", t).isEqualTo(first);
            }
            assertThat(v.offsetAtTime(2_058)).isEqualTo(120);
            close(log, round == 0);
            log = open(SMALL);
        }
        close(log, true);
    }

    @Test
    void cutsATailTornAtAnyByte() throws IOException {
        BucketLog log = open(LARGE);
        append(log, Batches.of(3, 20), Batches.of(2, 30));
        append(log, Batches.of(4, 40));
        close(log, false);
        Path file = dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG));
        byte[] whole = Files.readAllBytes(file);
        int last = whole.length - 88;
        for (int size = last; size < whole.length; size++) {
            Files.write(file, Arrays.copyOf(whole, size));
            BucketLog again = open(LARGE);
            assertThat(again.view().endOffset()).as("size %s", size).isEqualTo(5);
            assertThat(Files.size(file)).isEqualTo(last);
            assertThat(append(again, Batches.of(1, 1)).baseOffset()).isEqualTo(5);
            close(again, false);
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 100)); // zeros behind the end
        BucketLog again = open(LARGE);
        assertThat(again.view().endOffset()).isEqualTo(9);
        close(again, false);
    }

    @Test
    void cutsAtAFlippedBit() throws IOException {
        BucketLog log = open(LARGE);
        append(log, Batches.of(3, 20), Batches.of(2, 30));
        close(log, false);
        Path file = dir.resolve("log").resolve(Segment.fileName(0, Segment.LOG));
        byte[] whole = Files.readAllBytes(file);
        int last = whole.length - 78;
        for (int at = last; at < whole.length; at++) {
            boolean time =
                    at - last >= LogBatch.TIMESTAMP_OFFSET && at - last < LogBatch.CRC_OFFSET;
            if (time) {
                continue; // the checksum does not cover the commit time
            }
            byte[] broken = whole.clone();
            broken[at] ^= 4;
            Files.write(file, broken);
            BucketLog again = open(LARGE);
            assertThat(again.view().endOffset()).as("byte %s", at - last).isEqualTo(3);
            close(again, false);
        }
    }

    @Test
    void knowsRepeatedBatchesAcrossRestarts() {
        for (boolean clean : new boolean[] {true, false}) {
            BucketLog log = open(SMALL);
            long start = log.view().endOffset();
            long writer = clean ? 11 : 12;
            for (int i = 0; i < 30; i++) {
                append(log, Batches.of(writer, i, 2, 80));
            }
            close(log, clean);
            BucketLog again = open(SMALL);
            for (int i = 25; i < 30; i++) {
                assertThat(append(again, Batches.of(writer, i, 2, 80)))
                        .isEqualTo(
                                new BucketLog.Appended(start + 2L * i, start + 2L * i + 2, true));
            }
            for (int bad : new int[] {24, 31}) {
                assertThatThrownBy(() -> append(again, Batches.of(writer, bad, 2, 80)))
                        .isInstanceOfSatisfying(
                                FlussException.class,
                                e ->
                                        assertThat(e.reason())
                                                .isEqualTo(ErrorReason.OUT_OF_ORDER_SEQUENCE));
            }
            assertThat(append(again, Batches.of(writer, 30, 2, 80)).isDuplicate()).isFalse();
            close(again, true);
        }
    }

    @Test
    void severalBatchesAreAllOrNothing() {
        BucketLog log = open(LARGE);
        append(log, Batches.of(1, 0, 2, 10), Batches.of(1, 1, 2, 10));
        assertThat(append(log, Batches.of(1, 0, 2, 10), Batches.of(1, 1, 2, 10)))
                .isEqualTo(new BucketLog.Appended(0, 4, true));
        assertThatThrownBy(() -> append(log, Batches.of(1, 1, 2, 10), Batches.of(1, 2, 2, 10)))
                .as("a repeated batch among new ones")
                .isInstanceOf(FlussException.class);
        assertThatThrownBy(() -> append(log, Batches.of(1, 2, 2, 10), Batches.of(1, 4, 2, 10)))
                .isInstanceOf(FlussException.class);
        assertThat(log.view().endOffset()).isEqualTo(4);
        close(log, true);
    }

    @Test
    void readersOutliveTheLog() {
        BucketLog log = open(LARGE);
        append(log, Batches.of(3, 20));
        LogView v = log.view();
        LogSlice held = v.read(0, 1000, true, 3);
        loop.call(
                () -> {
                    log.delete();
                    return true;
                });
        assertThat(batches(held)).hasSize(1);
        assertThatThrownBy(() -> v.read(0, 1000, true, 3))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.NOT_LEADER_OR_FOLLOWER));
        assertThat(dir.resolve("log")).doesNotExist();
    }

    @Test
    void behavesLikeAListOfBatches() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            long s = seed;
            runModel(new Random(s), dir.resolve("log"));
            BucketLog log = open(SMALL);
            loop.call(
                    () -> {
                        log.delete();
                        return true;
                    });
        }
    }

    private void runModel(Random random, Path logDir) throws IOException {
        List<Integer> model = new ArrayList<>(); // record counts
        BucketLog log = open(SMALL);
        for (int step = 0; step < 120; step++) {
            switch (random.nextInt(10)) {
                case 0 -> {
                    close(log, random.nextBoolean());
                    log = open(SMALL);
                }
                case 1 -> {
                    close(log, false);
                    long forced =
                            RecoveryFile.read(logDir).map(RecoveryFile::recoveryPoint).orElse(0L);
                    if (log.view().endOffset() > forced) {
                        cutLastBatch(logDir, random);
                        model.remove(model.size() - 1);
                    }
                    log = open(SMALL);
                }
                default -> {
                    int n = random.nextInt(5);
                    append(log, Batches.of(n, random.nextInt(400)));
                    model.add(n);
                }
            }
            check(log.view(), model, random);
        }
        close(log, true);
    }

    /** Tears the last batch of the last segment that has one. */
    private static void cutLastBatch(Path logDir, Random random) throws IOException {
        List<Path> files;
        try (var list = Files.list(logDir)) {
            files = list.filter(p -> p.toString().endsWith(".log")).sorted().toList();
        }
        for (int i = files.size() - 1; i >= 0; i--) {
            byte[] content = Files.readAllBytes(files.get(i));
            if (content.length == 0) {
                Files.delete(files.get(i));
                continue;
            }
            int start = 0;
            for (LogBatch b = LogBatch.at(ByteBuffer.wrap(content), 0);
                    start + b.size() < content.length; ) {
                start += b.size();
                b = LogBatch.at(ByteBuffer.wrap(content), start);
            }
            Files.write(
                    files.get(i),
                    Arrays.copyOf(content, start + random.nextInt(content.length - start)));
            return;
        }
    }

    private static void check(LogView v, List<Integer> model, Random random) {
        Function<Integer, Integer> width = n -> Math.max(1, n);
        long end = model.stream().mapToLong(n -> width.apply(n)).sum();
        assertThat(v.endOffset()).isEqualTo(end);
        assertThat(all(v)).extracting(LogBatch::recordCount).isEqualTo(model);
        if (end > 0) {
            long from = random.nextLong(end);
            int max = random.nextInt(4000);
            List<LogBatch> read = batches(v.read(from, max, true, end));
            assertThat(read.get(0).baseOffset()).isLessThanOrEqualTo(from);
            assertThat(read.get(0).nextOffset()).isGreaterThan(from);
            int size = read.stream().mapToInt(LogBatch::size).sum();
            assertThat(read.size() == 1 || size <= max).isTrue();
        }
    }

    @Test
    void removesWholeSegmentsFromTheStartOnly() {
        BucketLog log = open(SMALL);
        for (int i = 0; i < 12; i++) {
            append(log, Batches.of(7, i, 2, 500));
        }
        List<SealedSegment> sealed = log.view().sealedSegments();
        assertThat(sealed).hasSizeGreaterThan(3);
        LogSlice held = log.view().read(0, Integer.MAX_VALUE, true, log.view().endOffset());
        long inTheMiddle = sealed.get(1).endOffset() + 1;
        assertThat(loop.call(() -> log.removeUpTo(inTheMiddle))).isEqualTo(2);
        assertThat(log.view().startOffset()).isEqualTo(sealed.get(1).endOffset());
        assertThat(sealed.get(0).file()).doesNotExist();
        assertThat(batches(held)).hasSize(12);
        close(log, false);

        BucketLog again = open(SMALL);
        assertThat(again.view().startOffset()).isEqualTo(sealed.get(1).endOffset());
        assertThat(again.view().endOffset()).isEqualTo(24);
        assertThat(loop.call(() -> again.removeUpTo(Long.MAX_VALUE))).isPositive();
        assertThat(again.view().sealedSegments()).isEmpty();
        assertThat(again.view().endOffset()).isEqualTo(24);
        assertThat(append(again, Batches.of(7, 11, 2, 500)).isDuplicate()).isTrue();
        assertThat(append(again, Batches.of(7, 12, 2, 500)).baseOffset()).isEqualTo(24);
        close(again, true);
    }

    @Test
    void givesTheWriterStateAtTheEndOfEachSegment() throws IOException {
        BucketLog log = open(SMALL);
        for (int i = 0; i < 12; i++) {
            append(log, Batches.of(7 + i % 2, i / 2, 2, 500));
        }
        for (SealedSegment s : log.view().sealedSegments()) {
            byte[] stored = s.writerSnapshot();
            try (var files = Files.list(dir.resolve("log"))) {
                for (Path f : files.filter(p -> p.toString().contains("snapshot")).toList()) {
                    Files.move(f, dir.resolve(f.getFileName()));
                }
            }
            assertThat(new String(s.writerSnapshot(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo(new String(stored, java.nio.charset.StandardCharsets.UTF_8));
            try (var files = Files.list(dir)) {
                for (Path f : files.filter(p -> p.toString().contains("snapshot")).toList()) {
                    Files.move(f, dir.resolve("log").resolve(f.getFileName()));
                }
            }
        }
        close(log, true);
    }
}
