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
package io.fluss.tablet;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.filter.BatchFilter;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.protocol.messages.PbPredicate;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LogFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A table as the data path sees it: its latest info and the projections that were asked for.
 * Immutable but for the bounded cache of projections.
 */
final class HostedTable {
    private static final int PROJECTIONS_MAX = 256;

    private final TableInfo info;
    private final boolean arrow;
    private final boolean hasStatistics;
    private final Map<List<Integer>, BatchProjection> projections = new ConcurrentHashMap<>();

    private HostedTable(TableInfo info) {
        this.info = info;
        this.arrow = info.options().logFormat() == LogFormat.ARROW;
        this.hasStatistics = StatisticsColumns.of(info.descriptor()).isPresent();
    }

    static HostedTable of(TableInfo info) {
        return new HostedTable(info);
    }

    /** This table with newer info; older info changes nothing. */
    HostedTable with(TableInfo newer) {
        return newer.equals(info) || newer.schemaId() < info.schemaId()
                ? this
                : new HostedTable(newer);
    }

    TableInfo info() {
        return info;
    }

    /** Whether batches may carry column statistics. */
    boolean hasStatistics() {
        return hasStatistics;
    }

    /**
     * The filter of a fetch; empty if it cannot be applied, which leaves the read unfiltered.
     *
     * @param schemaId the schema that the predicate was made for
     */
    Optional<BatchFilter> filter(PbPredicate predicate, int schemaId) {
        return arrow && schemaId <= info.schemaId()
                ? FilterMessage.read(predicate, info.schema())
                        .flatMap(p -> BatchFilter.of(p, info.schema()))
                : Optional.empty();
    }

    /**
     * The projection to columns of the latest schema; columns that a batch of an older schema does
     * not have are nulls in it.
     *
     * @throws io.fluss.errors.FlussException with INVALID_COLUMN_PROJECTION
     */
    BatchProjection projection(List<Integer> fields) {
        if (!arrow) {
            throw ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                    info.path()
                            + ": only logs in ARROW format are projected, its format is "
                            + info.options().logFormat());
        }
        BatchProjection known = projections.get(fields);
        if (known != null) {
            return known;
        }
        BatchProjection made = BatchProjection.of(info.schema().rowType(), fields);
        if (projections.size() < PROJECTIONS_MAX) {
            projections.put(List.copyOf(fields), made);
        }
        return made;
    }
}
