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
package io.fluss.formats.fold;

import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The last change of each key among batches of one bucket's changelog, given in the order of the
 * log. Keeps the batches, sharing their memory, until it is cleared or closed. Used by one thread.
 *
 * <p>A row before an update counts as a deletion if the row after the update does not follow it.
 */
public final class LatestChanges implements AutoCloseable {
    private static final int GONE = 1;
    private static final int ROW_SHIFT = 1;
    private static final int BATCH_SHIFT = Integer.SIZE;

    private final KeyEncoder encoder;
    private final KeyNumbers keys = new KeyNumbers();
    private final List<Batch> batches = new ArrayList<>();

    /** By key number: batch, row, and whether the key is gone. */
    private long[] last = new long[1 << 9];

    private long batchBytes;

    /**
     * @param encoder of the key, from the rows that will be given
     */
    public LatestChanges(KeyEncoder encoder) {
        this.encoder = encoder;
    }

    /** What is left of a batch. */
    public static final class Part {
        private final Batch batch;
        private final int[] live;
        private final int[] gone;

        private Part(Batch batch, int live, int gone) {
            this.batch = batch;
            this.live = new int[live];
            this.gone = new int[gone];
        }

        /** All rows of the batch, which stay the fold's. */
        public VectorSchemaRoot rows() {
            return batch.rows();
        }

        /** Numbers of the rows that hold the last image of their key, rising; not to be changed. */
        public int[] live() {
            return live;
        }

        /** Numbers of the rows whose key does not exist after them, rising; not to be changed. */
        public int[] gone() {
            return gone;
        }

        /** As given with the batch. */
        public long baseOffset() {
            return batch.baseOffset();
        }

        /** As given with the batch. */
        public long timestampMs() {
            return batch.timestampMs();
        }
    }

    private record Batch(VectorSchemaRoot rows, long baseOffset, long timestampMs) {}

    /**
     * Adds a batch; the caller keeps and closes its root.
     *
     * @param changeTypes a code of {@link ChangeType} for each row, from the buffer's position on
     */
    public void add(
            VectorSchemaRoot rows, ByteBuffer changeTypes, long baseOffset, long timestampMs) {
        int count = rows.getRowCount();
        if (count == 0) {
            return;
        }
        long batch = batches.size();
        VectorSchemaRoot kept = rows.slice(0, count);
        batches.add(new Batch(kept, baseOffset, timestampMs));
        kept.getFieldVectors().forEach(v -> batchBytes += v.getBufferSize());
        int types = changeTypes.position();
        ArrowRow row = ArrowRow.of(kept);
        for (int i = 0; i < count; i++) {
            ChangeType type = ChangeType.of(changeTypes.get(types + i));
            boolean isGone =
                    switch (type) {
                        case APPEND, INSERT, UPDATE_AFTER -> false;
                        case UPDATE_BEFORE, DELETE -> true;
                    };
            if (type == ChangeType.UPDATE_BEFORE
                    && i + 1 < count
                    && changeTypes.get(types + i + 1) == ChangeType.UPDATE_AFTER.code()) {
                continue; // the row behind it is of the same key
            }
            encoder.encode(row.at(i), keys.appendTo());
            int number = keys.numberOfAppended();
            if (number == last.length) {
                last = Arrays.copyOf(last, 2 * last.length);
            }
            last[number] = batch << BATCH_SHIFT | (long) i << ROW_SHIFT | (isGone ? GONE : 0);
        }
    }

    /** Number of distinct keys. */
    public int keys() {
        return keys.count();
    }

    /** Memory held, of which the batches are the larger part. */
    public long sizeBytes() {
        return batchBytes + keys.sizeBytes() + (long) Long.BYTES * last.length;
    }

    /** What is left of each batch, in the order given; batches of which nothing is left too. */
    public List<Part> parts() {
        int[] live = new int[batches.size()];
        int[] gone = new int[batches.size()];
        for (int k = 0; k < keys.count(); k++) {
            int[] counts = (last[k] & GONE) == 0 ? live : gone;
            counts[(int) (last[k] >>> BATCH_SHIFT)]++;
        }
        List<Part> parts = new ArrayList<>();
        for (int b = 0; b < batches.size(); b++) {
            parts.add(new Part(batches.get(b), live[b], gone[b]));
        }
        Arrays.fill(live, 0);
        Arrays.fill(gone, 0);
        for (int k = 0; k < keys.count(); k++) {
            int b = (int) (last[k] >>> BATCH_SHIFT);
            int row = (int) last[k] >>> ROW_SHIFT;
            if ((last[k] & GONE) == 0) {
                parts.get(b).live()[live[b]++] = row;
            } else {
                parts.get(b).gone()[gone[b]++] = row;
            }
        }
        for (Part p : parts) {
            Arrays.sort(p.live());
            Arrays.sort(p.gone());
        }
        return parts;
    }

    /** Forgets everything, keeps memory for the next. */
    public void clear() {
        batches.forEach(b -> b.rows().close());
        batches.clear();
        keys.clear();
        batchBytes = 0;
    }

    @Override
    public void close() {
        clear();
    }
}
