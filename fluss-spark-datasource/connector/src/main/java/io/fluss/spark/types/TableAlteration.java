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
package io.fluss.spark.types;

import io.fluss.client.TableChange;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange.AddColumn;
import org.apache.spark.sql.connector.catalog.TableChange.RemoveProperty;
import org.apache.spark.sql.connector.catalog.TableChange.SetProperty;

/** Spark's ALTER TABLE as changes of a table. Pure functions. */
public final class TableAlteration {
    /** What is settled when a table is created. */
    private static final Set<String> FIXED =
            Set.of(
                    TableDeclaration.BUCKET_COUNT,
                    TableDeclaration.BUCKET_KEY,
                    TableDeclaration.PRIMARY_KEY,
                    TableCatalog.PROP_COMMENT,
                    TableCatalog.PROP_LOCATION,
                    TableCatalog.PROP_OWNER,
                    TableCatalog.PROP_PROVIDER);

    private TableAlteration() {}

    /**
     * The changes of an ALTER TABLE.
     *
     * @param table for errors
     * @throws FlussException with INVALID_ALTER_TABLE naming the change that tables do not take
     */
    public static List<TableChange> of(
            String table, org.apache.spark.sql.connector.catalog.TableChange... changes) {
        List<TableChange> out = new ArrayList<>();
        for (var change : changes) {
            if (change instanceof SetProperty s) {
                out.add(new TableChange.SetOption(alterable(table, s.property()), s.value()));
            } else if (change instanceof RemoveProperty r) {
                out.add(new TableChange.ResetOption(alterable(table, r.property())));
            } else if (change instanceof AddColumn a) {
                out.add(new TableChange.AddColumn(column(table, a)));
            } else {
                throw refused(
                        table,
                        "change "
                                + change.getClass().getSimpleName()
                                + " is not supported; properties can be set and unset, and nullable"
                                + " columns can be added at the end");
            }
        }
        return List.copyOf(out);
    }

    private static String alterable(String table, String property) {
        if (FIXED.contains(property)) {
            throw refused(table, "property '" + property + "' cannot be changed after creation");
        }
        return property;
    }

    private static Column column(String table, AddColumn a) {
        String name = String.join(".", a.fieldNames());
        if (a.fieldNames().length != 1) {
            throw refused(
                    table,
                    "field '" + name + "' cannot be added to a column that is there already");
        }
        if (a.position() != null) {
            throw refused(
                    table,
                    "column '" + name + "' can only be added at the end, without FIRST or AFTER");
        }
        if (a.defaultValue() != null) {
            throw refused(table, "column '" + name + "' cannot have a DEFAULT");
        }
        if (!a.isNullable()) {
            throw refused(
                    table,
                    "column '"
                            + name
                            + "' cannot be NOT NULL: it is null in the rows that are there"
                            + " already");
        }
        Column column = Column.of(name, ColumnTypes.of(a.dataType(), true, name));
        return a.comment() == null ? column : column.withComment(a.comment());
    }

    private static FlussException refused(String table, String message) {
        return ErrorReason.INVALID_ALTER_TABLE.exception("ALTER TABLE " + table + ": " + message);
    }
}
