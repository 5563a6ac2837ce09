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
import org.jspecify.annotations.Nullable;

/**
 * Lake tables through the catalog of the configured format, which is opened at first use.
 * Thread-safe.
 */
final class CatalogLakeTables implements LakeTables, AutoCloseable {
    private final CoordinatorSettings settings;
    // Guarded by this.
    private @Nullable LakeCatalog catalog;

    CatalogLakeTables(CoordinatorSettings settings) {
        this.settings = settings;
    }

    @Override
    public void create(TablePath path, TableDescriptor descriptor, boolean creatingFlussTable) {
        catalog().createTable(path, descriptor, creatingFlussTable);
    }

    private synchronized LakeCatalog catalog() {
        LakeCatalog open = catalog;
        if (open == null) {
            String format =
                    settings.lakeFormat()
                            .orElseThrow(
                                    () ->
                                            ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                                                    "the cluster has no lake; set datalake.format"))
                            .identifier();
            open =
                    LakeFormat.load(format)
                            .open(settings.all().below("datalake." + format + ".").asMap());
            catalog = open;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        if (catalog != null) {
            catalog.close();
            catalog = null;
        }
    }
}
