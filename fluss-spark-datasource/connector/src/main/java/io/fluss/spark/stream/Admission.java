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
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.spark.sql.connector.read.streaming.CompositeReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReadMaxRows;

/** How far a micro-batch goes. Pure functions. */
final class Admission {
    private Admission() {}

    /** The number of rows that a limit allows; empty if it does not speak of rows. */
    static OptionalLong rowsMax(ReadLimit limit) {
        if (limit instanceof ReadMaxRows m) {
            return OptionalLong.of(m.maxRows());
        }
        if (limit instanceof CompositeReadLimit c) {
            for (ReadLimit part : c.getReadLimits()) {
                OptionalLong rows = rowsMax(part);
                if (rows.isPresent()) {
                    return rows;
                }
            }
        }
        return OptionalLong.empty();
    }

    /**
     * The end of the next batch: the latest offsets if they are within the limit, otherwise each
     * bucket moves by its share of the limit in proportion to its backlog. At least one record is
     * taken while there is a backlog.
     *
     * @param from of every bucket in {@code latest}
     */
    static Map<TableBucket, Long> end(
            Map<TableBucket, Long> from, Map<TableBucket, Long> latest, OptionalLong rowsMax) {
        long backlog = 0;
        for (Map.Entry<TableBucket, Long> e : latest.entrySet()) {
            backlog += Math.max(0, e.getValue() - start(from, e.getKey()));
        }
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
