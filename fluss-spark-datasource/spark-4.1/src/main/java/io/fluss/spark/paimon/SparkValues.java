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
package io.fluss.spark.paimon;

import org.apache.paimon.types.DataType;
import org.apache.paimon.types.LocalZonedTimestampType;
import org.apache.paimon.types.TimestampType;
import org.apache.spark.sql.types.Decimal;

/** Values that Paimon and Spark hold differently. */
final class SparkValues {
    private static final long NANOS_PER_MS = 1_000_000;

    private SparkValues() {}

    /** Of a timestamp; -1 for other types. */
    static int timestampPrecision(DataType type) {
        if (type instanceof TimestampType t) {
            return t.getPrecision();
        }
        return type instanceof LocalZonedTimestampType t ? t.getPrecision() : -1;
    }

    /** Spark's TIME from Paimon's milliseconds of the day. */
    static long timeNanos(int ms) {
        return ms * NANOS_PER_MS;
    }

    static Decimal decimal(org.apache.paimon.data.Decimal value) {
        return value.isCompact()
                ? Decimal.createUnsafe(value.toUnscaledLong(), value.precision(), value.scale())
                : Decimal.apply(value.toBigDecimal(), value.precision(), value.scale());
    }
}
