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
package io.fluss.formats.arrow;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.TableOptions.ArrowCompression;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Compression of single Arrow buffers (data formats document, section 6), without the length in
 * front. Not thread-safe; closed by its user.
 */
sealed interface BufferCodec extends AutoCloseable {

    /** An upper bound of the compressed size. */
    int compressedSizeMax(int size);

    /**
     * Compresses all of a direct buffer into another one at a position.
     *
     * @return bytes written
     */
    int compress(ByteBuffer from, ByteBuffer to, int position);

    /**
     * Decompresses all of {@code from} so that it fills a direct buffer from 0 to its limit.
     *
     * @throws FlussException with CORRUPT_RECORD if it does not fill it exactly
     */
    void decompress(ByteBuffer from, ByteBuffer to);

    @Override
    void close();

    /** A codec for ZSTD or LZ4_FRAME. */
    static BufferCodec of(ArrowCompression compression, int zstdLevel) {
        return switch (compression) {
            case ZSTD -> new ZstdFrames(zstdLevel);
            case LZ4_FRAME -> new Lz4Frames();
            case NONE -> throw new IllegalArgumentException("NONE has no codec");
        };
    }

    private static FlussException corrupt(String problem) {
        return ErrorReason.CORRUPT_RECORD.exception("compressed Arrow buffer: " + problem);
    }

    /** One ZSTD frame per buffer. The native contexts are made when first needed. */
    final class ZstdFrames implements BufferCodec {
        private final int level;
        private @org.jspecify.annotations.Nullable ZstdCompressCtx compressor;
        private @org.jspecify.annotations.Nullable ZstdDecompressCtx decompressor;

        ZstdFrames(int level) {
            this.level = level;
        }

        @Override
        public int compressedSizeMax(int size) {
            return Math.toIntExact(Zstd.compressBound(size));
        }

        @Override
        public int compress(ByteBuffer from, ByteBuffer to, int position) {
            ZstdCompressCtx ctx = compressor;
            if (ctx == null) {
                ctx = new ZstdCompressCtx().setLevel(level);
                compressor = ctx;
            }
            return ctx.compressDirectByteBuffer(
                    to, position, to.limit() - position, from, from.position(), from.remaining());
        }

        @Override
        public void decompress(ByteBuffer from, ByteBuffer to) {
            ZstdDecompressCtx ctx = decompressor;
            if (ctx == null) {
                ctx = new ZstdDecompressCtx();
                decompressor = ctx;
            }
            int size;
            try {
                size = decompress(ctx, from, to);
            } catch (ZstdException e) {
                throw ErrorReason.CORRUPT_RECORD.exception(
                        "compressed Arrow buffer: " + e.getMessage(), e);
            }
            if (size != to.limit()) {
                throw corrupt(size + " bytes instead of " + to.limit());
            }
        }

        private static int decompress(ZstdDecompressCtx ctx, ByteBuffer from, ByteBuffer to) {
            if (from.isDirect()) {
                return ctx.decompressDirectByteBuffer(
                        to, 0, to.limit(), from, from.position(), from.remaining());
            }
            ByteBuffer heap = from;
            if (!from.hasArray()) { // read-only
                heap = ByteBuffer.allocate(from.remaining()).put(from.duplicate()).flip();
            }
            return ctx.decompressByteArrayToDirectByteBuffer(
                    to,
                    0,
                    to.limit(),
                    heap.array(),
                    heap.arrayOffset() + heap.position(),
                    heap.remaining());
        }

        @Override
        public void close() {
            if (compressor != null) {
                compressor.close();
            }
            if (decompressor != null) {
                decompressor.close();
            }
        }
    }

    /**
     * One LZ4 frame per buffer: independent blocks of 64 KiB, no checksums, as the reference reader
     * needs them.
     */
    final class Lz4Frames implements BufferCodec {
        private static final int MAGIC = 0x184D2204;
        private static final byte FLAGS = 0x60; // version 01, independent blocks
        private static final byte BLOCK_64_KIB = 0x40;
        private static final byte HEADER_CHECKSUM = (byte) 0x82; // of the two bytes above
        private static final int HEADER_SIZE = 7;
        private static final int BLOCK_SIZE = 1 << 16;
        private static final int UNCOMPRESSED = 1 << 31;

