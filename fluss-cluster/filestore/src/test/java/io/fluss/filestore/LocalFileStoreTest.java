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

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileStoreTest extends FileStoreContractTest {
    @TempDir Path directory;

    @Override
    protected FileStore store() {
        return new LocalFileStore();
    }

    @Override
    protected String root() {
        return "file://" + directory;
    }

    @Test
    void takesPlainPathsAndLeavesNoTemporaryFiles() throws Exception {
        store().write(directory + "/x", new byte[] {1});
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("x"));
        }
    }

    @Test
    void deletesWhatACrashHasLeft() throws Exception {
        store().write(directory + "/x", new byte[] {1});
        Files.write(directory.resolve(".tmp-1"), new byte[] {2});
        store().deleteUnfinished(directory.toString());
        store().deleteUnfinished(directory + "/nothing");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("x"));
        }
    }
}
