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
package io.fluss.lake.paimon;

import io.fluss.table.TableDescriptor;

/** The same with compaction in the writers. */
class KeyedCompactingPaimonContractTest extends KeyedPaimonContractTest {
    @Override
    protected TableDescriptor options(TableDescriptor table) {
        return table.withProperty("table.datalake.auto-compaction", "true")
                .withCustomProperty("paimon.num-sorted-run.compaction-trigger", "2");
    }
}
