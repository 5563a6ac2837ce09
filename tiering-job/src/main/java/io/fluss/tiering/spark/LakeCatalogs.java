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
package io.fluss.tiering.spark;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeFormat;
import io.fluss.lake.LakeTable;
import io.fluss.settings.Settings;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LakeFormatName;
import java.util.HashMap;
import java.util.Map;

/** Open lake catalogs of the driver, by format and properties. Thread-safe. */
final class LakeCatalogs implements AutoCloseable {
    /** A cluster has one lake format at a time; more than a few sets of properties is a leak. */
    private static final int OPEN_MAX = 16;

    private record Key(String format, Map<String, String> properties) {}

    private final Settings overrides;
    private final Map<Key, LakeCatalog> open = new HashMap<>();

    LakeCatalogs(Map<String, String> overrides) {
        this.overrides = Settings.of(overrides);
    }

    /** The lake table of a table, as it is now. */
    LakeTable table(TableInfo table) {
        return catalog(key(table)).table(table.path());
    }

    private Key key(TableInfo table) {
        String format =
                table.options()
                        .lakeFormat()
                        .map(LakeFormatName::identifier)
                        .orElseThrow(
                                () ->
                                        ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                                                table.path()
                                                        + " has no table.datalake.format; set"
                                                        + " datalake.format in the cluster and"
                                                        + " re-create the table"));
        overrides
                .text("format")
                .filter(f -> !f.equals(format))
                .ifPresent(
                        f -> {
                            throw ErrorReason.INVALID_CONFIG.exception(
                                    table.path()
                                            + " is in lake format "
                                            + format
                                            + ", this job was started for "
                                            + f);
                        });
        Map<String, String> properties = new HashMap<>(table.options().lakeCatalogProperties());
        properties.putAll(overrides.below(format + ".").asMap());
        return new Key(format, Map.copyOf(properties));
    }

    private synchronized LakeCatalog catalog(Key key) {
        if (open.size() >= OPEN_MAX && !open.containsKey(key)) {
            closeAll();
        }
        return open.computeIfAbsent(key, k -> LakeFormat.load(k.format()).open(k.properties()));
    }

    @Override
    public synchronized void close() {
        closeAll();
    }

    private void closeAll() {
        open.values().forEach(LakeCatalog::close);
        open.clear();
    }
}
