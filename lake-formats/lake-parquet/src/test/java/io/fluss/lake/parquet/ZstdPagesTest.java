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

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdPagesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 9})
    void everyPageIsAFrameThatParquetReads(int level) throws IOException {
        Random random = new Random(level);
        CodecFactory codecs = new CodecFactory(new Configuration(false), 1024);
        BytesInputDecompressor decompressor = codecs.getDecompressor(CompressionCodecName.ZSTD);
        ZstdPages pages = new ZstdPages(level);
        // Larger and smaller in turns: the buffers are used again.
        for (int length : new int[] {0, 1, 300, 20_000, 7, 1_000_000, 0, 160_000}) {
            byte[] page = new byte[length + 10];
            for (int i = 0; i < page.length; i++) {
                page[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : i);
            }
            byte[] frame = pages.compress(BytesInput.from(page, 5, length)).toByteArray();
            assertThat(
                            pages.compress(BytesInput.from(ByteBuffer.wrap(page, 5, length)))
                                    .toByteArray())
                    .isEqualTo(frame);
            assertThat(Zstd.getFrameContentSize(frame)).isEqualTo(length);
            assertThat(decompressor.decompress(BytesInput.from(frame), length).toByteArray())
                    .isEqualTo(BytesInput.from(page, 5, length).toByteArray());
        }
        pages.release();
        pages.release();
        codecs.release();
    }
}