        private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
        private final LZ4SafeDecompressor decompressor =
                LZ4Factory.fastestInstance().safeDecompressor();

        @Override
        public int compressedSizeMax(int size) {
            int blocks = size / BLOCK_SIZE + 1;
            // The compressor wants room for the worst case of the last block, too.
            return Math.toIntExact(
                    HEADER_SIZE
                            + 4
                            + (long) blocks * 4
                            + size
                            + compressor.maxCompressedLength(BLOCK_SIZE));
        }

        @Override
        public int compress(ByteBuffer from, ByteBuffer to, int position) {
            ByteBuffer out = to.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(position);
            out.putInt(MAGIC).put(FLAGS).put(BLOCK_64_KIB).put(HEADER_CHECKSUM);
            int end = from.limit();
            for (int at = from.position(); at < end; at += BLOCK_SIZE) {
                int size = Math.min(BLOCK_SIZE, end - at);
                int sizeAt = out.position();
                int start = sizeAt + 4;
                int compressed =
                        compressor.compress(from, at, size, out, start, out.limit() - start);
                if (compressed < size) {
                    out.putInt(sizeAt, compressed);
                    out.position(start + compressed);
                } else {
                    out.putInt(sizeAt, size | UNCOMPRESSED);
                    out.put(start, from, at, size);
                    out.position(start + size);
                }
            }
            out.putInt(0);
            return out.position() - position;
        }

        @Override
        public void decompress(ByteBuffer from, ByteBuffer to) {
            ByteBuffer in = from.slice().order(ByteOrder.LITTLE_ENDIAN);
            try {
                Frame frame = header(in);
                int at = 0;
                int word;
                while ((word = in.getInt()) != 0) {
                    at += block(in, word, to, at, frame);
                    if (frame.blockChecksums) {
                        in.getInt();
                    }
                }
                if (at != to.limit()) {
                    throw corrupt(at + " bytes instead of " + to.limit());
                }
            } catch (java.nio.BufferUnderflowException
                    | IndexOutOfBoundsException
                    | LZ4Exception e) {
                throw ErrorReason.CORRUPT_RECORD.exception(
                        "compressed Arrow buffer: the LZ4 frame is cut off or damaged", e);
            }
        }

        private int block(ByteBuffer in, int word, ByteBuffer to, int at, Frame frame) {
            int size = word & ~UNCOMPRESSED;
            if (size > in.remaining() || size > frame.blockSizeMax) {
                throw corrupt("LZ4 block of " + size + " bytes, " + in.remaining() + " are left");
            }
            int start = in.position();
            in.position(start + size);
            if ((word & UNCOMPRESSED) != 0) {
                if (size > to.limit() - at) {
                    throw corrupt("more than the declared " + to.limit() + " bytes");
                }
                to.put(at, in, start, size);
                return size;
            }
            return decompressor.decompress(
                    in, start, size, to, at, Math.min(frame.blockSizeMax, to.limit() - at));
        }

        private static Frame header(ByteBuffer in) {
            if (in.getInt() != MAGIC) {
                throw corrupt("not an LZ4 frame");
            }
            int flags = in.get();
            int descriptor = in.get();
            if ((flags & 0xC0) != 0x40) {
                throw corrupt("LZ4 frame version " + ((flags & 0xC0) >> 6));
            }
            if ((flags & 0x20) == 0 || (flags & 1) != 0) {
                throw corrupt("LZ4 frame with dependent blocks or a dictionary");
            }
            int code = (descriptor >> 4) & 7;
            if (code < 4) {
                throw corrupt("LZ4 block size code " + code);
            }
            if ((flags & 8) != 0) {
                in.getLong(); // the content size; the one in front of the frame counts
            }
            in.get(); // header checksum
            return new Frame(1 << (8 + 2 * code), (flags & 0x10) != 0);
        }

        @Override
        public void close() {}

        private record Frame(int blockSizeMax, boolean blockChecksums) {}
    }
}
