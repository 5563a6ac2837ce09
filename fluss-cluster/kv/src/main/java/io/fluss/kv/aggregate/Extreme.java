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
package io.fluss.kv.aggregate;

import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.util.Arrays;

/** Max and min. Text compares by unsigned bytes. Of equal values max keeps the stored one. */
final class Extreme {
    private Extreme() {}

    /** Compares two values of a column, neither of them null. */
    private interface Order {
        int compare(RowValues a, RowValues b, int column);
    }

    static Aggregate max(DataType type) {
        Order order = order(type);
        return (stored, incoming, i, out) ->
                order.compare(incoming, stored, i) > 0
                        ? Aggregate.Result.INCOMING
                        : Aggregate.Result.STORED;
    }

    static Aggregate min(DataType type) {
        Order order = order(type);
        return (stored, incoming, i, out) ->
                order.compare(stored, incoming, i) < 0
                        ? Aggregate.Result.STORED
                        : Aggregate.Result.INCOMING;
    }

    private static Order order(DataType t) {
        if (t instanceof DataType.FloatType) {
            return (a, b, i) -> Float.compare(a.floating(i), b.floating(i));
        }
        if (t instanceof DataType.DoubleType) {
            return (a, b, i) -> Double.compare(a.doubling(i), b.doubling(i));
        }
        if (t instanceof DataType.DecimalType) {
            return (a, b, i) -> a.unscaled(i).compareTo(b.unscaled(i));
        }
        if (t instanceof DataType.StringType || t instanceof DataType.CharType) {
            return (a, b, i) -> Arrays.compareUnsigned(a.bytes(i), b.bytes(i));
        }
        if (t instanceof DataType.TimestampType || t instanceof DataType.TimestampLtzType) {
            return (a, b, i) -> {
                int byMs = Long.compare(a.timestampMs(i), b.timestampMs(i));
                return byMs != 0 ? byMs : Integer.compare(a.nanoOfMs(i), b.nanoOfMs(i));
            };
        }
        return (a, b, i) -> Long.compare(a.integer(i), b.integer(i));
    }
}
