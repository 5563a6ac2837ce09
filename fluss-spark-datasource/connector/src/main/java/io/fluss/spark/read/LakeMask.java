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
package io.fluss.spark.read;

import io.fluss.spark.mask.KeyColumns;
import io.fluss.spark.mask.KeyTable;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of the lake the hot tier replaces. Immutable; travels to tasks.
 *
 * @param tails changes of keys since the lake snapshot, if they count
 * @param keyColumns of the primary key in rows of the lake
 * @param hot buckets whose rows in the lake do not count
 * @param shownColumns so many columns of the lake's rows are wanted, from the first; the others are
 *     read for the mask
 */
record LakeMask(
        @Nullable Tails tails, KeyColumns keyColumns, @Nullable HotBuckets hot, int shownColumns)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Reads the keys, or waits until another task of this JVM has read them. */
    Open open() {
        KeyTable keys = tails == null ? KeyTable.of(keyColumns) : TailKeys.of(tails).read();
        return new Open(keys.probe(keyColumns), hot == null ? null : hot.probe());
    }

    /** Looks at rows of the lake. Used by one thread. */
    static final class Open {
        private final KeyTable.Probe keys;
        private final HotBuckets.@Nullable Probe hot;

        private Open(KeyTable.Probe keys, HotBuckets.@Nullable Probe hot) {
            this.keys = keys;
            this.hot = hot;
        }

        boolean keeps(InternalRow row) {
            return !keys.contains(row) && (hot == null || !hot.contains(row));
        }

        /**
         * The rows of a batch that stay.
         *
         * @param kept takes their numbers, rising
         * @return how many there are
         */
        int kept(ColumnarBatch batch, int[] kept) {
            int count = keys.absent(batch, kept);
            HotBuckets.Probe h = hot;
            if (h == null) {
                return count;
            }
            int left = 0;
            for (int i = 0; i < count; i++) {
                kept[left] = kept[i];
                left += h.contains(batch.getRow(kept[i])) ? 0 : 1;
            }
            return left;
        }
    }
}
