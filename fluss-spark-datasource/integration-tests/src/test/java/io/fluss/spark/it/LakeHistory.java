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
package io.fluss.spark.it;

import io.fluss.table.TablePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.paimon.Snapshot;

/** What became of the snapshots of a lake table, seen through the format's own library. */
final class LakeHistory {
    private final LakeCell cell;
    private final Path warehouse;
    private final Set<Long> seen = new HashSet<>();
    private final Set<Long> compactions = new HashSet<>();
    private Set<Long> existing = Set.of();

    LakeHistory(LakeCell cell, Path warehouse) {
        this.cell = cell;
        this.warehouse = warehouse;
    }

    /** Looks at the table, which must exist. */
    void look() throws Exception {
        Map<Long, Boolean> now =
                cell.lake().format().equals("iceberg") ? iceberg(cell.path()) : paimon(cell.path());
        now.forEach(
                (id, isCompaction) -> {
                    seen.add(id);
                    if (isCompaction) {
                        compactions.add(id);
                    }
                });
        existing = Set.copyOf(now.keySet());
    }

    int snapshots() {
        return seen.size();
    }

    int compactions() {
        return compactions.size();
    }

    int expired() {
        return seen.size() - existing.size();
    }

    private Map<Long, Boolean> iceberg(TablePath path) {
        Map<Long, Boolean> all = new TreeMap<>();
        try (HadoopCatalog catalog = new HadoopCatalog()) {
            catalog.setConf(new Configuration());
            catalog.initialize("history", Map.of("warehouse", warehouse.toUri().toString()));
            catalog.loadTable(TableIdentifier.of(path.database(), path.table()))
                    .snapshots()
                    .forEach(
                            s ->
                                    all.put(
                                            s.snapshotId(),
                                            DataOperations.REPLACE.equals(s.operation())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private Map<Long, Boolean> paimon(TablePath path) throws Exception {
        Map<Long, Boolean> all = new TreeMap<>();
        for (Snapshot s :
                PaimonJobs.load(warehouse, path).snapshotManager().safelyGetAllSnapshots()) {
            all.put(s.id(), s.commitKind() == Snapshot.CommitKind.COMPACT);
        }
        return all;
    }
}
