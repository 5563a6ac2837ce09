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
package io.fluss.tiering;

import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.row.GenericRow;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A table, what was written to it, and what a reader of the lake alone must say about it. */
abstract class WatchedTable {
    final TableInfo table;
    private final LakeCluster cluster;

    private WatchedTable(LakeCluster cluster, TableInfo table) {
        this.cluster = cluster;
        this.table = table;
    }

    /** Writes some rows, each time others. */
    abstract void write() throws Exception;

    /** The check that a {@link StockReader} is asked for. */
    abstract Class<?> check();

    /** How the answer of the check begins at any time. */
    abstract String always();

    /** How the answer begins when the lake has everything. */
    abstract String exact();

    /** A log table with the column id, whose values are the numbers from 0. */
    static final class Log extends WatchedTable {
        static final TableSchema SCHEMA =
                TableSchema.of(Column.of("id", DataTypes.bigInt().notNull()));
        private static final int ROWS = 400;

        private long written;

        Log(LakeCluster cluster, TableInfo table) {
            super(cluster, table);
        }

        @Override
        void write() throws Exception {
            try (AppendWriter writer = super.cluster.connection().appendWriter(table)) {
                for (long id = written; id < written + ROWS; id++) {
                    var unused = writer.append(GenericRow.of(id));
                }
                LakeCluster.get(writer.flush());
            }
            written += ROWS;
        }

        @Override
        Class<?> check() {
            return StockIcebergCheck.class;
        }

        @Override
        String always() {
            return "exact ";
        }

        @Override
        String exact() {
            return "exact " + written + " ";
        }
    }

    /** A table with the columns id, its primary key, and name. */
    static final class Keyed extends WatchedTable {
        static final TableSchema SCHEMA =
                TableSchema.of(
                        List.of(
                                Column.of("id", DataTypes.bigInt().notNull()),
                                Column.of("name", DataTypes.string())),
                        List.of("id"));

        private final TreeMap<Long, String> rows = new TreeMap<>();
        private int writes;

        Keyed(LakeCluster cluster, TableInfo table) {
            super(cluster, table);
        }

        /** New keys, changed ones and deleted ones. */
        @Override
        void write() throws Exception {
            long next = rows.isEmpty() ? 0 : rows.lastKey() + 1;
            writes++;
            upsert(next / 2, next + 200, "write-" + writes + "-");
            delete(next, next + 30);
        }

        void upsert(long from, long to, String value) throws Exception {
            try (UpsertWriter writer = super.cluster.connection().upsertWriter(table)) {
                for (long id = from; id < to; id++) {
                    var unused =
                            writer.upsert(GenericRow.named(Map.of("id", id, "name", value + id)));
                    rows.put(id, value + id);
                }
                LakeCluster.get(writer.flush());
            }
        }

        void delete(long from, long to) throws Exception {
            try (UpsertWriter writer = super.cluster.connection().upsertWriter(table)) {
                for (long id = from; id < to; id++) {
                    var unused = writer.delete(GenericRow.named(Map.of("id", id)));
                    rows.remove(id);
                }
                LakeCluster.get(writer.flush());
            }
        }

        /** The same table after it was altered. */
        Keyed reloaded() throws Exception {
            Keyed now = new Keyed(super.cluster, super.cluster.table(table.path().table()));
            now.rows.putAll(rows);
            return now;
        }

        SortedMap<Long, String> rows() {
            return rows;
        }

        @Override
        Class<?> check() {
            return StockKeyedCheck.class;
        }

        @Override
        String always() {
            return "unique ";
        }

        @Override
        String exact() {
            return "unique " + StockKeyedCheck.digest(rows);
        }
    }
}
