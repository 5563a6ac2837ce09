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
package io.fluss.spark.procedure;

import io.fluss.spark.FlussOptions;
import io.fluss.spark.system.SystemTables;
import io.fluss.table.TablePath;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.Scan;

/** The row of a table in {@code sys.tiering}. */
final class TieringStatus extends ClusterProcedure {
    TieringStatus(FlussOptions options) {
        super(options, List.of());
    }

    @Override
    public String name() {
        return "tiering_status";
    }

    @Override
    public String description() {
        return "state, lag, last rounds and last error of the tiering of a table";
    }

    @Override
    Scan answer(TablePath path, InternalRow arguments) {
        return SystemTables.tiering(name(), options().clientSettings(), List.of(path));
    }
}
