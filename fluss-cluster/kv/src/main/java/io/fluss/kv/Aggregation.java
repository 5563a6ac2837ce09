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

import io.fluss.kv.aggregate.Aggregate;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Each column has a function that merges its values; the first row of a key is kept as it is. */
final class Aggregation implements MergeEngine {
    private final Optional<TargetColumns> targets;
    private final RowDecoder storedRows;
    private final RowDecoder incomingRows;
    private final MergedRow merged;
    private final @Nullable Aggregate[] functions;

    Aggregation(
            TableSchema schema,
            Optional<TargetColumns> targets,
            RowDecoder storedRows,
            RowDecoder incomingRows) {
        this.targets = targets;
        this.storedRows = storedRows;
        this.incomingRows = incomingRows;
        int columns = schema.columns().size();
        this.merged = new MergedRow(columns, storedRows, incomingRows);
        this.functions = new Aggregate[columns];
        for (int i = 0; i < columns; i++) {
            Column column = schema.columns().get(i);
            int position = i;
            if (!schema.primaryKey().contains(column.name())
                    && targets.map(t -> t.contains(position)).orElse(true)) {
                functions[i] = Aggregate.of(column);
            }
        }
    }

    @Override
    public void upsert(@Nullable KvRow stored, KvRow incoming, Effect effect) {
        if (stored == null) {
            checkFirst(incomingRows.open(incoming));
            effect.replace(incoming);
            return;
        }
        storedRows.open(stored);
        incomingRows.open(incoming);
        for (int i = 0; i < functions.length; i++) {
            Aggregate f = functions[i];
            if (f == null) {
                merged.fromStored(i);
                continue;
            }
            switch (f.merge(storedRows, incomingRows, i, merged.cell(i))) {
                case STORED -> merged.fromStored(i);
                case INCOMING -> merged.fromIncoming(i);
                case COMPUTED -> merged.computed(i);
            }
        }
        effect.write(merged);
    }

    private void checkFirst(RowDecoder first) {
        for (int i = 0; i < functions.length; i++) {
            Aggregate f = functions[i];
            if (f != null) {
                f.checkFirst(first, i);
            }
        }
    }

    @Override
    public void delete(KvRow stored, Effect effect) {
        if (targets.isEmpty()) {
            effect.remove();
        } else {
            PartialRow.deleteTargets(targets.get(), storedRows.open(stored), merged, effect);
        }
    }
}
