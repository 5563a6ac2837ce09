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
package io.fluss.spark.stream;

import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.sql.connector.read.streaming.CompositeReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReadMaxBytes;
import org.apache.spark.sql.connector.read.streaming.ReadMaxRows;
import org.apache.spark.sql.connector.read.streaming.ReadMinRows;

/** How far a micro-batch goes. Pure functions. */
final class Admission {
    private Admission() {}

    /** What the options ask for, in Spark's terms. */
    static ReadLimit limit(StreamOptions.Limits options) {
        List<ReadLimit> parts = new ArrayList<>();
        options.rowsMax().ifPresent(n -> parts.add(ReadLimit.maxRows(n)));
        options.bytesMax().ifPresent(n -> parts.add(ReadLimit.maxBytes(n)));
        options.rowsMin()
                .ifPresent(n -> parts.add(ReadLimit.minRows(n, options.delayMax().toMillis())));
        return switch (parts.size()) {
            case 0 -> ReadLimit.allAvailable();
            case 1 -> parts.get(0);
            default -> ReadLimit.compositeLimit(parts.toArray(ReadLimit[]::new));
        };
    }

    /** The number of rows that a limit allows; empty if it does not speak of rows. */
    static OptionalLong rowsMax(ReadLimit limit) {
        Optional<Long> rows =
                find(limit, l -> l instanceof ReadMaxRows m ? Optional.of(m.maxRows()) : NOTHING);
        return rows.map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /** The number of bytes that a limit allows; empty if it does not speak of bytes. */
    static OptionalLong bytesMax(ReadLimit limit) {
        Optional<Long> bytes =
                find(limit, l -> l instanceof ReadMaxBytes m ? Optional.of(m.maxBytes()) : NOTHING);
        return bytes.map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /** What a batch waits for. */
    static Optional<ReadMinRows> rowsMin(ReadLimit limit) {
        return find(limit, l -> l instanceof ReadMinRows m ? Optional.of(m) : Optional.empty());
    }

    private static final Optional<Long> NOTHING = Optional.empty();

    private static <T> Optional<T> find(ReadLimit limit, Function<ReadLimit, Optional<T>> part) {
        if (limit instanceof CompositeReadLimit c) {
            for (ReadLimit l : c.getReadLimits()) {
                Optional<T> found = find(l, part);
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        }
        return part.apply(limit);
    }

    /** The smaller of two limits, the second one in bytes; at least one row. */
    static OptionalLong tighter(OptionalLong rows, OptionalLong bytes, long rowBytes) {
        if (bytes.isEmpty()) {
            return rows;
        }
        long inBytes = Math.max(1, bytes.getAsLong() / Math.max(1, rowBytes));
        return OptionalLong.of(Math.min(inBytes, rows.orElse(Long.MAX_VALUE)));
    }

    /** Records from one position to another; buckets without a start begin at 0. */
    static long backlog(Map<TableBucket, Long> from, Map<TableBucket, Long> latest) {
        long backlog = 0;
        for (Map.Entry<TableBucket, Long> e : latest.entrySet()) {
            backlog += Math.max(0, e.getValue() - start(from, e.getKey()));
        }
        return backlog;
    }

    /**
     * The end of the next batch: the latest offsets if they are within the limit, otherwise each
     * bucket moves by its share of the limit in proportion to its backlog. At least one record is
     * taken while there is a backlog.
     *
     * @param from a bucket of {@code latest} that is missing begins at 0
     */
    static Map<TableBucket, Long> end(
            Map<TableBucket, Long> from, Map<TableBucket, Long> latest, OptionalLong rowsMax) {
        long backlog = backlog(from, latest);
        Map<TableBucket, Long> out = new TreeMap<>();
        boolean isLimited = rowsMax.isPresent() && backlog > rowsMax.getAsLong();
        long left = rowsMax.orElse(Long.MAX_VALUE);
        for (Map.Entry<TableBucket, Long> e : latest.entrySet()) {
            long start = start(from, e.getKey());
            long size = Math.max(0, e.getValue() - start);
            long share = size;
            if (isLimited) {
                double exact = (double) size * rowsMax.getAsLong() / backlog;
                share = Math.min(Math.min(size, left), (long) Math.ceil(exact));
                left -= share;
            }
            out.put(e.getKey(), start + share);
        }
        return out;
    }

    private static long start(Map<TableBucket, Long> from, TableBucket bucket) {
        return from.getOrDefault(bucket, 0L);
    }
}
