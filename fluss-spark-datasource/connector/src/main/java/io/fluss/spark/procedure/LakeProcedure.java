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

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeFormat;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LakeFormatName;
import io.fluss.table.TablePath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** A procedure about a table that has a lake; its answer is one row. */
abstract class LakeProcedure extends ClusterProcedure {
    private final StructType answer;

    LakeProcedure(FlussOptions options, List<ProcedureParameter> more, StructType answer) {
        super(options, more);
        this.answer = answer;
    }

    /**
     * Does it.
     *
     * @param arguments in the order of the parameters
     * @return the values of the answer
     */
    abstract Object[] call(SharedConnections.Lease lease, TableInfo table, InternalRow arguments);

    @Override
    Scan answer(TablePath path, InternalRow arguments) {
        try (SharedConnections.Lease lease = SharedConnections.lease(options().clientSettings())) {
            TableInfo table = Await.value(lease.admin().tableInfo(path));
            if (table.options().lakeFormat().isEmpty() || !table.options().isLakeEnabled()) {
                throw ErrorReason.INVALID_TABLE.exception(
                        path
                                + " has no lake: set table.datalake.enabled = true, in a cluster"
                                + " with datalake.format");
            }
            return new Answer(
                    name(), answer, new GenericInternalRow(call(lease, table, arguments)));
        }
    }

    /** The catalog of the table's lake. The caller closes it. */
    LakeCatalog lakeCatalog(TableInfo table) {
        String format = table.options().lakeFormat().map(LakeFormatName::identifier).orElseThrow();
        Map<String, String> properties = new HashMap<>(table.options().lakeCatalogProperties());
        properties.putAll(options().lakeOverrides(format));
        return LakeFormat.load(format).open(properties);
    }

    static UTF8String shown(TablePath path) {
        return UTF8String.fromString(path.toString());
    }

    private record Answer(String name, StructType readSchema, InternalRow row)
            implements LocalScan {
        @Override
        public InternalRow[] rows() {
            return new InternalRow[] {row};
        }

        @Override
        public String description() {
            return name;
        }
    }
}
