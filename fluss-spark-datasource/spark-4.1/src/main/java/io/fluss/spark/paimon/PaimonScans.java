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
package io.fluss.spark.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.lake.LakeScanProvider.Request;
import io.fluss.table.TablePath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.options.CatalogOptions;
import org.apache.paimon.options.Options;
import org.apache.paimon.predicate.Predicate;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.Scan;

/** Makes scans; holds the catalogs of this driver, the {@link #CATALOGS_MAX} used last. */
final class PaimonScans {
    private static final int CATALOGS_MAX = 16;
    private static final float LOAD_FACTOR = 0.75f;

    private static final Map<Map<String, String>, Catalog> OPEN =
            new LinkedHashMap<>(CATALOGS_MAX, LOAD_FACTOR, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Catalog> e) {
                    return size() > CATALOGS_MAX;
                }
            };

    private PaimonScans() {}

    static Scan scan(Request request) {
        FileStoreTable table = load(request.path(), request.catalogProperties());
        if (!table.snapshotManager().snapshotExists(request.snapshotId())) {
            throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                    "snapshot "
                            + request.snapshotId()
                            + " of Paimon table "
                            + request.path()
                            + " does not exist any more: it was expired, although the cluster still"
                            + " refers to it");
        }
        FileStoreTable pinned =
                table.copy(
                        Map.of(
                                CoreOptions.SCAN_SNAPSHOT_ID.key(),
                                Long.toString(request.snapshotId())));
        RowType all = pinned.rowType();
        Set<String> wanted = new HashSet<>(request.columns());
        RowType read = all.project(all.getFieldNames().stream().filter(wanted::contains).toList());
        List<Predicate> hints = PushedFilters.of(all, request.filters());
        ReadBuilder builder = pinned.newReadBuilder().withReadType(read);
        if (!hints.isEmpty()) {
            builder = builder.withFilter(hints);
        }
        return new PaimonScan(request.path(), request.snapshotId(), builder, read);
    }

    private static FileStoreTable load(TablePath path, Map<String, String> properties) {
        try {
            return (FileStoreTable)
                    catalog(properties).getTable(Identifier.create(path.database(), path.table()));
        } catch (Catalog.TableNotExistException e) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    "Paimon table "
                            + path
                            + " does not exist in the catalog (metastore "
                            + properties.getOrDefault("metastore", "filesystem")
                            + ", warehouse "
                            + properties.getOrDefault("warehouse", "not set")
                            + ")",
                    e);
        }
    }

    private static Catalog catalog(Map<String, String> properties) {
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
        Map<String, String> own = new HashMap<>(properties);
        // Tables must be loaded as they are now: the cluster may name a snapshot made just now.
        own.put(CatalogOptions.CACHE_ENABLED.key(), "false");
        return CatalogFactory.createCatalog(
                CatalogContext.create(
                        Options.fromMap(own), SparkSession.active().sessionState().newHadoopConf()),
                PaimonScans.class.getClassLoader());
    }
}
