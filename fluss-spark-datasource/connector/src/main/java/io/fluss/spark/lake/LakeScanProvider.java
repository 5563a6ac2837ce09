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
package io.fluss.spark.lake;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TablePath;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;

/**
 * Scans the lake table of a format with that format's own Spark reader. Found by {@link
 * ServiceLoader}; stateless.
 */
public interface LakeScanProvider {
    /** Name as used in {@code table.datalake.format}, lower case. */
    String format();

    /**
     * A scan of exactly one snapshot. Runs on the driver.
     *
     * @return its read schema holds those of the wanted columns that the snapshot's schema has, in
     *     any order; columns added later are missing. Partitions and readers are the format's own;
     *     values may be of a wider type than the table's (INT for TINYINT)
     * @throws io.fluss.errors.FlussException with LAKE_SNAPSHOT_NOT_EXIST or TABLE_NOT_EXIST naming
     *     table and snapshot
     */
    Scan scan(Request request);

    /**
     * The same snapshot in parts, without filters.
     *
     * @throws io.fluss.errors.FlussException as {@link #scan}
     */
    default LakeParts parts(Request request) {
        return LakeParts.whole(this, request);
    }

    /**
     * The exact number of rows of the snapshot, whatever the columns and filters of the request
     * are.
     *
     * @return empty if the lake's metadata does not tell
     * @throws io.fluss.errors.FlussException as {@link #scan}
     */
    default OptionalLong rowCount(Request request) {
        return OptionalLong.empty();
    }

    /**
     * Exact bounds of the columns of a request over all rows of the snapshot, whatever its filters
     * are.
     *
     * @return only the columns whose bounds the lake's metadata tells
     * @throws io.fluss.errors.FlussException as {@link #scan}
     */
    default Map<String, Bounds> bounds(Request request) {
        return Map.of();
    }

    /**
     * The least and the greatest value of a column that is not null, in Spark's internal form;
     * empty without such values.
     */
    record Bounds(Optional<Object> least, Optional<Object> greatest) {}

    /**
     * Keeps the snapshot of a request from being expired, for a reader that needs it for long; in
     * the place of an older hold of this name.
     *
     * @param name unique for the reader
     * @return whether the format can
     */
    default boolean hold(Request request, String name, Duration atMost) {
        return false;
    }

    /** Ends a hold, if it is still there. */
    default void release(Request request, String name) {}

    /**
     * What to scan.
     *
     * @param catalogProperties of the lake catalog, in the format's own terms
     * @param columns names of the wanted columns, at least one
     * @param filters hints: rows that fail them may be left out, but need not
     */
    record Request(
            TablePath path,
            Map<String, String> catalogProperties,
            long snapshotId,
            List<String> columns,
            List<Predicate> filters) {
        public Request {
            catalogProperties = Map.copyOf(catalogProperties);
            columns = List.copyOf(columns);
            filters = List.copyOf(filters);
        }
    }

    /**
     * The provider of a format.
     *
     * @throws io.fluss.errors.FlussException with LAKE_STORAGE_NOT_CONFIGURED naming what is on the
     *     class path
     */
    static LakeScanProvider load(String format) {
        TreeSet<String> found = new TreeSet<>();
        Iterator<LakeScanProvider> all =
                ServiceLoader.load(LakeScanProvider.class, LakeScanProvider.class.getClassLoader())
                        .iterator();
        try {
            while (all.hasNext()) {
                LakeScanProvider p = all.next();
                if (p.format().equals(format)) {
                    return p;
                }
                found.add(p.format());
            }
        } catch (ServiceConfigurationError e) {
            throw ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                    "the reader of lake format '" + format + "' cannot be loaded", e);
        }
        throw ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                "no Spark reader of lake format '"
                        + format
                        + "' is on the class path; found "
                        + found
                        + ". Read with option read.mode = hot to leave the lake out");
    }
}
