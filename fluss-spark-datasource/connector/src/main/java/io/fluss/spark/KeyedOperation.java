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

import io.fluss.spark.read.FlussScanBuilder;
import io.fluss.spark.write.KeyedWrite;
import io.fluss.table.TableInfo;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.DeltaWriteBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.RowLevelOperationInfo;
import org.apache.spark.sql.connector.write.SupportsDelta;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** UPDATE, DELETE or MERGE: rows are read, and changed by their primary key. */
record KeyedOperation(TableInfo table, FlussOptions options, Command command)
        implements SupportsDelta {
    static KeyedOperation of(TableInfo table, FlussOptions options, RowLevelOperationInfo info) {
        return new KeyedOperation(table, options, info.command());
    }

    @Override
    public String description() {
        return command + " by key in fluss " + table.path();
    }

    @Override
    public NamedReference[] rowId() {
        return table.schema().primaryKey().stream()
                .map(Expressions::column)
                .toArray(NamedReference[]::new);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap unused) {
        return new FlussScanBuilder(table, options);
    }

    @Override
    public DeltaWriteBuilder newWriteBuilder(LogicalWriteInfo info) {
        return KeyedWrite.builder(table, options, info, command);
    }
}
