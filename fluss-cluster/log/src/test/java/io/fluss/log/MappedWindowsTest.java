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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.bytes.ByteParts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedWindowsTest {
    private static final int WINDOW = 64 << 10;

    @TempDir Path dir;
    private final MappedWindows windows = new MappedWindows(4, WINDOW);

    private SegmentFile file(String name, byte[] content) throws IOException {
        Path path = Files.write(dir.resolve(name), content);
        return new SegmentFile(
                path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(MappedRange range, int from, int length) {
        List<ByteParts.Part> parts = new ArrayList<>();
        range.addTo(parts, from, length);
        ByteBuffer all = ByteBuffer.allocate(length);
        parts.forEach(p -> all.put(((ByteParts.Memory) p).bytes().duplicate()));
        return all.array();
    }

    private static byte[] cut(byte[] all, int from, int length) {
        return java.util.Arrays.copyOfRange(all, from, from + length);
    }

    @Test
    void rangesAcrossWindowsHaveTheBytesOfTheFile() throws IOException {
        byte[] content = random(3 * WINDOW + 777);
        SegmentFile file = file("a", content);
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            int at = random.nextInt(content.length);
            int size = 1 + random.nextInt(content.length - at);
            try (MappedRange range = windows.map(file, at, size).orElseThrow()) {
                int from = random.nextInt(size);
                int length = random.nextInt(size - from + 1);
                assertThat(bytes(range, from, length)).isEqualTo(cut(content, at + from, length));
                assertThatThrownBy(() -> bytes(range, from, size - from + 1))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
        assertThat(windows.size()).isEqualTo(4);
        assertThat(windows.inUse()).isZero();
        file.release();
        assertThat(windows.size()).isZero();
    }

    @Test
    void aFileThatGrowsIsMappedFurther() throws IOException {
        byte[] content = random(2 * WINDOW);
        SegmentFile file = file("b", cut(content, 0, 5000));
        MappedRange early = windows.map(file, 0, 5000).orElseThrow();
        for (int size = 6000; size <= content.length; size += 7000) {
            file.channel().write(ByteBuffer.wrap(content, 0, size), 0);
            try (MappedRange range = windows.map(file, size - 6000, 6000).orElseThrow()) {
                assertThat(bytes(range, 0, 6000)).isEqualTo(cut(content, size - 6000, 6000));
            }
        }
        assertThat(bytes(early, 0, 5000)).isEqualTo(cut(content, 0, 5000));
        assertThat(windows.size()).as("two windows, and the one in use").isEqualTo(3);
        early.close();
        assertThat(windows.size()).isEqualTo(2);
        file.release();
    }

    @Test
    void keepsOnlySoManyWindowsAndThoseInUse() throws IOException {
        byte[] content = random(10 * WINDOW);
        SegmentFile file = file("c", content);
        List<MappedRange> held = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            held.add(windows.map(file, i * WINDOW, WINDOW).orElseThrow());
        }
        assertThat(windows.size()).isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(bytes(held.get(i), 0, WINDOW)).isEqualTo(cut(content, i * WINDOW, WINDOW));
        }
        held.forEach(MappedRange::close);
        assertThat(windows.size()).isEqualTo(4);
        assertThat(windows.inUse()).isZero();
        file.release();
        assertThat(windows.size()).isZero();
    }

    @Test
    void aClosedFileStaysMappedOnlyForThoseWhoSend() throws IOException {
        byte[] content = random(2 * WINDOW);
        SegmentFile file = file("d", content);
        MappedRange held = windows.map(file, 100, 1000).orElseThrow();
        windows.map(file, WINDOW, 1000).orElseThrow().close();
        Files.delete(file.path());
        file.release();
        assertThat(windows.size()).isEqualTo(1);
        assertThat(bytes(held, 0, 1000)).isEqualTo(cut(content, 100, 1000));
        held.close();
        assertThat(windows.size()).isZero();
    }

    @Test
    void aDeletedFileIsReadAndOthersAreStillMapped() throws IOException {
        SegmentFile deleted = file("f", random(1000));
        SegmentFile other = file("g", random(1000));
        Files.delete(deleted.path());
        assertThat(windows.map(deleted, 0, 1000)).isEmpty();
        windows.map(other, 0, 1000).orElseThrow().close();
        deleted.release();
        other.release();
        assertThat(windows.size()).isZero();
    }

    @Test
    void aFileThatTheLogGaveUpIsNotMappedByItsName() throws IOException {
        SegmentFile given = file("i", random(1000));
        assertThat(given.retain()).isTrue();
        given.retire();
        assertThat(windows.map(given, 0, 1000)).isEmpty();
        given.release();
        assertThat(windows.size()).isZero();
    }

    @Test
    void threadsShareWindows() throws Exception {
        byte[] content = random(6 * WINDOW);
        SegmentFile file = file("h", content);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(t);
            all.add(
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 2000; i++) {
                                    int at = random.nextInt(content.length - 100);
                                    try (MappedRange r = windows.map(file, at, 100).orElseThrow()) {
                                        assertThat(bytes(r, 0, 100))
                                                .isEqualTo(cut(content, at, 100));
                                    }
                                }
                            }));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        assertThat(windows.inUse()).isZero();
        assertThat(windows.size()).isEqualTo(4);
        file.release();
        assertThat(windows.size()).isZero();
    }

    @Test
    void whatCannotBeMappedIsReadFromThenOn() throws IOException {
        SegmentFile file = file("e", random(1000));
        assertThat(windows.map(file, 0, 1001)).isEmpty();
        assertThat(windows.map(file, 0, 1000)).isEmpty();
        assertThat(windows.size()).isZero();
        file.release();
    }
}
