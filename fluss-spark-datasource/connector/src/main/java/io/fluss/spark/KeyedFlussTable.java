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
package io.fluss.spark;

import io.fluss.table.TableInfo;
import org.apache.spark.sql.connector.catalog.SupportsRowLevelOperations;
import org.apache.spark.sql.connector.write.RowLevelOperationBuilder;
import org.apache.spark.sql.connector.write.RowLevelOperationInfo;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A table with a primary key: rows can be updated, deleted and merged. */
final class KeyedFlussTable extends FlussTable implements SupportsRowLevelOperations {
    KeyedFlussTable(TableInfo table, CaseInsensitiveStringMap ownOptions) {
        super(table, ownOptions);
    }

    @Override
    public RowLevelOperationBuilder newRowLevelOperationBuilder(RowLevelOperationInfo info) {
        return () -> operation(info);
    }

    /** The same with partition commands. */
    static final class Partitioned extends PartitionedFlussTable
            implements SupportsRowLevelOperations {
        Partitioned(TableInfo table, CaseInsensitiveStringMap ownOptions) {
            super(table, ownOptions);
        }

        @Override
        public RowLevelOperationBuilder newRowLevelOperationBuilder(RowLevelOperationInfo info) {
            return () -> operation(info);
        }
    }
}
