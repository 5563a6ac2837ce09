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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.json.KvSnapshotJson;
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.formats.remote.KvSnapshotDirectory;
import io.fluss.remote.SteppedFiles;
import io.fluss.remote.Steps;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that end at every step there is, by a crash or by an error, and come back. */
class BucketSnapshotsModelTest {
    private static final TableBucket BUCKET = TableBucket.of(5, 0);
    private static final TablePath TABLE = TablePath.of("db", "t");
    private static final int KEPT = 2;

    @TempDir Path temporary;

    /** The coordinator's side in memory. */
    private static final class Registry implements SnapshotRegistry {
        private final Steps steps;
        private int epoch;
        private long nextId;
        private List<Entry> entries = List.of();
        private final Set<Long> leased = new HashSet<>();

        Registry(Steps steps) {
            this.steps = steps;
        }

        private void check(int leaderEpoch) {
            if (leaderEpoch != epoch) {
                throw ErrorReason.FENCED_LEADER_EPOCH.exception("epoch " + leaderEpoch);
            }
        }

        private Known known() {
            return new Known(entries);
        }

        @Override
        public Known read(TableBucket bucket, int leaderEpoch) {
            check(leaderEpoch);
            return known();
        }

        @Override
        public long begin(TableBucket bucket, int leaderEpoch) {
            check(leaderEpoch);
            steps.step(() -> nextId++);
            return nextId - 1;
        }

        @Override
        public Known commit(TableBucket bucket, int leaderEpoch, Entry snapshot) {
            check(leaderEpoch);
            assertThat(snapshot.id()).isLessThan(nextId);
            steps.step(
                    () -> {
                        List<Entry> all = new ArrayList<>(entries);
                        all.add(snapshot);
                        entries = all;
                        forget();
                    });
            return known();
        }

        private void forget() {
            List<Entry> left = new ArrayList<>();
            for (int i = 0; i < entries.size(); i++) {
                if (i >= entries.size() - KEPT || leased.contains(entries.get(i).id())) {
                    left.add(entries.get(i));
                }
            }
            entries = left;
        }

        @Override
        public Known trim(TableBucket bucket, int leaderEpoch) {
            check(leaderEpoch);
            steps.step(this::forget);
            return known();
        }

        @Override
        public Known drop(TableBucket bucket, int leaderEpoch, long snapshotId) {
            check(leaderEpoch);
            entries = entries.stream().filter(e -> e.id() != snapshotId).toList();
            return known();
        }
    }

    /** A store as RocksDB is one: files that never change, numbered from where it was opened. */
    private static final class FakeRows implements Rows {
        private final Random random;
        private final TreeMap<String, String> files;
        private int nextNumber;
        private long offset;

        private FakeRows(Random random, Map<String, String> files, long offset) {
            this.random = random;
            this.files = new TreeMap<>(files);
            this.offset = offset;
            this.nextNumber =
                    files.isEmpty()
                            ? 1
                            : 1 + Integer.parseInt(this.files.lastKey().substring(0, 6));
        }

        static FakeRows opened(Random random, Path directory, long offset) {
            Map<String, String> found = contents(directory);
            found.keySet().removeIf(n -> !n.endsWith(".sst"));
            return new FakeRows(random, found, offset);
        }

        void write() {
            offset += 1 + random.nextInt(5);
            add("rows to " + offset + " " + random.nextInt());
            if (files.size() > 4) {
                // A compaction: the oldest three become one.
                List<String> old = files.keySet().stream().limit(3).toList();
                old.forEach(files::remove);
                add("compacted " + random.nextInt());
            }
        }

        private void add(String content) {
            files.put(String.format(java.util.Locale.ROOT, "%06d.sst", nextNumber++), content);
        }

        @Override
        public long committedOffset() {
            return offset;
        }

