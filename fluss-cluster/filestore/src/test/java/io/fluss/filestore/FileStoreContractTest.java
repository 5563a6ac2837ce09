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

import io.fluss.errors.FlussException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void listsDirectoriesOfOneDirectoryInNameOrder() {
        store().write(root() + "/d/b/1", bytes("x"));
        store().write(root() + "/d/a/2/3", bytes("x"));
        store().write(root() + "/d/file", bytes("x"));
        assertThat(store().listDirectories(root() + "/d"))
                .containsExactly(root() + "/d/a", root() + "/d/b");
        assertThat(store().listDirectories(root() + "/nothing")).isEmpty();
    }

    @Test
    void readsRanges() {
        store().write(root() + "/r", bytes("0123456789"));
        assertThat(range("/r", 3, 4)).isEqualTo("3456");
        assertThat(range("/r", 8, 4)).isEqualTo("89");
        assertThat(range("/r", 10, 4)).isEmpty();
        assertThat(range("/r", 99, 4)).isEmpty();
        assertThat(store().read(root() + "/nothing", 0, ByteBuffer.allocate(1))).isEmpty();
    }

    private String range(String name, long position, int length) {
        ByteBuffer into = ByteBuffer.allocateDirect(length + 2);
        into.position(1).limit(length + 1);
        int read = store().read(root() + name, position, into).orElseThrow();
        assertThat(into.position()).isEqualTo(1 + read);
        return UTF_8.decode(into.flip().position(1)).toString();
    }

    @Test
    void copiesLocalFilesOfAnySize(@TempDir Path local) throws IOException {
        byte[] large = new byte[largeBytes()];
        new Random(7).nextBytes(large);
        Path source = Files.write(local.resolve("large"), large);
        store().upload(source, root() + "/u/large");
        assertThat(store().read(root() + "/u/large")).hasValue(large);
        store().upload(Files.write(local.resolve("small"), bytes("x")), root() + "/u/large");
        assertThat(store().read(root() + "/u/large")).hasValue(bytes("x"));
        store().upload(Files.write(local.resolve("none"), bytes("")), root() + "/u/none");
        assertThat(store().read(root() + "/u/none")).hasValue(bytes(""));
        assertThatThrownBy(() -> store().upload(local.resolve("gone"), root() + "/u/gone"))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("gone");
        assertThat(store().list(root() + "/u"))
                .containsExactly(root() + "/u/large", root() + "/u/none");
    }

    /** Large enough that the store has to copy in several pieces, if it does so at all. */
    protected int largeBytes() {
        return 3 << 20;
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
