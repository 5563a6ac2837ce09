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
package io.fluss.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.exception.InvalidAlterTableException;
import org.apache.fluss.exception.InvalidConfigException;
import org.apache.fluss.exception.TableNotExistException;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableChange;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Altering tables")
class AlterTest extends Case {

    private static TableChange add(String name, String type) {
        return TableChange.addColumn(
                name, DataTypes.parse(type), "added", TableChange.ColumnPosition.last());
    }

    private void alter(T t, TableChange... changes) throws Exception {
        get(admin.alterTable(t.path, List.of(changes), false));
    }

    private T fresh(T t) {
        return table(t.path);
    }

    @Test
    @DisplayName(
            "an added column is last, has the next id and schema, and the old schema stays readable")
    void addColumn() throws Exception {
        T t = log("a INT, b ROW<x INT, y INT>");
        alter(t, add("c", "STRING"), add("d", "BIGINT"));
        Schema s = t.info().getSchema();
        assertThat(t.info().getSchemaId()).isEqualTo(2);
        assertThat(s.getColumnNames()).containsExactly("a", "b", "c", "d");
        assertThat(s.getColumnIds()).containsExactly(0, 1, 4, 5);
        assertThat(s.getColumn("c").getComment()).contains("added");
        assertThat(get(admin.getTableSchema(t.path, 1)).getSchema().getColumnNames())
                .containsExactly("a", "b");
        assertThat(get(admin.getTableSchema(t.path)).getSchemaId()).isEqualTo(2);
    }

    @ParameterizedTest(
            name = "old rows of a log table read as null in an added column, log format {0}")
    @ValueSource(strings = {"ARROW", "INDEXED"})
    void oldLogRows(String format) throws Exception {
        T t = log("a INT, b STRING", "table.log.format", format);
        t.append(row(1, "old"));
        alter(t, add("c", "INT"));
        T u = fresh(t);
        try (Connection c = connect();
                Table tab = c.getTable(t.path)) {
            AppendWriter w = tab.newAppend().createWriter();
            get(w.append(row(2, "new", 7)));
        }
        assertThat(u.changes()).containsExactly("+A[1, old, null]", "+A[2, new, 7]");
    }

    @ParameterizedTest(
            name =
                    "old rows of a primary key table read as null in an added column by lookup and changelog, row format {0}")
    @ValueSource(strings = {"COMPACTED", "INDEXED"})
    void oldRows(String kv) throws Exception {
        T t = pk("id INT, a STRING", "id", "table.kv.format", kv);
        t.upsert(row(1, "x"), row(2, "y"));
        alter(t, add("n", "INT"));
        T u = fresh(t);
        assertThat(u.lookup(1)).isEqualTo("[1, x, null]");
        u.upsert(row(1, "x2", 5));
        assertThat(u.lookup(1)).isEqualTo("[1, x2, 5]");
        assertThat(u.lookup(2)).isEqualTo("[2, y, null]");
        assertThat(u.changes())
                .containsExactly(
                        "+I[1, x, null]", "+I[2, y, null]", "-U[1, x, null]", "+U[1, x2, 5]");
    }

    @Test
    @DisplayName("a writer opened before a column was added goes on, and its rows have null there")
    void oldWriter() throws Exception {
        T t = pk("id INT, a STRING", "id");
        try (Connection c = connect();
                Table tab = c.getTable(t.path)) {
            UpsertWriter w = tab.newUpsert().createWriter();
            get(MergeTest.flushed(w, w.upsert(row(1, "x"))));
            alter(t, add("n", "INT"));
            fresh(t).upsert(row(1, "y", 5));
            get(MergeTest.flushed(w, w.upsert(row(1, "z"))));
        }
        assertThat(fresh(t).lookup(1)).isEqualTo("[1, z, null]");
    }

