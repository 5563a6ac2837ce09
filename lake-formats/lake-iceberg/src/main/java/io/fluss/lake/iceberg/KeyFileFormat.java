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

/**
 * A key file says which key is at which position of one data file:
 *
 * <pre>
 * file    = block* footer footerBytes:int footerCrc:int magic:long
 * block   = entry{1..4096} crc:int
 * entry   = digest:16 bytes, position:int
 * footer  = version:int locationBytes:int location:UTF-8 dataFileBytes:long rows:long runs:int run*
 * run     = entries:int (first digest of each block: 16 bytes)*
 * </pre>
 *
 * All numbers are big-endian, checksums CRC-32C. The entries of a run are ordered by digest
 * (unsigned bytes), then position; its blocks are full but for the last. A run has at most {@link
 * #RUN_ENTRIES_MAX} entries, so that key files are made in bounded memory.
 */
final class KeyFileFormat {
    static final long MAGIC = 0x464c4b4559533031L; // FLKEYS01
    static final int VERSION = 1;
    static final int ENTRY_BYTES = KeyDigests.BYTES + Integer.BYTES;
    static final int BLOCK_ENTRIES = 4096;
    static final int RUN_ENTRIES_MAX = 1 << 20;
    static final int TRAILER_BYTES = 2 * Integer.BYTES + Long.BYTES;
    static final int FOOTER_BYTES_MAX = 64 << 20;

    private KeyFileFormat() {}

    static int blocks(int entries) {
        return (entries + BLOCK_ENTRIES - 1) / BLOCK_ENTRIES;
    }

    /** Bytes of the blocks of a run. */
    static long runBytes(int entries) {
        return (long) entries * ENTRY_BYTES + (long) blocks(entries) * Integer.BYTES;
    }
}
