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
import io.fluss.settings.Settings;
import io.fluss.spark.FlussOptions;
import io.fluss.table.TablePath;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.BoundProcedure;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A procedure about a table, which is its first argument. */
abstract class ClusterProcedure implements UnboundProcedure, BoundProcedure {
    private static final ProcedureParameter TABLE =
            ProcedureParameter.in("table", DataTypes.StringType).comment("database.table").build();

    private final FlussOptions options;
    private final List<ProcedureParameter> parameters;

    /**
     * Of a catalog with these options.
     *
     * @param more parameters behind the table
     */
    ClusterProcedure(FlussOptions options, List<ProcedureParameter> more) {
        this.options = options;
        this.parameters = Stream.concat(Stream.of(TABLE), more.stream()).toList();
    }

    /**
     * Does it.
     *
     * @param arguments in the order of the parameters
     */
    abstract Scan answer(TablePath path, InternalRow arguments);

    FlussOptions options() {
        return options;
    }

    @Override
    public BoundProcedure bind(StructType inputType) {
        return this;
    }

    @Override
    public boolean isDeterministic() {
        return false;
    }

    @Override
    public ProcedureParameter[] parameters() {
        return parameters.toArray(ProcedureParameter[]::new);
    }

    @Override
    public Iterator<Scan> call(InternalRow arguments) {
        TablePath path = TablePath.parse(text(arguments, 0));
        return Collections.singletonList(answer(path, arguments)).iterator();
    }

    String text(InternalRow arguments, int position) {
        if (arguments.isNullAt(position)) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    name() + ": argument '" + parameters.get(position).name() + "' is null");
        }
        return arguments.getUTF8String(position).toString();
    }

    Duration duration(InternalRow arguments, int position) {
        String name = parameters.get(position).name();
        return Settings.of(Map.of(name, text(arguments, position))).duration(name, Duration.ZERO);
    }
}
