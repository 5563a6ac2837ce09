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

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A {@link KeyFileFormat key file} whose footer is in memory. Blocks that cannot hold a wanted key
 * are not read. Immutable.
 */
final class KeyFile {
    private final InputFile file;
    private final List<Run> runs;

    /** One sorted part of the file; fences are pairs of longs, one for each block. */
    private static final class Run {
        private final long start;
        private final int entries;
        private final long[] fences;

        Run(long start, int entries, long[] fences) {
            this.start = start;
            this.entries = entries;
            this.fences = fences;
        }

        int blocks() {
            return fences.length / 2;
        }

        int blockEntries(int block) {
            return Math.min(
                    KeyFileFormat.BLOCK_ENTRIES, entries - block * KeyFileFormat.BLOCK_ENTRIES);
        }

        long blockStart(int block) {
            return start
                    + (long) block
                            * (KeyFileFormat.BLOCK_ENTRIES * KeyFileFormat.ENTRY_BYTES
                                    + Integer.BYTES);
        }

        /** Whether the block begins with a digest below the wanted one. */
        boolean beginsBelow(int block, long high, long low) {
            return KeyDigests.compare(fences[2 * block], fences[2 * block + 1], high, low) < 0;
        }
    }

    /** The file is not what it should be; it is to be made again. */
    static final class Unusable extends IOException {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    private KeyFile(InputFile file, List<Run> runs) {
        this.file = file;
        this.runs = List.copyOf(runs);
    }

    /**
     * Reads the footer.
     *
     * @throws Unusable if it is damaged, of another version, or of another data file
     * @throws RuntimeException of the file system if there is no such file
     */
    static KeyFile open(InputFile file, DataFile of) throws IOException {
        long length = file.getLength();
        if (length < KeyFileFormat.TRAILER_BYTES) {
            throw new Unusable(file.location() + " has only " + length + " bytes");
        }
        try (SeekableInputStream in = file.newStream()) {
            byte[] trailer = read(in, length - KeyFileFormat.TRAILER_BYTES, TRAILER);
            ByteBuffer end = ByteBuffer.wrap(trailer);
            int footerBytes = end.getInt();
            int crc = end.getInt();
            long footerStart = length - KeyFileFormat.TRAILER_BYTES - footerBytes;
            if (end.getLong() != KeyFileFormat.MAGIC
                    || footerBytes < 0
                    || footerBytes > KeyFileFormat.FOOTER_BYTES_MAX
                    || footerStart < 0) {
                throw new Unusable(file.location() + " does not end like a key file");
            }
            byte[] footer = read(in, footerStart, footerBytes);
            if (KeyFileWriter.crc(footer, footerBytes) != crc) {
                throw new Unusable(file.location() + " has a footer with a wrong checksum");
            }
            return new KeyFile(file, runs(file, ByteBuffer.wrap(footer), of, footerStart));
        }
    }

    private static final int TRAILER = KeyFileFormat.TRAILER_BYTES;

    private static List<Run> runs(InputFile file, ByteBuffer footer, DataFile of, long blocksBytes)
            throws Unusable {
        int version = footer.getInt();
        if (version != KeyFileFormat.VERSION) {
            throw new Unusable(file.location() + " is of version " + version);
        }
        byte[] location = new byte[footer.getInt()];
        footer.get(location);
        if (!new String(location, StandardCharsets.UTF_8).equals(of.location())
                || footer.getLong() != of.fileSizeInBytes()
                || footer.getLong() != of.recordCount()) {
            throw new Unusable(file.location() + " is not about " + of.location());
        }
        List<Run> runs = new ArrayList<>();
        long start = 0;
        long entries = 0;
        for (int left = footer.getInt(); left > 0; left--) {
            int count = footer.getInt();
            long[] fences = new long[2 * KeyFileFormat.blocks(count)];
            for (int i = 0; i < fences.length; i++) {
                fences[i] = footer.getLong();
            }
            runs.add(new Run(start, count, fences));
            start += KeyFileFormat.runBytes(count);
            entries += count;
        }
        if (start != blocksBytes || entries != of.recordCount()) {
            throw new Unusable(
                    file.location()
                            + " has "
                            + entries
                            + " keys, the data file has "
                            + of.recordCount()
                            + " rows");
        }
        return runs;
    }

    /**
     * Hands out the position of every row whose key is among the wanted ones.
     *
     * @param wanted sorted
     * @throws Unusable if a block is damaged; positions handed out before are right nevertheless
     */
    void find(KeyDigests wanted, IntConsumer found) throws IOException {
        if (wanted.count() == 0) {
            return;
        }
        try (SeekableInputStream in = file.newStream()) {
            for (Run run : runs) {
                new Search(in, run).find(wanted, found);
            }
        }
    }

    /** Both sides are sorted, so each moves forward only. */
    private final class Search {
        private final SeekableInputStream in;
        private final Run run;
        private int block = -1;
        private int at;
        private ByteBuffer entries = ByteBuffer.allocate(0);

        Search(SeekableInputStream in, Run run) {
            this.in = in;
            this.run = run;
        }

        void find(KeyDigests wanted, IntConsumer found) throws IOException {
            for (int i = 0; i < wanted.count(); i++) {
                long high = wanted.high(i);
                long low = wanted.low(i);
                if (!moveTo(high, low)) {
                    return;
                }
                while (block < run.blocks() && compareAt(high, low) == 0) {
                    found.accept(entries.getInt(at * KeyFileFormat.ENTRY_BYTES + KeyDigests.BYTES));
                    step();
                }
            }
        }

        /** To the first entry that is not below; false if there is none. */
        private boolean moveTo(long high, long low) throws IOException {
            int target = Math.max(block, 0);
            while (target + 1 < run.blocks() && run.beginsBelow(target + 1, high, low)) {
                target++;
            }
            if (target >= run.blocks()) {
                return false;
            }
            if (target != block) {
                load(target);
            }
            while (block < run.blocks() && compareAt(high, low) < 0) {
                step();
            }
            return block < run.blocks();
        }

        private int compareAt(long high, long low) {
            int offset = at * KeyFileFormat.ENTRY_BYTES;
            return KeyDigests.compare(
                    entries.getLong(offset), entries.getLong(offset + Long.BYTES), high, low);
        }

        private void step() throws IOException {
            at++;
            if (at == run.blockEntries(block)) {
                if (block + 1 == run.blocks()) {
                    block++;
                } else {
                    load(block + 1);
                }
            }
        }

        private void load(int number) throws IOException {
            int bytes = run.blockEntries(number) * KeyFileFormat.ENTRY_BYTES;
            byte[] read = read(in, run.blockStart(number), bytes + Integer.BYTES);
            entries = ByteBuffer.wrap(read);
            if (entries.getInt(bytes) != KeyFileWriter.crc(read, bytes)) {
                throw new Unusable(
                        file.location() + " has a block with a wrong checksum: " + number);
            }
            block = number;
            at = 0;
        }
    }

    private static byte[] read(SeekableInputStream in, long from, int count) throws IOException {
        byte[] bytes = new byte[count];
        in.seek(from);
        try {
            IOUtil.readFully(in, bytes, 0, count);
        } catch (EOFException e) {
            Unusable unusable = new Unusable("the key file ends at " + in.getPos());
            unusable.initCause(e);
            throw unusable;
        }
        return bytes;
    }
}
