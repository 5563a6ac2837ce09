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

import io.fluss.errors.ErrorReason;
import io.fluss.table.Column;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Sum and product. Integers wrap in their own width; a decimal that does not fit its column refuses
 * the batch, since losing it in silence would be worse.
 */
final class Arithmetic {
    private Arithmetic() {}

    static Aggregate sum(Column column) {
        DataType t = column.type();
        if (t instanceof DataType.FloatType) {
            return (a, b, i, out) -> {
                out.floating = a.floating(i) + b.floating(i);
                return Aggregate.Result.COMPUTED;
            };
        }
        if (t instanceof DataType.DoubleType) {
            return (a, b, i, out) -> {
                out.doubling = a.doubling(i) + b.doubling(i);
                return Aggregate.Result.COMPUTED;
            };
        }
        if (t instanceof DataType.DecimalType d) {
            return (a, b, i, out) -> {
                out.unscaled = fitting(column, d, a.unscaled(i).add(b.unscaled(i)));
                return Aggregate.Result.COMPUTED;
            };
        }
        int bits = bits(t);
        return (a, b, i, out) -> {
            out.integer = wrap(a.integer(i) + b.integer(i), bits);
            return Aggregate.Result.COMPUTED;
        };
    }

    static Aggregate product(Column column) {
        DataType t = column.type();
        if (t instanceof DataType.FloatType) {
            return (a, b, i, out) -> {
                out.floating = a.floating(i) * b.floating(i);
                return Aggregate.Result.COMPUTED;
            };
        }
        if (t instanceof DataType.DoubleType) {
            return (a, b, i, out) -> {
                out.doubling = a.doubling(i) * b.doubling(i);
                return Aggregate.Result.COMPUTED;
            };
        }
        if (t instanceof DataType.DecimalType d) {
            return (a, b, i, out) -> {
                BigInteger unscaled =
                        new BigDecimal(a.unscaled(i).multiply(b.unscaled(i)), 2 * d.scale())
                                .setScale(d.scale(), RoundingMode.HALF_UP)
                                .unscaledValue();
                out.unscaled = fitting(column, d, unscaled);
                return Aggregate.Result.COMPUTED;
            };
        }
        int bits = bits(t);
        return (a, b, i, out) -> {
            out.integer = wrap(a.integer(i) * b.integer(i), bits);
            return Aggregate.Result.COMPUTED;
        };
    }

    private static int bits(DataType t) {
        if (t instanceof DataType.TinyIntType) {
            return 8;
        }
        if (t instanceof DataType.SmallIntType) {
            return 16;
        }
        return t instanceof DataType.IntType ? 32 : 64;
    }

    private static long wrap(long value, int bits) {
        return value << (64 - bits) >> (64 - bits);
    }

    private static BigInteger fitting(
            Column column, DataType.DecimalType type, BigInteger unscaled) {
        BigDecimal value = new BigDecimal(unscaled, type.scale());
        if (value.precision() > type.precision()) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "column '"
                            + column.name()
                            + "': the aggregate "
                            + value
                            + " does not fit into "
                            + type
                            + "; the batch was refused, use a wider type");
        }
        return unscaled;
    }
}
