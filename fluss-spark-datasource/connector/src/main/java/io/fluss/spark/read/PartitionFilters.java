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

import io.fluss.spark.pruning.PartitionValues;
import io.fluss.table.TableInfo;
import java.util.Map;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Not;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Filters on partition columns in Spark's terms. Pure functions. */
final class PartitionFilters {
    private PartitionFilters() {}

    /** Rows of all partitions but one. */
    static Predicate isNot(TableInfo table, Map<String, String> spec) {
        PartitionValues values = PartitionValues.of(table);
        Object[] row = values.row(spec);
        StructType columns = values.schema();
        Predicate is = equal(columns.apply(0), row[0]);
        for (int i = 1; i < row.length; i++) {
            is = new And(is, equal(columns.apply(i), row[i]));
        }
        return new Not(is);
    }

    private static Predicate equal(StructField column, Object value) {
        return new Predicate(
                "=",
                new Expression[] {
                    Expressions.column(column.name()), new LiteralValue<>(value, column.dataType())
                });
    }
}
