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
package io.fluss.tiering.spark;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeMaintenance.Compaction;
import io.fluss.settings.Settings;
import io.fluss.table.TableInfo;
import java.util.Optional;

/**
 * When files of lake tables are rewritten into larger ones. Tables with a primary key are compacted
 * unless they say {@code table.datalake.auto-compaction=false}, log tables if they say true.
 *
 * @param compactsAll log tables too, unless they say false
 * @param filesMin so many small files of a bucket make a rewrite worth it
 * @param deletedFraction a file of which more is deleted is rewritten
 * @param bytesMax roughly so much is read after one round
 */
record CompactionSettings(
        boolean compactsAll, int filesMin, double deletedFraction, long bytesMax) {
    static CompactionSettings from(Settings s) {
        int percent = s.integer("lake.tiering.compaction.deleted-percent", 30);
        CompactionSettings c =
                new CompactionSettings(
                        s.flag("lake.tiering.compaction.all", false),
                        s.integer("lake.tiering.compaction.files-min", 8),
                        percent / 100.0,
                        s.bytes("lake.tiering.compaction.bytes-max", 1L << 30));
        if (c.filesMin < 2 || percent < 1 || c.bytesMax < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "lake.tiering.compaction.files-min is "
                            + c.filesMin
                            + ", .deleted-percent "
                            + percent
                            + ", .bytes-max "
                            + c.bytesMax
                            + "; use at least 2, 1 and 1");
        }
        return c;
    }

    /** What to do for a table; empty if it is not to be compacted. */
    Optional<Compaction> of(TableInfo table) {
        return table.options().compactsLake(compactsAll || table.hasPrimaryKey())
                ? Optional.of(new Compaction(table, filesMin, deletedFraction, bytesMax))
                : Optional.empty();
    }
}
