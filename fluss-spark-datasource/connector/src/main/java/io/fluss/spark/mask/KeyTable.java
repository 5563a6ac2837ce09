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
package io.fluss.spark.mask;

import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Distinct keys, each with the number that was put with it last. Filled by one thread at a time;
 * when it is full, any number of threads may look into it, each through a probe of its own.
 */
public abstract sealed class KeyTable permits NumberTable, BytesTable {
    /** No number: the key was not there. */
    public static final long NONE = -1;

    KeyTable() {}

    /** An empty table for keys of these columns. */
    public static KeyTable of(KeyColumns columns) {
        return columns.isNumber() ? new NumberTable() : new BytesTable();
    }

    /**
     * Puts a number, from 0, with the key of a row.
     *
     * @return the number before, or {@link #NONE}
     */
    public abstract long put(KeyColumns columns, SpecializedGetters row, long number);

    /** Number of keys. */
    public abstract int count();

    /** Memory held. */
    public abstract long sizeBytes();

    /** Looks for the keys of rows that have these columns. */
    public abstract Probe probe(KeyColumns columns);

    /** Looks for keys. Used by one thread. */
    public interface Probe {
        boolean contains(SpecializedGetters row);

        /**
         * The rows of a batch whose keys are not in the table.
         *
         * @param kept takes their numbers, rising
         * @return how many there are
         */
        int absent(ColumnarBatch batch, int[] kept);
    }
}
