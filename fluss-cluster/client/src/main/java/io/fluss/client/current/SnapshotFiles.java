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
package io.fluss.client.current;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.protocol.messages.PbRemotePathAndLocalFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The files of a snapshot in a directory of their own, which goes when this is closed, and the
 * entries in them. Belongs to one thread. The only place that needs {@code rocksdbjni}, which is an
 * optional dependency of the client.
 */
final class SnapshotFiles implements AutoCloseable {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int READAHEAD_BYTES = 2 << 20;

    private final Path directory;
    private final Options options;
    private final ReadOptions readOptions;
    private final RocksDB db;
    private final RocksIterator entries;

    private SnapshotFiles(Path directory) throws RocksDBException {
        RocksDB.loadLibrary();
        this.directory = directory;
        this.options = new Options();
        this.readOptions = new ReadOptions().setFillCache(false).setReadaheadSize(READAHEAD_BYTES);
        RocksDB opened = null;
        try {
            opened = RocksDB.openReadOnly(options, directory.toString());
        } finally {
            if (opened == null) {
                readOptions.close();
                options.close();
            }
        }
        this.db = opened;
        this.entries = db.newIterator(readOptions);
        entries.seekToFirst();
    }

    /**
     * Copies files and opens them.
     *
     * @param parent where the directory is made
     * @throws FlussException with KV_SNAPSHOT_NOT_EXIST if a file is gone, with KV_STORAGE if the
     *     files cannot be read
     */
    static SnapshotFiles open(
            FileStore store, List<PbRemotePathAndLocalFile> files, String parent) {
        Path directory = null;
        boolean isOpen = false;
        try {
            directory = Files.createTempDirectory(Path.of(parent), "fluss-snapshot-");
            for (PbRemotePathAndLocalFile f : files) {
                copy(store, f.getRemotePath(), inside(directory, f.getLocalFileName()));
            }
            SnapshotFiles opened = new SnapshotFiles(directory);
            isOpen = true;
            return opened;
        } catch (RocksDBException e) {
            throw ErrorReason.KV_STORAGE.exception(
                    "the files of a snapshot cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "the files of a snapshot cannot be put into client.scanner.io.tmpdir ("
                            + parent
                            + "): "
                            + e,
                    e);
        } finally {
            if (!isOpen && directory != null) {
                delete(directory);
            }
        }
    }

    /** Names come from the server, and must not lead elsewhere. */
    private static Path inside(Path directory, String name) {
        Path file = directory.resolve(name).normalize();
        if (!directory.equals(file.getParent())) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "a file of a snapshot has the name '" + name + "', which is none");
        }
        return file;
    }

    private static void copy(FileStore store, String from, Path to) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        long position = 0;
        try (FileChannel out =
                FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (true) {
                piece.clear();
                OptionalInt read = store.read(from, position, piece);
                if (read.isEmpty()) {
                    throw ErrorReason.KV_SNAPSHOT_NOT_EXIST.exception(
                            "file '" + from + "' of a snapshot does not exist any more");
                }
                if (read.getAsInt() <= 0) {
                    return;
                }
                piece.flip();
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
                position += read.getAsInt();
                if (read.getAsInt() < PIECE_BYTES) {
                    return;
                }
            }
        }
    }

    /** Whether there is an entry; then {@link #key} and {@link #value} are it. */
    boolean hasEntry() {
        if (entries.isValid()) {
            return true;
        }
        try {
            entries.status();
        } catch (RocksDBException e) {
            throw ErrorReason.KV_STORAGE.exception(
                    "the files of a snapshot are damaged: " + e.getMessage(), e);
        }
        return false;
    }

    byte[] key() {
        return entries.key();
    }

    byte[] value() {
        return entries.value();
    }

    void advance() {
        entries.next();
    }

    private static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        entries.close();
        db.close();
        readOptions.close();
        options.close();
        delete(directory);
    }
}
