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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the segments of a log. What was below the recovery point must be there in full: anything
 * else is a loss that only a person can judge, so that opening is refused. What lies above it is
 * read: where a crash has torn it, the log ends; where it is damaged, opening is refused.
 *
 * <p>Files of a torn part are kept under another name and never served.
 */
final class LogRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);
    private static final String SET_ASIDE = ".unreadable";

    private final String name;
    private final Path dir;
    private final LogSettings settings;
    private final Segment.Opener opener;

    /**
     * @param recoveryPoint the start of the log if none is known
     * @param unread sealed segments that were taken over with their index files
     */
    record Opened(long recoveryPoint, List<RecoveryFile.KnownSegment> unread) {}

    LogRecovery(String name, Path dir, LogSettings settings, Segment.Opener opener) {
        this.name = name;
        this.dir = dir;
        this.settings = settings;
        this.opener = opener;
    }

    /**
     * @param segments takes the segments as they are opened; at least one in the end
     * @throws FlussException with LOG_STORAGE if the log is damaged
     */
    Opened openSegments(List<Segment> segments) throws IOException {
        Optional<RecoveryFile> known = recoveryFile();
        List<Path> files = list(dir, Segment.LOG);
        String tornAt = "";
        for (int i = 0; i < files.size(); i++) {
            Path path = files.get(i);
            long base = offsetOf(path);
            if (known.isPresent() && base < known.get().startOffset()) {
                removeExpired(path, base);
                continue;
            }
            if (tornAt.isEmpty()) {
                tornAt = gap(known, segments, base);
            }
            if (!tornAt.isEmpty()) {
                setAside(path, tornAt);
                continue;
            }
            Segment s = Segment.open(dir, base, settings.indexIntervalBytes(), opener);
            segments.add(s);
            boolean isFollowed = i + 1 < files.size() && Files.size(files.get(i + 1)) > 0;
            Optional<Segment.Fault> fault =
                    s.recover(known.flatMap(k -> k.segment(base)), isFollowed);
            if (fault.isPresent()) {
                cut(s, path, fault.get());
                tornAt = "it follows a segment whose end is torn";
            }
        }
        if (segments.isEmpty() && known.isEmpty()) {
            segments.add(Segment.open(dir, 0, settings.indexIntervalBytes(), opener));
        }
        long end = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).endOffset();
        if (segments.isEmpty() || (known.isPresent() && end < known.get().recoveryPoint())) {
            throw missing(end, known.orElseThrow().recoveryPoint());
        }
        if (known.isEmpty()) {
            return new Opened(segments.get(0).baseOffset(), List.of());
        }
        return new Opened(
                known.get().recoveryPoint(),
                segments.stream()
                        .filter(Segment::isUnread)
                        .flatMap(s -> known.get().segment(s.baseOffset()).stream())
                        .toList());
    }

    private Optional<RecoveryFile> recoveryFile() {
        try {
            return RecoveryFile.read(dir);
        } catch (IOException e) {
            LOG.warn("{}: all of the log is read: {}", name, e.toString());
            return Optional.empty();
        }
    }

    /** Why a segment does not continue those before it; empty if it does. */
    private String gap(Optional<RecoveryFile> known, List<Segment> segments, long base) {
        long expected =
                segments.isEmpty()
                        ? known.map(RecoveryFile::startOffset).orElse(base)
                        : segments.get(segments.size() - 1).endOffset();
        if (base == expected) {
            return "";
        }
        long forced = known.map(RecoveryFile::recoveryPoint).orElse(0L);
        if (expected < forced) {
            throw missing(expected, forced);
        }
        return "offset " + expected + " is missing before it";
    }

    private FlussException missing(long from, long forced) {
        return ErrorReason.LOG_STORAGE.exception(
                name
                        + ": the log in "
                        + dir
                        + " lacks offset "
                        + from
                        + ", but everything below "
                        + forced
                        + " was forced to the disk; the bucket stays offline until the files are"
                        + " restored or the table is dropped");
    }

    private void cut(Segment s, Path path, Segment.Fault fault) throws IOException {
        if (!fault.isTorn()) {
            throw ErrorReason.LOG_STORAGE.exception(
                    name
                            + ": "
                            + path
                            + " is damaged at byte "
                            + fault.position()
                            + ": "
                            + fault.reason()
                            + "; the bucket stays offline until the file is restored or the table"
                            + " is dropped");
        }
        LOG.warn(
                "{}: {} was torn by a crash, cut from {} to {} bytes, the log ends at offset {}:"
                        + " {}",
                name,
                path,
                s.file().channel().size(),
                s.size(),
                s.endOffset(),
                fault.reason());
        s.truncateToSize();
    }

    private void setAside(Path path, String why) throws IOException {
        LOG.warn("{}: {} is set aside and not served: {}", name, path, why);
        Files.move(
                path,
                path.resolveSibling(path.getFileName() + SET_ASIDE),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void removeExpired(Path path, long base) throws IOException {
        LOG.info("{}: {} lies before the start of the log and is removed", name, path);
        IndexFiles.delete(path, base);
        Files.deleteIfExists(path);
    }

    static long offsetOf(Path file) {
        String n = String.valueOf(file.getFileName());
        return Long.parseLong(n.substring(0, n.indexOf('.')));
    }

    /** Files of 20 digits and the suffix, by offset. */
    static List<Path> list(Path dir, String suffix) throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.filter(p -> String.valueOf(p.getFileName()).matches("\\d{20}\\" + suffix))
                    .sorted(Comparator.comparingLong(LogRecovery::offsetOf))
                    .toList();
        }
    }
}
