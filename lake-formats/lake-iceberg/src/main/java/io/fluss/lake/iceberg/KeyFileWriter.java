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
package io.fluss.lake.iceberg;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/** Writes a {@link KeyFileFormat key file}, run by run. Not thread-safe. */
final class KeyFileWriter implements AutoCloseable {
    private final PositionOutputStream out;
    private final ByteBuffer block =
            ByteBuffer.allocate(
                    KeyFileFormat.BLOCK_ENTRIES * KeyFileFormat.ENTRY_BYTES + Integer.BYTES);
    private final ByteArrayOutputStream runs = new ByteArrayOutputStream();
    private int runCount;

    KeyFileWriter(OutputFile file) {
        out = file.createOrOverwrite();
    }

    /** Writes sorted digests as runs. */
    void write(KeyDigests sorted) throws IOException {
        for (int from = 0; from < sorted.count(); from += KeyFileFormat.RUN_ENTRIES_MAX) {
            writeRun(sorted, from, Math.min(from + KeyFileFormat.RUN_ENTRIES_MAX, sorted.count()));
        }
    }

    private void writeRun(KeyDigests sorted, int from, int to) throws IOException {
        DataOutputStream fences = new DataOutputStream(runs);
        fences.writeInt(to - from);
        for (int start = from; start < to; start += KeyFileFormat.BLOCK_ENTRIES) {
            fences.writeLong(sorted.high(start));
            fences.writeLong(sorted.low(start));
            block.clear();
            int end = Math.min(start + KeyFileFormat.BLOCK_ENTRIES, to);
            for (int i = start; i < end; i++) {
                block.putLong(sorted.high(i)).putLong(sorted.low(i)).putInt(sorted.position(i));
            }
            block.putInt(crc(block.array(), block.position()));
            out.write(block.array(), 0, block.position());
        }
        runCount++;
    }

    /** Writes what the file is about, and ends it. */
    void finish(DataFile dataFile) throws IOException {
        byte[] location = dataFile.location().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream footer = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(footer);
        data.writeInt(KeyFileFormat.VERSION);
        data.writeInt(location.length);
        data.write(location);
        data.writeLong(dataFile.fileSizeInBytes());
        data.writeLong(dataFile.recordCount());
        data.writeInt(runCount);
        runs.writeTo(data);
        byte[] bytes = footer.toByteArray();
        out.write(bytes);
        out.write(
                ByteBuffer.allocate(KeyFileFormat.TRAILER_BYTES)
                        .putInt(bytes.length)
                        .putInt(crc(bytes, bytes.length))
                        .putLong(KeyFileFormat.MAGIC)
                        .array());
        out.close();
    }

    static int crc(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
