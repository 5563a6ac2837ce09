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
package io.fluss.tiering.round;

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.table.TableInfo;
import java.util.Optional;

/**
 * How far a table is tiered, seen from both sides.
 *
 * @param registered latest lake snapshot that the cluster knows
 * @param inLake newest snapshot in the lake that a tiering service has made
 * @param isShownAtOnce whether readers may use a commit as it is
 */
public record Progress(
        TableInfo table,
        Optional<LakeSnapshot> registered,
        Optional<TieringCommit> inLake,
        boolean isShownAtOnce) {
    public Progress(
            TableInfo table, Optional<LakeSnapshot> registered, Optional<TieringCommit> inLake) {
        this(table, registered, inLake, true);
    }
}
