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
package io.fluss.filestore;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Files of the local machine. A write goes to a temporary file beside the target, is synced,
 * renamed over the target, and the directory is synced. Thread-safe.
 */
public final class LocalFileStore implements FileStore {
    private static final String TEMPORARY = ".tmp-";

    @Override
    public void write(String uri, byte[] content) {
        replace(uri, temporary -> writeSynced(temporary, content));
    }

    @Override
    public void upload(Path source, String uri) {
        replace(uri, temporary -> copySynced(source, temporary));
    }

    /** Makes the content of a file that does not exist yet. */
    @FunctionalInterface
    private interface Content {
        void writeTo(Path file) throws IOException;
    }

    private static void replace(String uri, Content content) {
        Path file = path(uri);
        try {
            Path directory = directoryOf(file, uri);
            Files.createDirectories(directory);
            Path temporary = directory.resolve(TEMPORARY + UUID.randomUUID());
            try {
                content.writeTo(temporary);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
                sync(directory);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw failure("write", uri, e);
        }
    }

    @Override
    public OptionalInt read(String uri, long position, ByteBuffer into) {
        try (FileChannel channel = FileChannel.open(path(uri), StandardOpenOption.READ)) {
            int from = into.position();
            while (into.hasRemaining()) {
                if (channel.read(into, position + into.position() - from) < 0) {
                    break;
                }
            }
            return OptionalInt.of(into.position() - from);
        } catch (NoSuchFileException e) {
            return OptionalInt.empty();
        } catch (IOException e) {
            throw failure("read", uri, e);
        }
    }

    @Override
    public Optional<byte[]> read(String uri) {
        try {
            return Optional.of(Files.readAllBytes(path(uri)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", uri, e);
        }
    }

    @Override
    public List<String> list(String directoryUri) {
        return list(directoryUri, Files::isRegularFile);
    }

    @Override
    public List<String> listDirectories(String directoryUri) {
        return list(directoryUri, Files::isDirectory);
    }

    private static List<String> list(String directoryUri, Predicate<Path> wanted) {
        String base =
                directoryUri.endsWith("/")
                        ? directoryUri.substring(0, directoryUri.length() - 1)
                        : directoryUri;
        try (Stream<Path> files = Files.list(path(directoryUri))) {
            return files.filter(wanted)
                    .map(f -> String.valueOf(f.getFileName()))
                    .filter(name -> !name.startsWith(TEMPORARY))
                    .sorted()
                    .map(name -> base + "/" + name)
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw failure("list", directoryUri, e);
        }
    }

    @Override
    public void deleteUnfinished(String directoryUri) {
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(path(directoryUri), TEMPORARY + "*")) {
            for (Path temporary : left) {
                Files.deleteIfExists(temporary);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return; // nothing was ever written there
        } catch (IOException e) {
            throw failure("clean up", directoryUri, e);
        }
    }

    @Override
    public void delete(String uri) {
        Path root = path(uri);
        try {
            Files.walkFileTree(root, new DeleteAll());
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw failure("delete", uri, e);
        }
    }

    /** The local path that a URI text names. */
    private static Path path(String uri) {
        if (!uri.startsWith("file:")) {
            if (uri.contains("://")) {
                throw ErrorReason.STORAGE.exception(
                        "'" + uri + "' is not a local file; only file: URIs and paths are served");
            }
            return Path.of(uri).toAbsolutePath();
        }
        try {
            return Path.of(URI.create(uri));
        } catch (IllegalArgumentException e) {
            throw ErrorReason.STORAGE.exception("'" + uri + "' is not a valid file URI", e);
        }
    }

    private static Path directoryOf(Path file, String uri) {
        Path parent = file.getParent();
        if (parent == null) {
            throw ErrorReason.STORAGE.exception("'" + uri + "' names no file");
        }
        return parent;
    }

    private static void writeSynced(Path file, byte[] content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static void copySynced(Path source, Path file) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
                FileChannel to =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = from.size();
            for (long at = 0; at < size; ) {
                long n = from.transferTo(at, size - at, to);
                if (n <= 0) {
                    throw new EOFException(source + " ends at byte " + at + " of " + size);
                }
                at += n;
            }
            to.force(true);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static FlussException failure(String what, String uri, IOException cause) {
        return ErrorReason.STORAGE.exception("cannot " + what + " '" + uri + "': " + cause, cause);
    }

    /** Deletes files on the way down and directories on the way up. */
    private static final class DeleteAll extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(
                Path directory, @org.jspecify.annotations.Nullable IOException failure)
                throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
