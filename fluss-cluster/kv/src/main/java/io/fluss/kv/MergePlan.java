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
package io.fluss.kv;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.DeleteBehavior;
import io.fluss.table.TableSchema;
import java.util.List;
import java.util.Optional;

/**
 * How the batches of a kind of request are merged.
 *
 * @param readsStoredRow whether upserts need the stored row; deletes always do
 * @param insertsAreUpdates whether an upsert is logged as an update without looking
 */
record MergePlan(
        MergeEngine engine,
        DeleteBehavior deletes,
        boolean readsStoredRow,
        boolean insertsAreUpdates) {

    /**
     * Checks what a request asks for.
     *
     * @param targetColumns positions in the latest schema; empty for whole rows
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN, or another reason why the
     *     table does not take such writes
     */
    static MergePlan of(
            KvTable table,
            List<Integer> targetColumns,
            MergeMode mode,
            RowDecoder stored,
            RowDecoder incoming) {
        TableSchema schema = table.schema();
        TableOptions options = table.options();
        Optional<TargetColumns> targets =
                targetColumns.isEmpty()
                        ? Optional.empty()
                        : Optional.of(TargetColumns.of(table.name(), schema, targetColumns));
        if (targets.isEmpty() && schema.autoIncrementColumn().isPresent()) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table.name()
                            + ": the cluster fills in the auto-increment column '"
                            + schema.autoIncrementColumn().get()
                            + "'; name the other columns as target columns");
        }
        Optional<TargetColumns> some = targets.filter(t -> !t.isAll());
        Optional<TableOptions.MergeEngine> engine =
                mode == MergeMode.OVERWRITE ? Optional.empty() : options.mergeEngine();
        DeleteBehavior deletes =
                mode == MergeMode.OVERWRITE ? DeleteBehavior.ALLOW : options.deleteBehavior();
        if (engine.isEmpty()) {
            if (some.isPresent()) {
                return reading(new PartialRow(some.get(), stored, incoming), deletes);
            }
            boolean blind = !table.isFullImage() && schema.autoIncrementColumn().isEmpty();
            return new MergePlan(new LastRow(), deletes, !blind, blind);
        }
        return reading(
                switch (engine.get()) {
                    case FIRST_ROW -> {
                        refusePartial(table, targets, "first_row");
                        yield new FirstRow();
                    }
                    case VERSIONED -> {
                        refusePartial(table, targets, "versioned");
                        int column = versionColumn(table);
                        yield new VersionedRow(
                                stored, incoming, column, schema.columns().get(column).type());
                    }
                    case AGGREGATION -> new Aggregation(schema, some, stored, incoming);
                },
                deletes);
    }

    private static MergePlan reading(MergeEngine engine, DeleteBehavior deletes) {
        return new MergePlan(engine, deletes, true, false);
    }

    private static void refusePartial(
            KvTable table, Optional<TargetColumns> targets, String engine) {
        if (targets.isPresent()) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    table.name()
                            + ": the merge engine "
                            + engine
                            + " takes whole rows only, not target columns");
        }
    }

    private static int versionColumn(KvTable table) {
        String name =
                table.options()
                        .versionColumn()
                        .orElseThrow(
                                () ->
                                        ErrorReason.INVALID_CONFIG.exception(
                                                table.name()
                                                        + ": "
                                                        + TableOptions.VERSION_COLUMN
                                                        + " is not set"));
        return table.schema()
                .positionOf(name)
                .orElseThrow(
                        () ->
                                ErrorReason.INVALID_CONFIG.exception(
                                        table.name() + ": no version column '" + name + "'"));
    }
}
