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
package io.fluss.lake.iceberg;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;

/** The same over a catalog in a database. */
class JdbcIcebergContractTest extends IcebergContractTest {
    @Override
    protected Map<String, String> catalogProperties() {
        return Map.of(
                "type",
                "jdbc",
                "uri",
                "jdbc:sqlite:" + dir.resolve("catalog.db"),
                "jdbc.schema-version",
                "V1",
                "warehouse",
                dir.toUri().toString());
    }

    @Override
    protected Catalog stock() {
        // The name is part of the key of a table in a JDBC catalog.
        return CatalogUtil.buildIcebergCatalog(
                "fluss-iceberg-catalog", catalogProperties(), new Configuration());
    }
}