        @Override
        public State checkpoint(Path into) {
            try {
                Files.createDirectories(into);
                for (Map.Entry<String, String> f : files.entrySet()) {
                    Files.writeString(into.resolve(f.getKey()), f.getValue(), UTF_8);
                }
                Files.writeString(into.resolve("CURRENT"), "at " + offset, UTF_8);
                Files.writeString(into.resolve("000009.log"), "", UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new State(
                    offset,
                    OptionalLong.of(files.size()),
                    List.of(new KvSnapshot.IdRange(1, offset, offset + 10)));
        }
    }

    private static Map<String, String> contents(Path directory) {
        Map<String, String> out = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path p : all.toList()) {
                out.put(p.getFileName().toString(), Files.readString(p, UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    /** One bucket: its rows, its files, its registry. */
    private final class World {
        private final Path root;
        private final Steps steps = new Steps();
        private final SteppedFiles files = new SteppedFiles(steps);
        private final Registry registry = new Registry(steps);
        private final Random random = new Random(7);
        private final Map<Long, Map<String, String>> written = new HashMap<>();
        private FakeRows rows = new FakeRows(random, Map.of(), 0);
        private BucketSnapshots snapshots;

        World(String name) {
            root = temporary.resolve(name);
            snapshots = newTerm();
        }

        BucketSnapshots newTerm() {
            registry.epoch++;
            snapshots =
                    new Snapshots(
                                    new SnapshotSettings(Duration.ofMinutes(1), KEPT, 1),
                                    remote(),
                                    files,
                                    registry,
                                    Runnable::run)
                            .open(TABLE, Optional.empty(), BUCKET, registry.epoch);
            return snapshots;
        }

        private String remote() {
            return "file://" + root.resolve("remote");
        }

        KvSnapshotDirectory directory() {
            return KvSnapshotDirectory.of(remote(), TABLE, Optional.empty(), BUCKET);
        }

        void write() {
            rows.write();
            written.put(rows.offset, new TreeMap<>(rows.files));
        }

        Optional<KvSnapshot> run() {
            return snapshots.run(rows, root.resolve("scratch"));
        }

        /** A new process that has lost the local rows. */
        void recover() {
            newTerm();
            Path local = root.resolve("rows");
            long logEnd = rows.offset;
            Optional<KvSnapshot> restored = snapshots.restore(local, logEnd);
            long at = restored.map(KvSnapshot::logOffset).orElse(0L);
            rows =
                    restored.isPresent()
                            ? FakeRows.opened(random, local, at)
                            : new FakeRows(random, Map.of(), 0);
            assertThat(rows.files).isEqualTo(at == 0 ? Map.of() : written.get(at));
            assertThat(restored.map(KvSnapshot::idRanges).orElse(List.of()))
                    .hasSize(at == 0 ? 0 : 1);
            while (rows.offset < logEnd) {
                write(); // what the log holds
            }
        }

        /** Every snapshot has all of its files, and they are what was written. */
        void checkReaders() {
            for (SnapshotRegistry.Entry e : registry.entries) {
                KvSnapshot s = KvSnapshotJson.read(files.read(e.metadataUri()).orElseThrow());
                assertThat(s.logOffset()).isEqualTo(e.logOffset());
                Map<String, String> shared = new TreeMap<>();
                for (KvSnapshot.File f : s.files()) {
                    ByteBuffer content = ByteBuffer.allocate(1000);
                    assertThat(files.read(f.uri(), 0, content).orElseThrow())
                            .isEqualTo((int) f.sizeBytes());
                    if (f.localName().endsWith(".sst")) {
                        shared.put(f.localName(), UTF_8.decode(content.flip()).toString());
                    }
                }
                assertThat(shared).isEqualTo(written.get(e.logOffset()));
                assertThat(s.own()).extracting(KvSnapshot.File::localName).contains("CURRENT");
            }
        }

        /** Nothing lies around. */
        void checkNoOrphans() {
            Set<String> directories = new HashSet<>();
            Set<String> shared = new HashSet<>();
            for (SnapshotRegistry.Entry e : registry.entries) {
                directories.add(directory().snapshot(e.id()));
                KvSnapshotJson.read(files.read(e.metadataUri()).orElseThrow())
                        .shared()
                        .forEach(f -> shared.add(f.uri()));
            }
            directories.add(directory().shared());
            assertThat(files.listDirectories(directory().uri()))
                    .containsExactlyInAnyOrderElementsOf(directories);
            assertThat(files.list(directory().shared()))
                    .containsExactlyInAnyOrderElementsOf(shared);
            assertThat(root.resolve("scratch")).doesNotExist();
        }
    }

    @Test
    void everyStepMayFail() {
        for (Steps.Ending ending : Steps.Ending.values()) {
            int step = 0;
            while (roundThatEndsAt(step, ending)) {
                step++;
            }
            // Id, two files, document, commit, files and directory of the one that is forgotten.
            assertThat(step).isGreaterThanOrEqualTo(6);
        }
    }

    /** False if the round has no such step. */
    private boolean roundThatEndsAt(int step, Steps.Ending ending) {
        World w = new World(ending + "-" + step);
        for (int i = 0; i < 4; i++) {
            w.write();
            w.write();
            assertThat(w.run()).isPresent();
        }
        w.checkReaders();
        w.checkNoOrphans();
        w.write();
        w.write();
        w.steps.endAt(step, ending);
        try {
            assertThat(w.run()).isPresent();
        } catch (Steps.Crash | FlussException e) {
            assertThat(w.steps.isTaken()).isTrue();
        }
        boolean isTaken = w.steps.isTaken();
        w.steps.never();
        w.checkReaders();
        if (ending == Steps.Ending.CRASH_BEFORE || ending == Steps.Ending.CRASH_AFTER) {
            w.recover();
        }
        // Whatever happened: the next snapshots are right, and nothing lies around.
        for (int i = 0; i < 3; i++) {
            w.write();
            assertThat(w.run()).isPresent();
            w.checkReaders();
            w.checkNoOrphans();
            assertThat(w.registry.entries).hasSize(KEPT);
        }
        return isTaken;
    }

    @Test
    void copiesOnlyFilesThatAreNew() {
        World w = new World("incremental");
        w.write();
        w.write();
        KvSnapshot first = w.run().orElseThrow();
        assertThat(first.incrementalBytes()).isEqualTo(first.sizeBytes());
        w.write();
        KvSnapshot second = w.run().orElseThrow();
        assertThat(second.shared()).containsAll(first.shared()).hasSize(3);
        assertThat(second.incrementalBytes()).isLessThan(second.sizeBytes());
        assertThat(w.run()).as("nothing has changed").isEmpty();
        w.recover();
        w.write();
        assertThat(w.run().orElseThrow().shared())
                .as("rows of a snapshot still have its files")
                .containsAll(second.shared());
        BucketSnapshots restarted = w.newTerm();
        restarted.keptBase(w.registry.known().latest().orElseThrow().id());
        w.write();
        assertThat(w.run().orElseThrow().incrementalBytes())
                .as("so do rows of an orderly end")
                .isLessThan(w.rows.files.size() * 10L + 100);
        w.checkReaders();
    }

    @Test
    void takesNoFileOverFromRowsThatBeganAnew() {
        World w = new World("anew");
        w.write();
        KvSnapshot first = w.run().orElseThrow();
        w.newTerm();
        w.rows = new FakeRows(new Random(99), Map.of(), 0);
        while (w.rows.offset <= first.logOffset()) {
            w.write();
        }
        assertThat(w.run().orElseThrow().shared()).doesNotContainAnyElementsOf(first.shared());
        w.checkReaders();
    }

    @Test
    void aDeposedLeaderCommitsNothingAndDeletesNothing() {
        World w = new World("deposed");
        w.write();
        assertThat(w.run()).isPresent();
        BucketSnapshots old = w.snapshots;
        w.newTerm();
        w.write();
        assertThat(w.run()).isPresent();
        w.write();
        assertThatThrownBy(() -> old.run(w.rows, w.root.resolve("scratch")))
                .isInstanceOf(FlussException.class);
        assertThat(old.isEnded()).isTrue();
        assertThat(old.run(w.rows, w.root.resolve("scratch"))).isEmpty();
        w.checkReaders();
        w.checkNoOrphans();
    }

    @Test
    void keepsWhatALeaseHoldsAndForgetsItAfterwards() {
        World w = new World("lease");
        w.write();
        KvSnapshot leased = w.run().orElseThrow();
        w.registry.leased.add(leased.id());
        for (int i = 0; i < 4; i++) {
            w.write();
            w.run().orElseThrow();
        }
        w.checkReaders();
        w.checkNoOrphans();
        assertThat(w.registry.entries).hasSize(KEPT + 1);
        assertThat(w.snapshots.neededFrom()).hasValue(leased.logOffset());
        assertThat(w.snapshots.latestOffset()).isEqualTo(w.rows.offset);
        w.registry.leased.clear();
        assertThat(w.run()).as("no writes since").isEmpty();
        assertThat(w.registry.entries).hasSize(KEPT);
        assertThat(w.snapshots.neededFrom().orElseThrow()).isGreaterThan(leased.logOffset());
        w.checkReaders();
        w.checkNoOrphans();
    }

    @Test
    void usesAnOlderSnapshotIfFilesOfTheNewestAreMissingOrItIsAheadOfTheLog() {
        World w = new World("broken");
        w.write();
        KvSnapshot first = w.run().orElseThrow();
        w.write();
        KvSnapshot second = w.run().orElseThrow();
        w.files.delete(second.shared().get(second.shared().size() - 1).uri());
        w.recover();
        assertThat(w.registry.entries)
                .extracting(SnapshotRegistry.Entry::id)
                .containsExactly(first.id());
        w.write();
        KvSnapshot third = w.run().orElseThrow();
        w.checkReaders();
        w.checkNoOrphans();
        assertThat(third.shared()).containsAll(first.shared());
        w.rows.offset = first.logOffset();
        w.recover();
        assertThat(w.registry.entries)
                .extracting(SnapshotRegistry.Entry::id)
                .containsExactly(first.id());
        w.files.delete(w.registry.entries.get(0).metadataUri());
        w.rows.offset = 0;
        w.recover();
        assertThat(w.registry.entries).isEmpty();
        assertThat(w.root.resolve("rows")).doesNotExist();
    }

    @Test
    void beginsAgainAfterADownloadThatWasCutOff() throws IOException {
        World w = new World("download");
        w.write();
        w.write();
        w.run().orElseThrow();
        Path partial = Files.createDirectories(w.root.resolve("rows.download"));
        Files.writeString(partial.resolve("000001.sst"), "half", UTF_8);
        w.recover();
        assertThat(partial).doesNotExist();
        assertThat(w.rows.files).isEqualTo(w.written.get(w.rows.offset));
    }

    @Test
    void anEndedTermGivesUpAtItsNextStep() {
        World w = new World("ended");
        w.write();
        Rows ending =
                new Rows() {
                    @Override
                    public long committedOffset() {
                        return w.rows.committedOffset();
                    }

                    @Override
                    public State checkpoint(Path into) {
                        State s = w.rows.checkpoint(into);
                        w.snapshots.end();
                        return s;
                    }
                };
        assertThat(w.snapshots.run(ending, w.root.resolve("scratch"))).isEmpty();
        assertThat(w.registry.entries).isEmpty();
        assertThat(w.root.resolve("scratch")).doesNotExist();
        assertThat(w.snapshots.neededFrom()).hasValue(0);
    }
}
