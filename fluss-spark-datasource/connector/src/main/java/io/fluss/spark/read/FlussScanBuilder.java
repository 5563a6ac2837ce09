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
package io.fluss.spark.read;

import io.fluss.spark.FlussOptions;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.TableInfo;
import java.util.List;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;

/**
 * Takes what Spark pushes down. Filters are only hints for the lake's file skipping: Spark
 * evaluates all of them again.
 */
public final class FlussScanBuilder
        implements SupportsPushDownRequiredColumns, SupportsPushDownV2Filters {
    private final TableInfo table;
    private final FlussOptions options;
    private StructType schema;
    private Predicate[] filters = new Predicate[0];

    public FlussScanBuilder(TableInfo table, FlussOptions options) {
        this.table = table;
        this.options = options;
        this.schema = SparkTypes.of(table.schema());
    }

    @Override
    public void pruneColumns(StructType requiredSchema) {
        // Whole columns only: nested fields stay together, since the cluster cannot cut them.
        List<String> wanted = List.of(requiredSchema.fieldNames());
        StructType pruned = new StructType();
        for (var field : SparkTypes.of(table.schema()).fields()) {
            pruned = wanted.contains(field.name()) ? pruned.add(field) : pruned;
        }
        schema = pruned;
    }

    @Override
    public Predicate[] pushPredicates(Predicate[] predicates) {
        filters = predicates.clone();
        return predicates;
    }

    @Override
    public Predicate[] pushedPredicates() {
        return new Predicate[0];
    }

    @Override
    public Scan build() {
        return new FlussScan(table, options, schema, List.of(filters));
    }
}
