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

import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.types.SparkTypes;
import io.fluss.spark.types.TableDeclaration;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.SessionConfigSupport;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * {@code format("fluss")} with the options {@code bootstrap.servers} and {@code table} ({@code
 * database.table}); options can also be set for the session as {@code spark.datasource.fluss.*}.
 * All options: {@link FlussOptions}.
 */
public final class FlussSource implements SessionConfigSupport, DataSourceRegister {
    @Override
    public String shortName() {
        return "fluss";
    }

    @Override
    public String keyPrefix() {
        return "fluss";
    }

    @Override
    public StructType inferSchema(CaseInsensitiveStringMap options) {
        return SparkTypes.of(load(options).schema());
    }

    @Override
    public Transform[] inferPartitioning(CaseInsensitiveStringMap options) {
        return TableDeclaration.partitioning(load(options));
    }

    @Override
    public Table getTable(
            StructType schema, Transform[] partitioning, Map<String, String> properties) {
        CaseInsensitiveStringMap options = new CaseInsensitiveStringMap(properties);
        return FlussTable.of(load(options), options);
    }

    private static TableInfo load(CaseInsensitiveStringMap options) {
        FlussOptions parsed = FlussOptions.parse(options);
        TablePath path = FlussOptions.table(options);
        try (SharedConnections.Lease lease = SharedConnections.lease(parsed.clientSettings())) {
            return Await.value(lease.admin().tableInfo(path));
        }
    }
}
