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
package io.fluss.spark.iceberg;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.spark.sql.SparkSession;

/**
 * The open Iceberg catalogs of this driver. They stay open, because the files of a table that is
 * being read may be reached through its catalog's connections. Thread-safe; holds the {@link
 * #CATALOGS_MAX} used last.
 */
final class IcebergCatalogs {
    private static final int CATALOGS_MAX = 16;
    private static final float LOAD_FACTOR = 0.75f;
    private static final String NAME_PROPERTY = "name";
    private static final String DEFAULT_NAME = "fluss-iceberg-catalog";
    private static final String HADOOP_PREFIX = "iceberg.hadoop.";

    private static final Map<Map<String, String>, Catalog> OPEN =
            new LinkedHashMap<>(CATALOGS_MAX, LOAD_FACTOR, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Catalog> e) {
                    return size() > CATALOGS_MAX;
                }
            };

    private IcebergCatalogs() {}

    /**
     * @param properties of the catalog; {@code iceberg.hadoop.*} goes to the Hadoop configuration
     */
    static Catalog of(Map<String, String> properties) {
        synchronized (OPEN) {
            Catalog c = OPEN.get(properties);
            if (c == null) {
                c = open(properties);
                OPEN.put(Map.copyOf(properties), c);
            }
            return c;
        }
    }

    private static Catalog open(Map<String, String> properties) {
        Configuration hadoop = SparkSession.active().sessionState().newHadoopConf();
        Map<String, String> own = new HashMap<>();
        properties.forEach(
                (k, v) -> {
                    if (k.startsWith(HADOOP_PREFIX)) {
                        hadoop.set(k.substring(HADOOP_PREFIX.length()), v);
                    } else {
                        own.put(k, v);
                    }
                });
        // Tables must be loaded as they are now: the cluster may name a snapshot made just now.
        own.put(CatalogProperties.CACHE_ENABLED, "false");
        return CatalogUtil.buildIcebergCatalog(
                own.getOrDefault(NAME_PROPERTY, DEFAULT_NAME), own, hadoop);
    }
}
