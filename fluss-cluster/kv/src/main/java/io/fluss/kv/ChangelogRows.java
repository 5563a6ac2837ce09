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
package io.fluss.kv;

import io.fluss.formats.log.ChangeType;
import java.util.Arrays;

/**
 * The records of one changelog batch before they are encoded: change types, and where each row
 * stands. Used again for each batch; belongs to one thread.
 */
final class ChangelogRows {
    private ChangeType[] types = new ChangeType[64];
    private KvRow.Source[] sources = new KvRow.Source[64];
    private int[] at = new int[64];
    private int[] sizes = new int[64];
    private int[] schemaIds = new int[64];
    private int[] keyAt = new int[64];
    private int[] keySizes = new int[64];
    private int count;

    int count() {
        return count;
    }

    void clear() {
        count = 0;
    }

    /** Adds a record; the key stands in the request. */
    void add(ChangeType type, KvRow row, int rowKeyAt, int rowKeySize) {
        if (count == types.length) {
            types = Arrays.copyOf(types, 2 * count);
            sources = Arrays.copyOf(sources, 2 * count);
            at = Arrays.copyOf(at, 2 * count);
            sizes = Arrays.copyOf(sizes, 2 * count);
            schemaIds = Arrays.copyOf(schemaIds, 2 * count);
            keyAt = Arrays.copyOf(keyAt, 2 * count);
            keySizes = Arrays.copyOf(keySizes, 2 * count);
        }
        types[count] = type;
        sources[count] = row.source;
        at[count] = row.at;
        sizes[count] = row.size;
        schemaIds[count] = row.schemaId;
        keyAt[count] = rowKeyAt;
        keySizes[count] = rowKeySize;
        count++;
    }

    ChangeType type(int i) {
        return types[i];
    }

    KvRow.Source source(int i) {
        return sources[i];
    }

    int keyAt(int i) {
        return keyAt[i];
    }

    int keySize(int i) {
        return keySizes[i];
    }

    /** Sets a row to record i, whose memory the caller knows by its source. */
    KvRow row(int i, byte[] bytes, KvRow row) {
        return row.row(sources[i], bytes, at[i], sizes[i], schemaIds[i]);
    }
}
