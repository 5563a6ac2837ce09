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
import io.fluss.errors.FlussException;
import io.fluss.spark.lake.LakeParts;
import io.fluss.spark.lake.LakeScanProvider.Request;
import io.fluss.table.TablePath;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
import org.apache.paimon.table.source.DataSplit;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.paimon.table.source.Split;
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
        FileStoreTable pinned = pinned(request, Map.of());
        RowType read = columns(pinned, request);
        List<Predicate> hints = PushedFilters.of(pinned.rowType(), request.filters());
        ReadBuilder builder = pinned.newReadBuilder().withReadType(read);
        if (!hints.isEmpty()) {
            builder = builder.withFilter(hints);
        }
        return new PaimonScan(request.path(), request.snapshotId(), builder, read);
    }

    /** Without filters; empty if the splits of the table cannot be told apart. */
    static Optional<LakeParts> parts(Request request) {
        // Whatever the table's own options are: they may change, the parts may not.
        FileStoreTable pinned =
                pinned(
                        request,
                        Map.of(
                                CoreOptions.SOURCE_SPLIT_TARGET_SIZE.key(),
                                "1 b",
                                CoreOptions.SOURCE_SPLIT_OPEN_FILE_COST.key(),
                                "1 b"));
        RowType read = columns(pinned, request);
        return PaimonParts.of(
                request.path(),
                request.snapshotId(),
                pinned.newReadBuilder().withReadType(read),
                read);
    }

    /** By the counts of files, where rows need not be merged. */
    static OptionalLong rowCount(Request request) {
        FileStoreTable pinned = pinned(request, Map.of());
        boolean isKeyed = !pinned.primaryKeys().isEmpty();
        long rows = 0;
        for (Split s : pinned.newReadBuilder().dropStats().newScan().plan().splits()) {
            // Old files do not tell whether they hold deletes, and count as if they had none.
            boolean isKnown =
                    !isKeyed
                            || (s instanceof DataSplit d
                                    && d.dataFiles().stream()
                                            .allMatch(f -> f.deleteRowCount().isPresent()));
            OptionalLong merged = s.mergedRowCount();
            if (!isKnown || merged.isEmpty()) {
                return OptionalLong.empty();
            }
            rows += merged.getAsLong();
        }
        return OptionalLong.of(rows);
    }

    /** By a tag, which Paimon removes when it is too old. */
    static void hold(Request request, String name, Duration atMost) {
        FileStoreTable table = load(request.path(), request.catalogProperties());
        if (table.tagManager().tagExists(name)) {
            table.replaceTag(name, request.snapshotId(), atMost);
        } else {
            table.createTag(name, request.snapshotId(), atMost);
        }
    }

    static void release(Request request, String name) {
        FileStoreTable table = load(request.path(), request.catalogProperties());
        if (table.tagManager().tagExists(name)) {
            table.deleteTag(name);
        }
    }

    private static RowType columns(FileStoreTable pinned, Request request) {
        RowType all = pinned.rowType();
        Set<String> wanted = new HashSet<>(request.columns());
        return all.project(all.getFieldNames().stream().filter(wanted::contains).toList());
    }

    /** The table as of the snapshot, which may be expired if a tag holds it. */
    private static FileStoreTable pinned(Request request, Map<String, String> options) {
        FileStoreTable table = load(request.path(), request.catalogProperties());
        Map<String, String> all = new HashMap<>(options);
        // Fewer rows are never an answer, whatever the options of the table say.
        all.put(CoreOptions.SCAN_IGNORE_LOST_FILE.key(), "false");
        all.put(CoreOptions.SCAN_IGNORE_CORRUPT_FILE.key(), "false");
        if (table.snapshotManager().snapshotExists(request.snapshotId())) {
            all.put(CoreOptions.SCAN_SNAPSHOT_ID.key(), Long.toString(request.snapshotId()));
        } else {
            all.put(
                    CoreOptions.SCAN_TAG_NAME.key(),
                    tag(table, request.snapshotId()).orElseThrow(() -> gone(request)));
        }
        return table.copy(all);
    }

    private static Optional<String> tag(FileStoreTable table, long snapshotId) {
        return table.tagManager().tags().entrySet().stream()
                .filter(e -> e.getKey().id() == snapshotId)
                .map(e -> e.getValue().get(0))
                .findFirst();
    }

    private static FlussException gone(Request request) {
        return ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                "snapshot "
                        + request.snapshotId()
                        + " of Paimon table "
                        + request.path()
                        + " does not exist any more: it was expired while it was needed. Set"
                        + " lake.tiering.expire.reader-window of the tiering job longer than any"
                        + " query, and expire no snapshot that the cluster refers to");
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
