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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Files in memory under {@code file://} URIs. Thread-safe. */
public final class InMemoryFileStore implements FileStore {
    private final TreeMap<String, byte[]> files = new TreeMap<>();

    @Override
    public synchronized void write(String uri, byte[] content) {
        checkScheme(uri);
        files.put(uri, content.clone());
    }

    @Override
    public void upload(Path source, String uri) {
        try {
            write(uri, Files.readAllBytes(source));
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception("cannot write '" + uri + "': " + e, e);
        }
    }

    @Override
    public synchronized Optional<byte[]> read(String uri) {
        checkScheme(uri);
        return Optional.ofNullable(files.get(uri)).map(byte[]::clone);
    }

    @Override
    public OptionalInt read(String uri, long position, ByteBuffer into) {
        Optional<byte[]> content = read(uri);
        if (content.isEmpty()) {
            return OptionalInt.empty();
        }
        int from = (int) Math.min(position, content.get().length);
        int length = Math.min(into.remaining(), content.get().length - from);
        into.put(content.get(), from, length);
        return OptionalInt.of(length);
    }

    @Override
    public synchronized List<String> list(String directoryUri) {
        String prefix = prefix(directoryUri);
        return files.tailMap(prefix).keySet().stream()
                .takeWhile(name -> name.startsWith(prefix))
                .filter(name -> name.indexOf('/', prefix.length()) < 0)
                .toList();
    }

    @Override
    public synchronized List<String> listDirectories(String directoryUri) {
        String prefix = prefix(directoryUri);
        return files.tailMap(prefix).keySet().stream()
                .takeWhile(name -> name.startsWith(prefix))
                .filter(name -> name.indexOf('/', prefix.length()) >= 0)
                .map(name -> name.substring(0, name.indexOf('/', prefix.length())))
                .distinct()
                .toList();
    }

    @Override
    public synchronized void delete(String uri) {
        files.remove(uri);
        files.keySet().removeIf(name -> name.startsWith(prefix(uri)));
    }

    private static String prefix(String directoryUri) {
        return directoryUri.endsWith("/") ? directoryUri : directoryUri + "/";
    }

    private static void checkScheme(String uri) {
        if (!uri.startsWith("file:")) {
            throw ErrorReason.STORAGE.exception("'" + uri + "' is not served here");
        }
    }
}
