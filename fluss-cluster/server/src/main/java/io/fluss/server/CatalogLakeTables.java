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
package io.fluss.server;

import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.coordinator.LakeTables;
import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeFormat;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lake tables through the catalog of the configured format, which is opened at first use.
 * Thread-safe.
 */
final class CatalogLakeTables implements LakeTables, AutoCloseable {
    private volatile CoordinatorSettings settings;
    // Guarded by this.
    private @Nullable LakeCatalog catalog;
    // Catalogs of former options stay open: a call may be running on them.
    private final Deque<LakeCatalog> opened = new ArrayDeque<>();
    private Map<String, String> openedWith = Map.of();

    CatalogLakeTables(CoordinatorSettings settings) {
        this.settings = settings;
    }

    /** Options were changed at run time: what follows uses a catalog of the new ones. */
    void settings(CoordinatorSettings changed) {
        settings = changed;
    }

    @Override
    public void create(TablePath path, TableDescriptor descriptor, boolean creatingFlussTable) {
        catalog().createTable(path, descriptor, creatingFlussTable);
    }

    @Override
    public void alterOptions(TablePath path, Map<String, Optional<String>> changes) {
        catalog().alterOptions(path, changes);
    }

    @Override
    public void addColumns(TablePath path, TableDescriptor current, TableDescriptor target) {
        catalog().addColumns(path, current, target);
    }

    private synchronized LakeCatalog catalog() {
        CoordinatorSettings now = settings;
        String format =
                now.lakeFormat()
                        .orElseThrow(
                                () ->
                                        ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                                                "the cluster has no lake; set datalake.format"))
                        .identifier();
        Map<String, String> wanted = new HashMap<>(now.all().below("datalake.").asMap());
        wanted.put("format", format);
        LakeCatalog open = catalog;
        if (open == null || !wanted.equals(openedWith)) {
            open =
                    LakeFormat.load(format)
                            .open(now.all().below("datalake." + format + ".").asMap());
            opened.push(open);
            catalog = open;
            openedWith = wanted;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        catalog = null;
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
