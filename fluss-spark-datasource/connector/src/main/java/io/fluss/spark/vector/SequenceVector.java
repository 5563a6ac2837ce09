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
package io.fluss.spark.vector;

import org.apache.spark.sql.types.DataTypes;

/** Consecutive BIGINT values, one a row, without memory. Immutable. */
public final class SequenceVector extends ComputedVector {
    private final long first;

    public SequenceVector(long first) {
        super(DataTypes.LongType);
        this.first = first;
    }

    @Override
    public long getLong(int rowId) {
        return first + rowId;
    }
}
