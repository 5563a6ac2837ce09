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
package io.fluss.coordinator;

import io.fluss.coordinator.rules.DescriptorRules;
import io.fluss.errors.ErrorReason;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a changed table looks like (table semantics document, sections 3.4 and 14). Pure. */
final class Alterations {
    private Alterations() {}

    /** Options set (value present) or reset (empty). */
    static TableDescriptor withOptions(
            TableInfo table, Map<String, Optional<String>> changes, CoordinatorSettings settings) {
        List<String> fixed =
                changes.keySet().stream().filter(k -> !DescriptorRules.isAlterable(k)).toList();
        if (!fixed.isEmpty()) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "options " + fixed + " of '" + table.path() + "' cannot be changed");
        }
        TableDescriptor d = table.descriptor();
        Map<String, String> properties = new LinkedHashMap<>(d.properties());
        Map<String, String> custom = new LinkedHashMap<>(d.customProperties());
        changes.forEach(
                (k, v) -> {
                    Map<String, String> target = k.startsWith("table.") ? properties : custom;
                    v.ifPresentOrElse(value -> target.put(k, value), () -> target.remove(k));
                });
        TableDescriptor next =
                new TableDescriptor(
                        d.schema(),
                        d.comment(),
                        d.partitionKeys(),
                        d.bucketKeys(),
                        d.bucketCount(),
                        properties,
                        custom);
        return withLake(table, next, changes.keySet(), settings);
    }

    /** Properties set (value present) or reset (empty), and the comment. */
    static DatabaseDescriptor withProperties(
            DatabaseDescriptor d, Coordinator.DatabaseChange change) {
        Map<String, String> properties = new LinkedHashMap<>(d.customProperties());
        change.properties()
                .forEach(
                        (k, v) ->
                                v.ifPresentOrElse(
                                        value -> properties.put(k, value),
                                        () -> properties.remove(k)));
        Optional<String> comment = change.comment().or(d::comment).filter(c -> !c.isEmpty());
        return new DatabaseDescriptor(comment, properties);
    }

    /**
     * The lake format decides how keys are hashed, for ever: a table without one may get one only
     * if no key was hashed yet.
     */
    private static TableDescriptor withLake(
            TableInfo table,
            TableDescriptor next,
            Set<String> changed,
            CoordinatorSettings settings) {
        List<String> lakeChanges =
                changed.stream().filter(k -> k.startsWith("table.datalake.")).sorted().toList();
        boolean isEnabled = next.options().isLakeEnabled();
        if (isEnabled && !settings.isLakeEnabled()) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "the cluster has no lake; '" + TableOptions.DATALAKE_ENABLED + "' stays off");
        }
        if (lakeChanges.isEmpty() || next.options().lakeFormat().isPresent()) {
            return next;
        }
        boolean isOnlySwitch = lakeChanges.equals(List.of(TableOptions.DATALAKE_ENABLED));
        if (!isOnlySwitch || next.hasPrimaryKey() || !next.bucketKeys().isEmpty()) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "'"
                            + table.path()
                            + "' was created in a cluster without lake format, so "
                            + lakeChanges
                            + " cannot be changed; only a table without primary key and bucket key"
                            + " can be switched on, with nothing but '"
                            + TableOptions.DATALAKE_ENABLED
                            + "'");
        }
        return isEnabled
                ? next.withProperty(
                        TableOptions.DATALAKE_FORMAT,
                        settings.lakeFormat().orElseThrow().identifier())
                : next;
    }

    /** Columns added at the end. */
    static TableDescriptor withColumns(TableInfo table, List<Column> added) {
        for (Column c : added) {
            DescriptorRules.checkColumnName(c.name());
            if (table.schema().positionOf(c.name()).isPresent()) {
                throw ErrorReason.INVALID_ALTER_TABLE.exception(
                        "column '" + c.name() + "' of '" + table.path() + "' exists already");
            }
            if (!c.type().isNullable()) {
                throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                        "column '" + c.name() + "' must be nullable to be added");
            }
        }
        TableDescriptor d = table.descriptor();
        return new TableDescriptor(
                d.schema().plus(added),
                d.comment(),
                d.partitionKeys(),
                d.bucketKeys(),
                d.bucketCount(),
                d.properties(),
                d.customProperties());
    }
}
