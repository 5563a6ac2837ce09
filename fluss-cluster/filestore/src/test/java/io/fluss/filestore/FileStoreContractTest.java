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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What every {@link FileStore} must do. */
public abstract class FileStoreContractTest {

    protected abstract FileStore store();

    /** URI text of a directory that is this test's own, without a slash at the end. */
    protected abstract String root();

    @Test
    void readsWhatWasWrittenIntoNewDirectories() {
        store().write(root() + "/a/b/c.offsets", bytes("one"));
        assertThat(store().read(root() + "/a/b/c.offsets")).hasValue(bytes("one"));
    }

    @Test
    void replacesTheWholeContent() {
        store().write(root() + "/f", bytes("a longer text"));
        store().write(root() + "/f", bytes("short"));
        assertThat(store().read(root() + "/f")).hasValue(bytes("short"));
    }

    @Test
    void missingFileIsEmpty() {
        assertThat(store().read(root() + "/nothing")).isEmpty();
        assertThat(store().list(root() + "/nothing")).isEmpty();
    }

    @Test
    void listsFilesOfOneDirectoryInNameOrder() {
        store().write(root() + "/d/b", bytes(""));
        store().write(root() + "/d/a", bytes(""));
        store().write(root() + "/d/e/inside", bytes(""));
        assertThat(store().list(root() + "/d/")).containsExactly(root() + "/d/a", root() + "/d/b");
    }

    @Test
    void deletesFilesAndWholeDirectories() {
        store().write(root() + "/d/a", bytes(""));
        store().write(root() + "/d/e/inside", bytes(""));
        store().delete(root() + "/d/a");
        assertThat(store().read(root() + "/d/a")).isEmpty();
        store().delete(root() + "/d");
        assertThat(store().read(root() + "/d/e/inside")).isEmpty();
        store().delete(root() + "/d");
    }

    @Test
    void refusesSchemesItDoesNotServe() {
        assertThatThrownBy(() -> store().read("nowhere://bucket/file"))
                .hasMessageContaining("nowhere://bucket/file");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
