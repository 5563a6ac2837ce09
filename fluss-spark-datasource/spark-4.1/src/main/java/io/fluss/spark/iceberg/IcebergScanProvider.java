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

import io.fluss.errors.ErrorReason;
import io.fluss.spark.lake.LakeParts;
import io.fluss.spark.lake.LakeScanProvider;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.spark.TimeTravel;
import org.apache.iceberg.spark.source.SparkTable;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Scans Iceberg tables with Iceberg's Spark reader at a pinned snapshot. Stateless. */
public final class IcebergScanProvider implements LakeScanProvider {
    private static final int CAUSES_MAX = 10;

    @Override
    public String format() {
        return "iceberg";
    }

    @Override
    public Scan scan(Request request) {
        try {
            return pinned(request);
        } catch (UnsupportedOperationException e) {
            // A type that Spark has and Iceberg has, but not Iceberg's reader for Spark: TIME.
            throw ErrorReason.INVALID_TABLE.exception(
                    request.path()
                            + ": the lake part cannot be read in Spark: "
                            + e.getMessage()
                            + ". Option read.mode = hot reads the log only",
                    e);
        }
    }

    @Override
    public LakeParts parts(Request request) {
        return IcebergParts.of(load(request), request);
    }

    @Override
    public OptionalLong rowCount(Request request) {
        return IcebergFileStatistics.rowCount(load(request), request.snapshotId());
    }

    @Override
    public Map<String, Bounds> bounds(Request request) {
        return IcebergFileStatistics.bounds(load(request), request.snapshotId(), request.columns());
    }

    /** By a tag, which Iceberg's own expiry removes when it is too old. */
    @Override
    public boolean hold(Request request, String name, Duration atMost) {
        Table table = load(request);
        // Iceberg counts the age of a tag from its snapshot.
        long age =
                SystemClock.INSTANCE.nowMs()
                        - table.snapshot(request.snapshotId()).timestampMillis();
        ManageSnapshots tags = table.manageSnapshots();
        tags =
                table.refs().containsKey(name)
                        ? tags.replaceTag(name, request.snapshotId())
                        : tags.createTag(name, request.snapshotId());
        tags.setMaxRefAgeMs(name, Math.max(0, age) + atMost.toMillis()).commit();
        return true;
    }

    @Override
    public void release(Request request, String name) {
        Table table = IcebergCatalogs.of(request.catalogProperties()).loadTable(name(request));
        if (table.refs().containsKey(name)) {
            table.manageSnapshots().removeTag(name).commit();
        }
    }

    private static TableIdentifier name(Request request) {
        return TableIdentifier.of(request.path().database(), request.path().table());
    }

    private static Scan pinned(Request request) {
        SparkTable table =
                SparkTable.create(
                        load(request), TimeTravel.version(Long.toString(request.snapshotId())));
        ScanBuilder builder = table.newScanBuilder(CaseInsensitiveStringMap.empty());
        if (builder instanceof SupportsPushDownV2Filters f) {
            f.pushPredicates(request.filters().toArray(Predicate[]::new));
        }
        ((SupportsPushDownRequiredColumns) builder)
                .pruneColumns(
                        pruned(CatalogV2Util.v2ColumnsToStructType(table.columns()), request));
        return builder.build();
    }

    private static Table load(Request request) {
        TableIdentifier name = name(request);
        Map<String, String> properties = request.catalogProperties();
        Table table;
        try {
            table = IcebergCatalogs.of(properties).loadTable(name);
        } catch (NoSuchTableException e) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    "Iceberg table " + name + " does not exist in the catalog " + shown(properties),
                    e);
        } catch (RuntimeException e) {
            throw ErrorReason.STORAGE.exception(
                    "the catalog "
                            + shown(properties)
                            + " does not give the Iceberg table "
                            + name
                            + ": "
                            + said(e)
                            + ". If it asks for credentials, set them as datalake.iceberg.* of the"
                            + " read or of spark.sql.catalog.<name>",
                    e);
        }
        if (table.snapshot(request.snapshotId()) == null) {
            throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                    "snapshot "
                            + request.snapshotId()
                            + " of Iceberg table "
                            + name
                            + " does not exist any more: it was expired while it was needed. Set"
                            + " lake.tiering.expire.reader-window of the tiering job longer than"
                            + " any query, and expire no snapshot that the cluster refers to");
        }
        return table;
    }

    /** The catalog in an error, without what could be secret. */
    private static String shown(Map<String, String> properties) {
        return "(type "
                + properties.getOrDefault("type", properties.getOrDefault("catalog-impl", "hive"))
                + address(properties.getOrDefault("uri", ""))
                + ", warehouse "
                + properties.getOrDefault("warehouse", "not set")
                + ")";
    }

    /** Those of databases may contain a password. */
    private static String address(String uri) {
        return uri.startsWith("http") && !uri.contains("@") ? " at " + uri : "";
    }

    /** Of a broken connection Iceberg itself says only that there was a request. */
    private static String said(RuntimeException e) {
        Throwable root = e;
        for (int i = 0; root.getCause() != null && i < CAUSES_MAX; i++) {
            root = root.getCause();
        }
        return root == e ? String.valueOf(e.getMessage()) : e.getMessage() + ": " + root;
    }

    static StructType pruned(StructType snapshot, Request request) {
        Set<String> wanted = new HashSet<>(request.columns());
        StructType out = new StructType();
        for (StructField f : snapshot.fields()) {
            out = wanted.contains(f.name()) ? out.add(f) : out;
        }
        return out;
    }
}
