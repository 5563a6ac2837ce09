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

import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowEncoder;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * What a chunk of the log leaves of each key. It goes through the batches from the last record to
 * the first: what it meets of a key first is what stays of it, and only that becomes a row, about
 * in the order of keys in the store. Used once, by one thread.
 */
final class ChunkFold {
    /** Bits of an entry's number in a number to sort by; the others are of the key. */
    private static final int ENTRY_BITS = 20;

    private final KvTable table;
    private final Schemas schemas;
    private final BufferAllocator allocator;
    private final KeyEncoder keys;
    private final LogFormat format;
    private final RowBytes key = new RowBytes(64);
    private final RowBytes encoded = new RowBytes(256);
    private RowChanges changes = new RowChanges(0, 0);
    private int[] order = {};

    ChunkFold(KvTable table, Schemas schemas, BufferAllocator allocator) {
        this.table = table;
        this.schemas = schemas;
        this.allocator = allocator;
        this.keys = table.keyEncoder();
        this.format = table.options().logFormat();
    }

    /** Folds all of a chunk, which is only read; the result is asked for afterwards. */
    ChunkFold fold(ReplayChunk chunk) {
        RowChanges all = new RowChanges(chunk.sizeBytes(), chunk.records());
        for (int b = chunk.batches() - 1; b >= 0; b--) {
            LogBatch batch = chunk.batch(b);
            if (b == chunk.batches() - 1) {
                all.appended(batch.nextOffset());
            }
            if (batch.recordCount() > 0) {
                collect(batch, all);
            }
        }
        changes = all;
        order = keyOrder(all);
        return this;
    }

    /** The rows that stay. */
    RowChanges changes() {
        return changes;
    }

    /** The order of the entries in which the store takes them fastest. */
    int[] order() {
        return order;
    }

    private void collect(LogBatch batch, RowChanges changes) {
        DataType.RowType type = schemas.schema(batch.schemaId()).rowType();
        RowEncoder encoder = table.rowFormat().encoder(type);
        ByteBuffer types =
                format == LogFormat.ARROW
                        ? ArrowBatches.changeTypes(batch)
                        : RowBatches.changeTypes(batch);
        try (VectorSchemaRoot root =
                format == LogFormat.ARROW
                        ? ArrowBatches.decode(batch, type, allocator)
                        : RowBatches.decode(batch, type, format, allocator)) {
            ArrowRow row = ArrowRow.of(root);
            for (int i = root.getRowCount() - 1; i >= 0; i--) {
                ChangeType change = ChangeType.of(types.get(i));
                if (change == ChangeType.UPDATE_BEFORE) {
                    continue;
                }
                changes.addToRowCount(
                        change == ChangeType.INSERT ? 1 : change == ChangeType.DELETE ? -1 : 0);
                key.clear();
                keys.encode(row.at(i), key);
                long hash = KeyHash.of(key.array(), 0, key.size());
                int entry = changes.addNew(hash, key.array(), 0, key.size());
                if (entry >= 0 && change != ChangeType.DELETE) {
                    encoded.clear();
                    encoder.encode(row, encoded);
                    changes.set(entry, batch.schemaId(), encoded.array(), 0, encoded.size());
                }
            }
        }
    }

    /**
     * The entries sorted by some bytes of their keys: those behind what all have in common. The
     * store takes them in any order, but neighbours faster.
     */
    private static int[] keyOrder(RowChanges changes) {
        int count = changes.count();
        int[] order = new int[count];
        if (count > 1 << ENTRY_BITS) {
            Arrays.setAll(order, i -> i);
            return order;
        }
        int common = commonPrefix(changes);
        long[] sorted = new long[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = ((sortBits(changes, i, common) << ENTRY_BITS) ^ Long.MIN_VALUE) | i;
        }
        Arrays.sort(sorted);
        for (int i = 0; i < count; i++) {
            order[i] = (int) sorted[i] & ((1 << ENTRY_BITS) - 1);
        }
        return order;
    }

    private static int commonPrefix(RowChanges changes) {
        byte[] bytes = changes.array();
        int first = changes.count() == 0 ? 0 : changes.keyAt(0);
        int common = changes.count() == 0 ? 0 : changes.keySize(0);
        for (int i = 1; i < changes.count() && common > 0; i++) {
            int at = changes.keyAt(i);
            int size = Math.min(common, changes.keySize(i));
            int differs = Arrays.mismatch(bytes, first, first + size, bytes, at, at + size);
            common = differs < 0 ? size : differs;
        }
        return common;
    }

    /** The first bits of a key behind a prefix, in the order of keys. */
    private static long sortBits(RowChanges changes, int entry, int prefix) {
        byte[] bytes = changes.array();
        int at = changes.keyAt(entry) + prefix;
        int end = changes.keyAt(entry) + changes.keySize(entry);
        long bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            bits = (bits << 8) | (at + i < end ? bytes[at + i] & 0xff : 0);
        }
        return bits >>> ENTRY_BITS;
    }
}
