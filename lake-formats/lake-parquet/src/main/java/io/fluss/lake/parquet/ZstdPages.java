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
package io.fluss.lake.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Compresses each page in one call, with one native context for all pages of a file. A stream for
 * each page, as parquet-java opens it, sets up tables for data of unknown size and copies every
 * page into its window first. The size being known, zstd also picks the tables of the level for
 * pages of that size, and the frame tells it to readers.
 */
final class ZstdPages implements BytesInputCompressor {
    private final ZstdCompressCtx context;
    private byte[] out = new byte[0];

    ZstdPages(int level) {
        context = new ZstdCompressCtx().setLevel(level);
    }

    /** The result is valid until the next call: page stores copy it at once. */
    @Override
    public BytesInput compress(BytesInput page) {
        // Heap memory, and what is in one buffer already is not copied.
        ByteBuffer bytes = page.toByteBuffer(HeapByteBufferAllocator.getInstance(), b -> {});
        int length = bytes.remaining();
        int from = bytes.arrayOffset() + bytes.position();
        int bound = Math.toIntExact(Zstd.compressBound(length));
        if (out.length < bound) {
            out = new byte[bound];
        }
        int size = context.compressByteArray(out, 0, out.length, bytes.array(), from, length);
        return BytesInput.from(out, 0, size);
    }

    @Override
    public CompressionCodecName getCodecName() {
        return CompressionCodecName.ZSTD;
    }

    /** May be called again. */
    @Override
    public void release() {
        context.close();
    }
}
