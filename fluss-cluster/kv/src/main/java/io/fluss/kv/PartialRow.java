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

import org.jspecify.annotations.Nullable;

/** The default engine with target columns: those change, the others stay. */
final class PartialRow implements MergeEngine {
    private final TargetColumns targets;
    private final RowDecoder storedRows;
    private final RowDecoder incomingRows;
    private final MergedRow merged;

    PartialRow(TargetColumns targets, RowDecoder storedRows, RowDecoder incomingRows) {
        this.targets = targets;
        this.storedRows = storedRows;
        this.incomingRows = incomingRows;
        this.merged = new MergedRow(targets.columns(), storedRows, incomingRows);
    }

    @Override
    public void upsert(@Nullable KvRow stored, KvRow incoming, Effect effect) {
        if (stored != null && targets.isKeysOnly()) {
            return;
        }
        incomingRows.open(incoming);
        if (stored != null) {
            storedRows.open(stored);
        }
        for (int i = 0; i < targets.columns(); i++) {
            if (targets.contains(i)) {
                merged.fromIncoming(i);
            } else if (stored != null) {
                merged.fromStored(i);
            } else {
                merged.fromNothing(i);
            }
        }
        effect.write(merged);
    }

    @Override
    public void delete(KvRow stored, Effect effect) {
        deleteTargets(targets, storedRows.open(stored), merged, effect);
    }

    /** Target columns become null; a row with nothing else in it goes. */
    static void deleteTargets(
            TargetColumns targets, RowDecoder stored, MergedRow merged, Effect effect) {
        boolean empty = true;
        for (int i = 0; i < targets.columns(); i++) {
            if (targets.isKey(i)) {
                merged.fromStored(i);
            } else if (targets.contains(i)) {
                merged.fromNothing(i);
            } else {
                merged.fromStored(i);
                empty &= stored.isNull(i);
            }
        }
        if (empty) {
            effect.remove();
        } else {
            effect.write(merged);
        }
    }
}