    @ParameterizedTest(name = "adding the column {0} {1} {2} is refused")
    @CsvSource({"b,STRING,last", "n,INT NOT NULL,last", "n,INT,first", "n,INT,after"})
    void addRefused(String name, String type, String where) throws Exception {
        T t = log("a INT, b STRING");
        TableChange.ColumnPosition at =
                where.equals("first")
                        ? TableChange.ColumnPosition.first()
                        : where.equals("after")
                                ? TableChange.ColumnPosition.after("a")
                                : TableChange.ColumnPosition.last();
        refused(
                name.equals("b") ? InvalidAlterTableException.class : Exception.class,
                () -> alter(t, TableChange.addColumn(name, DataTypes.parse(type), null, at)));
        assertThat(t.info().getSchemaId()).isEqualTo(1);
    }

    @Test
    @DisplayName("columns cannot be dropped, renamed or changed")
    void otherChanges() throws Exception {
        T t = log("a INT, b STRING");
        refused(Exception.class, () -> alter(t, TableChange.dropColumn("b")));
        refused(Exception.class, () -> alter(t, TableChange.renameColumn("b", "c")));
        refused(
                Exception.class,
                () ->
                        alter(
                                t,
                                TableChange.modifyColumn(
                                        "a",
                                        DataTypes.BIGINT(),
                                        null,
                                        TableChange.ColumnPosition.last())));
        assertThat(t.info().getSchemaId()).isEqualTo(1);
    }

    @Test
    @DisplayName("custom properties are set and reset")
    void customProperties() throws Exception {
        T t =
                create(
                        logOf("a INT")
                                .customProperty("keep", "1")
                                .customProperty("drop", "2")
                                .distributedBy(1));
        alter(
                t,
                TableChange.set("added", "3"),
                TableChange.set("keep", "4"),
                TableChange.reset("drop"));
        assertThat(t.info().getCustomProperties().toMap())
                .isEqualTo(java.util.Map.of("keep", "4", "added", "3"));
        assertThat(t.info().getModifiedTime()).isGreaterThanOrEqualTo(t.info().getCreatedTime());
    }

    @Test
    @DisplayName("an alterable table option is set, used and reset, a bad value is refused")
    void option() throws Exception {
        T t = log("a INT");
        alter(t, TableChange.set("table.log.tiered.local-segments", "5"));
        assertThat(t.info().getProperties().toMap())
                .containsEntry("table.log.tiered.local-segments", "5");
        refused(
                InvalidConfigException.class,
                () -> alter(t, TableChange.set("table.log.tiered.local-segments", "0")));
        alter(t, TableChange.reset("table.log.tiered.local-segments"));
        assertThat(t.info().getProperties().toMap())
                .doesNotContainKey("table.log.tiered.local-segments");
    }

    @ParameterizedTest(name = "the option {0} cannot be altered")
    @ValueSource(
            strings = {
                "table.log.format=INDEXED",
                "table.replication.factor=2",
                "table.kv.format=INDEXED",
                "table.merge-engine=first_row",
                "table.changelog.image=wal"
            })
    void fixedOption(String kv) throws Exception {
        T t = pk("id INT, v INT", "id");
        refused(
                InvalidAlterTableException.class,
                () ->
                        alter(
                                t,
                                TableChange.set(
                                        kv.substring(0, kv.indexOf('=')),
                                        kv.substring(kv.indexOf('=') + 1))));
    }

    @Test
    @DisplayName("options and columns cannot be altered in one call")
    void both() throws Exception {
        T t = log("a INT");
        refused(
                InvalidAlterTableException.class,
                () -> alter(t, TableChange.set("x", "y"), add("b", "INT")));
        assertThat(t.info().getSchemaId()).isEqualTo(1);
        assertThat(t.info().getCustomProperties().toMap()).isEmpty();
    }

    @Test
    @DisplayName("altering an unknown table fails unless the ignore flag is set")
    void unknown() throws Exception {
        refused(
                TableNotExistException.class,
                () ->
                        get(
                                admin.alterTable(
                                        TablePath.of(db, "nope"),
                                        List.of(TableChange.set("a", "b")),
                                        false)));
        get(admin.alterTable(TablePath.of(db, "nope"), List.of(TableChange.set("a", "b")), true));
    }
}
