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

import java.util.OptionalInt;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * How a file is cut and compressed.
 *
 * @param codecLevel of ZSTD; the codec's default if absent
 * @param rowGroupBytes encoded and compressed bytes after which a row group is ended; what a writer
 *     holds in memory is about this
 * @param pageBytes values of a page before compression; a single larger value makes a larger page
 * @param dictionaryBytes values in the dictionary of a column in a row group; 0 switches
 *     dictionaries off
 */
public record ParquetLayout(
        CompressionCodecName codec,
        OptionalInt codecLevel,
        long rowGroupBytes,
        int pageBytes,
        int pageRows,
        int dictionaryBytes) {
    /** Entries of a dictionary, whatever their size; more rarely pay. */
    static final int DICTIONARY_ENTRIES_MAX = 32 * 1024;

    public ParquetLayout {
        if (rowGroupBytes < 1 || pageBytes < 1 || pageRows < 1 || dictionaryBytes < 0) {
            throw new IllegalArgumentException(
                    "row group bytes, page bytes and page rows must be at least 1, dictionary bytes"
                            + " at least 0; got "
                            + rowGroupBytes
                            + ", "
                            + pageBytes
                            + ", "
                            + pageRows
                            + ", "
                            + dictionaryBytes);
        }
    }
}
