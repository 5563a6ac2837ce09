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
package io.fluss.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.bytes.ByteParts;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerRegionTest {
    @TempDir Path dir;

    /** Takes a random number of bytes of each write, often none. */
    private static final class SlowSocket implements GatheringByteChannel {
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final Random random;
        private final int most;
        private int writes;

        SlowSocket(int seed, int most) {
            this.random = new Random(seed);
            this.most = most;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            writes++;
            int room = most == Integer.MAX_VALUE ? most : random.nextInt(most);
            long taken = 0;
            for (int i = offset; i < offset + length; i++) {
                while (sources[i].hasRemaining() && room > 0) {
                    received.write(sources[i].get());
                    room--;
                    taken++;
                }
            }
            return taken;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) {
            return (int) write(new ByteBuffer[] {source}, 0, 1);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void sendsEveryByteInOrderWhateverTheSocketTakes() throws IOException {
        byte[] content = new byte[20_000];
        new Random(1).nextBytes(content);
        Path path = Files.write(dir.resolve("file"), content);
        try (FileChannel file = FileChannel.open(path)) {
            for (int seed = 0; seed < 200; seed++) {
                Random random = new Random(seed);
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                expected.write(1);
                List<ByteParts.Part> parts = new ArrayList<>();
                for (int n = random.nextInt(30); n > 0; n--) {
                    int from = random.nextInt(content.length);
                    int size = random.nextInt(Math.min(1000, content.length - from));
                    expected.write(content, from, size);
                    parts.add(
                            random.nextInt(4) == 0
                                    ? new ByteParts.FileRange(file, from, size)
                                    : new ByteParts.Memory(ByteBuffer.wrap(content, from, size)));
                }
                AtomicInteger closed = new AtomicInteger();
                AnswerRegion region =
                        new AnswerRegion(
                                ByteBuffer.wrap(new byte[] {1}),
                                ByteParts.of(parts, closed::incrementAndGet));
                assertThat(region.count()).isEqualTo(expected.size());
                SlowSocket socket = new SlowSocket(seed, 1 + random.nextInt(3000));
                while (region.transferred() < region.count()) {
                    region.transferTo(socket, region.transferred());
                }
                assertThat(region.transferTo(socket, region.transferred())).isZero();
                assertThat(socket.received.toByteArray()).isEqualTo(expected.toByteArray());
                assertThat(closed).hasValue(0);
                region.release();
                assertThat(closed).hasValue(1);
            }
        }
    }

    @Test
    void memoryLeavesInOneWrite() throws IOException {
        List<ByteParts.Part> parts = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            parts.add(new ByteParts.Memory(ByteBuffer.allocateDirect(i)));
        }
        AnswerRegion region =
                new AnswerRegion(ByteBuffer.allocate(9), ByteParts.of(parts, () -> {}));
        SlowSocket socket = new SlowSocket(0, Integer.MAX_VALUE);
        assertThat(region.transferTo(socket, 0)).isEqualTo(region.count());
        assertThat(socket.writes).isEqualTo(1);
        region.release();
    }

    @Test
    void aFileThatIsTooShortIsAnError() throws IOException {
        Path path = Files.write(dir.resolve("short"), new byte[10]);
        try (FileChannel file = FileChannel.open(path)) {
            AnswerRegion region =
                    new AnswerRegion(
                            ByteBuffer.allocate(0),
                            ByteParts.of(List.of(new ByteParts.FileRange(file, 0, 11)), () -> {}));
            SlowSocket socket = new SlowSocket(0, Integer.MAX_VALUE);
            assertThat(region.transferTo(socket, 0)).isEqualTo(10);
            assertThatThrownBy(() -> region.transferTo(socket, 10))
                    .isInstanceOf(EOFException.class);
            region.release();
        }
    }
}
