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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * Segment files on a disk with room for some bytes only: a write stops in the middle, then fails.
 */
final class SmallDisk implements Segment.Opener {
    private long roomBytes = Long.MAX_VALUE;
    private boolean isReadOnly;
    private boolean isForceBroken;

    void roomBytes(long bytes) {
        roomBytes = bytes;
    }

    void readOnly(boolean value) {
        isReadOnly = value;
    }

    void forceBroken(boolean value) {
        isForceBroken = value;
    }

    @Override
    public FileChannel open(Path file) throws IOException {
        return new Channel(Segment.Opener.plain(file));
    }

    private void checkWritable() throws IOException {
        if (isReadOnly) {
            throw new IOException("Read-only file system");
        }
    }

    private final class Channel extends FileChannel {
        private final FileChannel file;

        Channel(FileChannel file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            checkWritable();
            if (from.hasRemaining() && roomBytes == 0) {
                throw new IOException("No space left on device");
            }
            int n = (int) Math.min(from.remaining(), roomBytes);
            file.write(from.slice(from.position(), n));
            from.position(from.position() + n);
            roomBytes -= n;
            return n;
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) throws IOException {
            for (int i = offset; i < offset + length; i++) {
                if (from[i].hasRemaining()) {
                    return write(from[i]);
                }
            }
            return 0;
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            checkWritable();
            roomBytes += Math.max(0, file.size() - size);
            file.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            if (isForceBroken) {
                throw new IOException("Input/output error");
            }
            file.force(metaData);
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return file.read(into);
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) throws IOException {
            return file.read(into, offset, length);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            file.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel to)
                throws IOException {
            return file.transferTo(position, count, to);
        }

        @Override
        public long transferFrom(ReadableByteChannel from, long position, long count)
                throws IOException {
            return file.transferFrom(from, position, count);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            throw new UnsupportedOperationException("a log is written at its end");
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return file.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return file.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
