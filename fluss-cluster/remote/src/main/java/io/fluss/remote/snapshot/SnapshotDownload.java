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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Copies the files of a snapshot into a directory, which appears whole or not at all. Nothing is
 * forced to the disk: after a crash it is copied again.
 */
final class SnapshotDownload {
    private static final int PIECE_BYTES = 1 << 20;

    private final String name;
    private final FileStore files;
    private final BooleanSupplier isEnded;

    /** Gives up with NOT_LEADER_OR_FOLLOWER once the supplier says so. */
    SnapshotDownload(String name, FileStore files, BooleanSupplier isEnded) {
        this.name = name;
        this.files = files;
        this.isEnded = isEnded;
    }

    /** Replaces the directory; empty if a file of the snapshot is missing or has another size. */
    Optional<KvSnapshot> restore(SnapshotRegistry.Entry entry, Path directory) {
        Path partial = directory.resolveSibling(directory.getFileName() + ".download");
        delete(partial);
        delete(directory);
        Optional<KvSnapshot> snapshot = files.read(entry.metadataUri()).map(KvSnapshotJson::read);
        try {
            Files.createDirectories(partial);
            if (snapshot.isEmpty() || !fetch(snapshot.get(), partial)) {
                return Optional.empty();
            }
            Files.move(partial, directory, StandardCopyOption.ATOMIC_MOVE);
            return snapshot;
        } catch (IOException e) {
            throw failed(directory, e);
        } finally {
            delete(partial);
        }
    }

    private boolean fetch(KvSnapshot snapshot, Path into) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (KvSnapshot.File f : snapshot.files()) {
            if (!fetch(f, into.resolve(f.localName()), piece)) {
                return false;
            }
        }
        return true;
    }

    private boolean fetch(KvSnapshot.File file, Path to, ByteBuffer piece) throws IOException {
        try (FileChannel out =
                FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long at = 0;
            while (at < file.sizeBytes()) {
                if (isEnded.getAsBoolean()) {
                    throw ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                            name + ": the leader stops, its snapshot is not copied any further");
                }
                piece.clear();
                OptionalInt read = files.read(file.uri(), at, piece);
                if (read.orElse(0) == 0) {
                    return false;
                }
                piece.flip();
                while (piece.hasRemaining()) {
                    at += out.write(piece);
                }
            }
            return at == file.sizeBytes();
        }
    }

    private FlussException failed(Path directory, IOException e) {
        return ErrorReason.KV_STORAGE.exception(
                name + ": a snapshot cannot be copied into " + directory + ": " + e, e);
    }

    /** Removes a directory with the files in it; does nothing if it is absent. */
    static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> inside = all.sorted(Comparator.reverseOrder()).toList();
            for (Path p : inside) {
                Files.delete(p);
            }
        } catch (IOException e) {
            throw ErrorReason.KV_STORAGE.exception(directory + " cannot be deleted: " + e, e);
        }
    }
}
