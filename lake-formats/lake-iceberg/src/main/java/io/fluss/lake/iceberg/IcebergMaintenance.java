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

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeMaintenance;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TablePath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Expiry and orphans of one Iceberg table. Files are told by their names: those of rounds are
 * unique, whatever form a location has ({@link DataFileLocations}); files of others are not
 * touched.
 */
final class IcebergMaintenance implements LakeMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(IcebergMaintenance.class);

    /** Of one call; the next one takes the rest. */
    private static final int EXPIRED_MAX = 1_000;

    private static final int ORPHANS_MAX = 10_000;

    private static final Pattern ROUND_FILE =
            Pattern.compile(
                    "\\d{5,}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-\\d+-\\d+-\\d{5,}"
                            + "\\.[a-z.]+");

    private final IcebergLakeCatalog catalog;
    private final TablePath path;
    private final UUID tableUuid;

    IcebergMaintenance(IcebergLakeCatalog catalog, TablePath path, UUID tableUuid) {
        this.catalog = catalog;
        this.path = path;
        this.tableUuid = tableUuid;
    }

    @Override
    public int expireSnapshots(Expiry expiry) {
        Table table = load();
        if (!isCleaningAllowed(table)) {
            return 0;
        }
        List<Long> ids = expirable(table, expiry);
        if (ids.isEmpty()) {
            return 0;
        }
        // With the time 0 the ids are all that is expired, whatever the table's own limits say.
        ExpireSnapshots expire = table.expireSnapshots().expireOlderThan(0);
        ids.forEach(expire::expireSnapshotId);
        try {
            expire.commit();
        } catch (CommitFailedException e) {
            LOG.info("{}: others were faster, snapshots are expired after the next round", path, e);
            return 0;
        }
        return ids.size();
    }

    private static List<Long> expirable(Table table, Expiry expiry) {
        Set<Long> missing = new HashSet<>(expiry.keep());
        Set<Long> held = new HashSet<>();
        table.refs()
                .forEach(
                        (name, ref) -> {
                            held.add(ref.snapshotId());
                            if (ref.isBranch() && !"main".equals(name)) {
                                SnapshotUtil.ancestorsOf(ref.snapshotId(), table::snapshot)
                                        .forEach(s -> held.add(s.snapshotId()));
                            }
                        });
        List<Long> out = new java.util.ArrayList<>();
        boolean isBehindKept = false;
        int newer = 0;
        // When a reader could get the snapshot from the cluster for the last time.
        long replacedMs = Long.MAX_VALUE;
        Set<Long> seen = new HashSet<>();
        long firstSeen = Long.MAX_VALUE;
        for (Snapshot s : SnapshotUtil.currentAncestors(table)) {
            long id = s.snapshotId();
            seen.add(id);
            firstSeen = s.sequenceNumber();
            boolean isKept = expiry.keep().contains(id);
            missing.remove(id);
            if (isBehindKept
                    && !isKept
                    && !held.contains(id)
                    && newer >= expiry.retainLast()
                    && replacedMs < expiry.replacedBeforeMs()
                    && out.size() < EXPIRED_MAX) {
                out.add(id);
            }
            isBehindKept |= isKept;
            newer++;
            if (isTieringCommit(s)) {
                replacedMs = s.timestampMillis();
            }
        }
        if (!missing.isEmpty()) {
            return List.of();
        }
        // What was held while snapshots around it went is no ancestor any more.
        for (Snapshot s : table.snapshots()) {
            if (s.sequenceNumber() < firstSeen
                    && isTieringCommit(s)
                    && !seen.contains(s.snapshotId())
                    && !held.contains(s.snapshotId())
                    && !expiry.keep().contains(s.snapshotId())
                    && out.size() < EXPIRED_MAX) {
                out.add(s.snapshotId());
            }
        }
        return out;
    }

    @Override
    public List<Rewrite> planCompaction(Compaction compaction) {
        return new IcebergCompaction(path, load()).plan(compaction);
    }

    @Override
    public OptionalLong commitCompaction(List<LakeWriter.Result> rewritten) {
        return new IcebergCompaction(path, load()).commit(rewritten);
    }

    @Override
    public void abortCompaction(List<LakeWriter.Result> rewritten) {
        new IcebergCompaction(path, load()).abort(rewritten);
    }

    private static boolean isTieringCommit(Snapshot s) {
        return s.summary() != null
                && LakeCommitter.COMMIT_USER.equals(
                        s.summary().get(LakeCommitter.COMMIT_USER_PROPERTY));
    }

    @Override
    public int removeOrphans(long committedSnapshotId, long olderThanMs) {
        Table table = load();
        Snapshot committed = table.snapshot(committedSnapshotId);
        if (committed == null
                || !isCleaningAllowed(table)
                || !(table.io() instanceof SupportsPrefixOperations)) {
            return 0;
        }
        long before = Math.min(olderThanMs, committed.timestampMillis());
        Set<String> referenced = referenced(table);
        int removed =
                sweep(
                        table,
                        dataDirectory(table),
                        before,
                        name -> ROUND_FILE.matcher(name).matches() && !referenced.contains(name));
        return removed
                + sweep(
                        table,
                        KeyFiles.directory(table),
                        before,
                        name -> {
                            String dataFile = KeyFiles.dataFileName(name);
                            return dataFile != null && !referenced.contains(dataFile);
                        });
    }

    private static int sweep(
            Table table, String directory, long before, Predicate<String> isOrphan) {
        int removed = 0;
        try {
            for (FileInfo file : ((SupportsPrefixOperations) table.io()).listPrefix(directory)) {
                if (file.createdAtMillis() < before && isOrphan.test(name(file.location()))) {
                    IcebergLakeCommitter.delete(table.io(), file.location());
                    if (++removed == ORPHANS_MAX) {
                        break;
                    }
                }
            }
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof FileNotFoundException)) {
                throw e;
            }
            // No such directory, so there is nothing in it.
        }
        return removed;
    }

    private Set<String> referenced(Table table) {
        Set<String> names = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (Snapshot s : table.snapshots()) {
            for (ManifestFile m : s.allManifests(table.io())) {
                if (!seen.add(m.path())) {
                    continue;
                }
                try (ManifestReader<? extends ContentFile<?>> files = read(m, table)) {
                    files.forEach(f -> names.add(name(f.location())));
                } catch (IOException e) {
                    throw ErrorReason.STORAGE.exception(
                            path + ": reading manifest " + m.path() + ": " + e.getMessage(), e);
                }
            }
        }
        return names;
    }

    private static ManifestReader<? extends ContentFile<?>> read(ManifestFile m, Table table) {
        List<String> columns = List.of(DataFile.FILE_PATH.name());
        return m.content() == ManifestContent.DATA
                ? ManifestFiles.read(m, table.io(), table.specs()).select(columns)
                : ManifestFiles.readDeleteManifest(m, table.io(), table.specs()).select(columns);
    }

    private static String dataDirectory(Table table) {
        @Nullable String own = table.properties().get(TableProperties.WRITE_DATA_LOCATION);
        return own == null ? table.location() + "/data" : own;
    }

    private static String name(String location) {
        return location.substring(location.lastIndexOf('/') + 1);
    }

    private static boolean isCleaningAllowed(Table table) {
        return PropertyUtil.propertyAsBoolean(
                table.properties(), TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT);
    }

    private Table load() {
        Table table = catalog.load(path);
        if (!tableUuid.equals(table.uuid())) {
            throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                    "Iceberg table " + path + " was dropped and created again");
        }
        return table;
    }
}
