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
package io.fluss.spark.system;

import io.fluss.client.lake.TieringRound;
import io.fluss.client.lake.TieringState;
import io.fluss.client.lake.TieringStatus;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** A {@link TieringStatus} as a row of Spark. */
final class TieringRow {
    private static final long MICROS_PER_MS = 1_000;

    private static final StructType BUCKET =
            new StructType()
                    .add("partition", DataTypes.StringType)
                    .add("bucket", DataTypes.IntegerType, false)
                    .add("tiered_to", DataTypes.LongType)
                    .add("end", DataTypes.LongType, false)
                    .add("lag_rows", DataTypes.LongType, false)
                    .add("lag_seconds", DataTypes.DoubleType);

    private static final StructType ROUND =
            new StructType()
                    .add("started", DataTypes.TimestampType, false)
                    .add("seconds", DataTypes.DoubleType, false)
                    .add("rows", DataTypes.LongType)
                    .add("files", DataTypes.LongType)
                    .add("bytes", DataTypes.LongType)
                    .add("lag_rows", DataTypes.LongType)
                    .add("has_more", DataTypes.BooleanType, false)
                    .add("error", DataTypes.StringType)
                    .add("service", DataTypes.StringType);

    static final StructType SCHEMA =
            new StructType()
                    .add("database", DataTypes.StringType, false)
                    .add("table", DataTypes.StringType, false)
                    .add("state", DataTypes.StringType, false)
                    .add("why", DataTypes.StringType, false)
                    .add("since", DataTypes.TimestampType)
                    .add("freshness_seconds", DataTypes.DoubleType)
                    .add("lag_rows", DataTypes.LongType)
                    .add("lag_seconds", DataTypes.DoubleType)
                    .add("lake_snapshot", DataTypes.LongType)
                    .add("failures_in_row", DataTypes.IntegerType)
                    .add("last_error", DataTypes.StringType)
                    .add("buckets", DataTypes.createArrayType(BUCKET, false), false)
                    .add("rounds", DataTypes.createArrayType(ROUND, false), false);

    private TieringRow() {}

    static InternalRow of(TieringStatus s) {
        Optional<TieringState.Place> place = s.state().flatMap(TieringState::place);
        return row(
                text(s.path().database()),
                text(s.path().table()),
                text(s.word()),
                text(s.lagProblem().map(p -> s.why() + "; lag unknown: " + p).orElseGet(s::why)),
                place.map(p -> p.sinceMs() * MICROS_PER_MS).orElse(null),
                place.map(p -> p.freshnessMs() / 1e3).orElse(null),
                value(s.lagRecords()),
                seconds(s.lagMs()),
                value(s.snapshotId()),
                s.state().map(TieringState::failuresInRow).orElse(null),
                s.lastError().map(TieringRow::text).orElse(null),
                array(s.lag().stream().map(b -> bucket(b, s.asOfMs())).toArray()),
                array(s.rounds().stream().map(TieringRow::round).toArray()));
    }

    private static InternalRow bucket(TieringStatus.BucketLag b, long nowMs) {
        return row(
                b.partitionName().isEmpty() ? null : text(b.partitionName()),
                b.bucket().bucket(),
                b.tieredTo() < 0 ? null : b.tieredTo(),
                b.end(),
                b.records(),
                seconds(b.ageMs(nowMs)));
    }

    private static InternalRow round(TieringRound r) {
        return row(
                r.startedMs() * MICROS_PER_MS,
                r.durationMs() / 1e3,
                r.sizes().map(TieringRound.Sizes::rows).orElse(null),
                r.sizes().map(TieringRound.Sizes::files).orElse(null),
                r.sizes().map(TieringRound.Sizes::bytes).orElse(null),
                r.sizes().map(TieringRound.Sizes::lagRecords).orElse(null),
                r.hasMore(),
                r.error().map(TieringRow::text).orElse(null),
                r.service().isEmpty() ? null : text(r.service()));
    }

    private static InternalRow row(@Nullable Object... values) {
        return new GenericInternalRow(values);
    }

    private static GenericArrayData array(Object[] values) {
        return new GenericArrayData(values);
    }

    private static UTF8String text(String value) {
        return UTF8String.fromString(value);
    }

    private static @Nullable Long value(OptionalLong v) {
        return v.isEmpty() ? null : v.getAsLong();
    }

    private static @Nullable Double seconds(OptionalLong ms) {
        return ms.isEmpty() ? null : ms.getAsLong() / 1e3;
    }
}
