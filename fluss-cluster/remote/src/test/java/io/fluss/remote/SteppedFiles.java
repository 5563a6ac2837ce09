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

import io.fluss.filestore.FileStore;
import io.fluss.filestore.InMemoryFileStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Files in memory; every change is a step that may fail. */
public final class SteppedFiles implements FileStore {
    private final FileStore files = new InMemoryFileStore();
    private final Steps steps;

    public SteppedFiles(Steps steps) {
        this.steps = steps;
    }

    @Override
    public void write(String uri, byte[] content) {
        steps.step(() -> files.write(uri, content));
    }

    @Override
    public void upload(Path source, String uri) {
        steps.step(() -> files.upload(source, uri));
    }

    @Override
    public Optional<byte[]> read(String uri) {
        return files.read(uri);
    }

    @Override
    public OptionalInt read(String uri, long position, ByteBuffer into) {
        return files.read(uri, position, into);
    }

    @Override
    public List<String> list(String directoryUri) {
        return files.list(directoryUri);
    }

    @Override
    public List<String> listDirectories(String directoryUri) {
        return files.listDirectories(directoryUri);
    }

    @Override
    public void delete(String uri) {
        steps.step(() -> files.delete(uri));
    }
}
