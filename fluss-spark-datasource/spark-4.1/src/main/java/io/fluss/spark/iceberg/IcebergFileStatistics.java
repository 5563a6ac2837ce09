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
package io.fluss.spark.iceberg;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.lake.LakeScanProvider.Bounds;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.expressions.AggregateEvaluator;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ContentFileUtil;

/** What the statistics of a snapshot's files tell exactly about its rows. */
final class IcebergFileStatistics {
    /** Bounds of others are cut (text), leave values out (NaN), or differ from Spark's values. */
    private static final Set<TypeID> BOUNDED =
            Set.of(TypeID.INTEGER, TypeID.LONG, TypeID.DATE, TypeID.TIMESTAMP);

    private IcebergFileStatistics() {}

    /**
     * By the counts of files, and those of deletion vectors, of which a file has one. Other deletes
     * may name rows that are not there, or twice.
     */
    static OptionalLong rowCount(Table table, long snapshotId) {
        long rows = 0;
        try (CloseableIterable<FileScanTask> files = scan(table, snapshotId).planFiles()) {
            for (FileScanTask f : files) {
                if (f.deletes().size() > 1
                        || !f.deletes().stream().allMatch(ContentFileUtil::isDV)) {
                    return OptionalLong.empty();
                }
                rows += f.file().recordCount();
                for (DeleteFile vector : f.deletes()) {
                    rows -= vector.recordCount();
                }
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(notListed(table, snapshotId), e);
        }
        return OptionalLong.of(rows);
    }

    /** Without any deletes, since the least or greatest value may be of a deleted row. */
    static Map<String, Bounds> bounds(Table table, long snapshotId, List<String> columns) {
        Map<String, AggregateEvaluator> evaluators = new LinkedHashMap<>();
        for (String c : columns) {
            NestedField field = table.schema().findField(c);
            if (field != null && BOUNDED.contains(field.type().typeId())) {
                evaluators.put(
                        c,
                        AggregateEvaluator.create(
                                table.schema(), List.of(Expressions.min(c), Expressions.max(c))));
            }
        }
        if (evaluators.isEmpty()) {
            return Map.of();
        }
        TableScan scan = scan(table, snapshotId).includeColumnStats(evaluators.keySet());
        try (CloseableIterable<FileScanTask> files = scan.planFiles()) {
            for (FileScanTask f : files) {
                if (!f.deletes().isEmpty()) {
                    return Map.of();
                }
                evaluators.values().forEach(e -> e.update(f.file()));
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(notListed(table, snapshotId), e);
        }
        Map<String, Bounds> known = new LinkedHashMap<>();
        evaluators.forEach(
                (column, e) -> {
                    if (e.allAggregatorsValid()) {
                        known.put(column, bounds(e.result()));
                    }
                });
        return known;
    }

    private static Bounds bounds(StructLike values) {
        return new Bounds(
                Optional.ofNullable(values.get(0, Object.class)),
                Optional.ofNullable(values.get(1, Object.class)));
    }

    private static TableScan scan(Table table, long snapshotId) {
        return table.newScan().useSnapshot(snapshotId);
    }

    private static String notListed(Table table, long snapshotId) {
        return "files of snapshot "
                + snapshotId
                + " of Iceberg table "
                + table.name()
                + " cannot be listed";
    }
}
