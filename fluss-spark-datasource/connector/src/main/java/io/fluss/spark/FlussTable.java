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
import io.fluss.spark.read.RowMetadata;
import io.fluss.spark.types.SparkTypes;
import io.fluss.spark.types.TableDeclaration;
import io.fluss.spark.write.FlussWrite;
import io.fluss.table.TableInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.catalog.SupportsMetadataColumns;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.RowLevelOperationInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A table as Spark sees it. Immutable. */
class FlussTable implements SupportsRead, SupportsWrite, SupportsMetadataColumns {
    private static final Set<TableCapability> CAPABILITIES =
            Set.of(
                    TableCapability.BATCH_READ,
                    TableCapability.MICRO_BATCH_READ,
                    TableCapability.BATCH_WRITE,
                    TableCapability.STREAMING_WRITE);

    private final TableInfo table;
    private final CaseInsensitiveStringMap ownOptions;

    /**
     * @param ownOptions of the catalog or the reader; those of a single scan or write override them
     */
    FlussTable(TableInfo table, CaseInsensitiveStringMap ownOptions) {
        this.table = table;
        this.ownOptions = ownOptions;
    }

    /** The table as Spark can use it: with the commands that partitions and keys allow. */
    static FlussTable of(TableInfo table, CaseInsensitiveStringMap ownOptions) {
        if (table.hasPrimaryKey()) {
            return table.isPartitioned()
                    ? new KeyedFlussTable.Partitioned(table, ownOptions)
                    : new KeyedFlussTable(table, ownOptions);
        }
        return table.isPartitioned()
                ? new PartitionedFlussTable(table, ownOptions)
                : new FlussTable(table, ownOptions);
    }

    @Override
    public String name() {
        return table.path().toString();
    }

    @Override
    public Column[] columns() {
        return CatalogV2Util.structTypeToV2Columns(SparkTypes.of(table.schema()));
    }

    @Override
    public MetadataColumn[] metadataColumns() {
        return RowMetadata.of(table.schema()).stream()
                .map(RowMetadata::declared)
                .toArray(MetadataColumn[]::new);
    }

    @Override
    public Transform[] partitioning() {
        return TableDeclaration.partitioning(table);
    }

    @Override
    public Map<String, String> properties() {
        return TableDeclaration.properties(table);
    }

    @Override
    public Constraint[] constraints() {
        return TableDeclaration.constraints(table);
    }

    @Override
    public Set<TableCapability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
        return new FlussScanBuilder(table, FlussOptions.parse(merged(options)));
    }

    @Override
    public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
        return FlussWrite.builder(table, FlussOptions.parse(merged(info.options())), info);
    }

    /** UPDATE, DELETE or MERGE of a table with a primary key. */
    final KeyedOperation operation(RowLevelOperationInfo info) {
        return KeyedOperation.of(table, FlussOptions.parse(merged(info.options())), info);
    }

    private CaseInsensitiveStringMap merged(CaseInsensitiveStringMap options) {
        Map<String, String> all = new HashMap<>(ownOptions.asCaseSensitiveMap());
        all.keySet().removeIf(options::containsKey);
        all.putAll(options.asCaseSensitiveMap());
        return new CaseInsensitiveStringMap(all);
    }
}
