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
import io.fluss.settings.Settings;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/**
 * All stores there are, by the scheme of the URI: local files, and what {@link FileStoreProvider}s
 * on the class path serve, each opened when it is first needed. Thread-safe.
 */
public final class FileStores implements FileStore {
    private final FileStore local = new LocalFileStore();
    private final Supplier<Settings> settings;
    private final Map<String, FileStore> opened = new HashMap<>();

    private FileStores(Supplier<Settings> settings) {
        this.settings = settings;
    }

    /** Stores with the options of a server. */
    public static FileStores open(Settings settings) {
        return new FileStores(() -> settings);
    }

    /**
     * Stores with options that are asked for when the first URI that is not local comes by.
     *
     * @param settings called at most once for each scheme; may block
     */
    public static FileStores open(Supplier<Settings> settings) {
        return new FileStores(settings);
    }

    private FileStore of(String uri) {
        int end = uri.indexOf("://");
        String scheme = end < 0 ? "file" : uri.substring(0, end);
        if (scheme.equals("file")) {
            return local;
        }
        synchronized (opened) {
            return opened.computeIfAbsent(scheme, s -> open(s, uri));
        }
    }

    private FileStore open(String scheme, String uri) {
        for (FileStoreProvider p :
                ServiceLoader.load(FileStoreProvider.class, FileStores.class.getClassLoader())) {
            if (p.schemes().contains(scheme)) {
                return p.open(settings.get());
            }
        }
        throw ErrorReason.STORAGE.exception(
                "'"
                        + uri
                        + "': no file store serves '"
                        + scheme
                        + "'; use file:// or put the module that does on the class path");
    }

    @Override
    public void write(String uri, byte[] content) {
        of(uri).write(uri, content);
    }

    @Override
    public void upload(Path source, String uri) {
        of(uri).upload(source, uri);
    }

    @Override
    public Optional<byte[]> read(String uri) {
        return of(uri).read(uri);
    }

    @Override
    public OptionalInt read(String uri, long position, ByteBuffer into) {
        return of(uri).read(uri, position, into);
    }

    @Override
    public List<String> list(String directoryUri) {
        return of(directoryUri).list(directoryUri);
    }

    @Override
    public List<String> listDirectories(String directoryUri) {
        return of(directoryUri).listDirectories(directoryUri);
    }

    @Override
    public void delete(String uri) {
        of(uri).delete(uri);
    }

    @Override
    public void deleteUnfinished(String directoryUri) {
        of(directoryUri).deleteUnfinished(directoryUri);
    }

    @Override
    public void close() {
        synchronized (opened) {
            opened.values().forEach(FileStore::close);
            opened.clear();
        }
    }
}
