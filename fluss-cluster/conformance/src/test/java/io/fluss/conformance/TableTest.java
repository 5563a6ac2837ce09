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

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.fluss.config.ConfigOptions;
import org.apache.fluss.exception.DatabaseNotExistException;
import org.apache.fluss.exception.InvalidTableException;
import org.apache.fluss.exception.SchemaNotExistException;
import org.apache.fluss.exception.TableAlreadyExistException;
import org.apache.fluss.exception.TableNotExistException;
import org.apache.fluss.metadata.KvFormat;
import org.apache.fluss.metadata.LogFormat;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.SchemaInfo;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TableInfo;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.rpc.messages.CreateTableRequest;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Tables")
class TableTest extends Case {

    @Test
    @DisplayName(
            "a log table gets the default bucket count, the replication factor, and no key options")
    void logDefaults() throws Exception {
        TablePath p = TablePath.of(db, unique("t"));
        get(admin.createTable(p, logOf("a INT, b STRING").build(), false));
        TableInfo i = table(p).info();
        assertThat(i.getTablePath()).isEqualTo(p);
        assertThat(i.hasPrimaryKey()).isFalse();
        assertThat(i.getNumBuckets()).isEqualTo(1);
        assertThat(i.hasBucketKey()).isFalse();
        assertThat(i.isPartitioned()).isFalse();
        assertThat(i.getSchemaId()).isEqualTo(1);
        assertThat(i.getProperties().toMap())
                .containsEntry("table.replication.factor", "1")
                .doesNotContainKeys(
                        "table.kv.format-version", "table.delete.behavior", "table.merge-engine");
        assertThat(i.getTableConfig().getLogFormat()).isEqualTo(LogFormat.ARROW);
        assertThat(i.getComment()).isEmpty();
        assertThat(i.getCustomProperties().toMap()).isEmpty();
    }

    @Test
    @DisplayName(
            "a primary key table gets a bucket key, key columns that are not null, and the key format version")
    void pkDefaults() throws Exception {
        T t = create(pkOf("b STRING, a INT, c BIGINT", "c, a"));
        TableInfo i = t.info();
        assertThat(i.hasPrimaryKey()).isTrue();
        assertThat(i.getPrimaryKeys()).containsExactly("c", "a");
        assertThat(i.getPhysicalPrimaryKeys()).containsExactly("c", "a");
        assertThat(i.getBucketKeys()).containsExactly("c", "a");
        assertThat(i.isDefaultBucketKey()).isTrue();
        assertThat(i.getRowType().getTypeAt(0).isNullable()).isTrue();
        assertThat(i.getRowType().getTypeAt(1).isNullable()).isFalse();
        assertThat(i.getRowType().getTypeAt(2).isNullable()).isFalse();
        assertThat(i.getProperties().toMap()).containsEntry("table.kv.format-version", "2");
        assertThat(i.getTableConfig().getKvFormat()).isEqualTo(KvFormat.COMPACTED);
    }

    @Test
    @DisplayName(
            "comment, column comments, options, custom properties, keys and buckets come back as given")
    void roundTrip() throws Exception {
        Schema s =
                Schema.newBuilder()
                        .column("id", DataTypes.BIGINT())
                        .withComment("the id")
                        .column("day", DataTypes.STRING().copy(false))
                        .column(
                                "nested",
                                DataTypes.ROW(
                                        DataTypes.FIELD("x", DataTypes.INT(), "inner comment"),
                                        DataTypes.FIELD(
                                                "y",
                                                DataTypes.ARRAY(
                                                        DataTypes.MAP(
                                                                DataTypes.STRING(),
                                                                DataTypes.DECIMAL(20, 3))))))
                        .column("ts", DataTypes.TIMESTAMP_LTZ(9).copy(false))
                        .primaryKey("id", "day")
                        .build();
        TableDescriptor d =
                TableDescriptor.builder()
                        .schema(s)
                        .comment("table comment")
                        .partitionedBy("day")
                        .distributedBy(3, "id")
                        .property(ConfigOptions.TABLE_LOG_TTL, java.time.Duration.ofHours(5))
                        .property("table.changelog.image", "wal")
                        .logFormat(LogFormat.ARROW)
                        .kvFormat(KvFormat.INDEXED)
                        .customProperties(Map.of("owner", "me", "other.key", "x=y"))
                        .build();
        T t = create(TableDescriptor.builder(d));
        TableInfo i = t.info();
        assertThat(i.getComment()).contains("table comment");
        assertThat(i.getCustomProperties().toMap())
                .isEqualTo(Map.of("owner", "me", "other.key", "x=y"));
        assertThat(i.getNumBuckets()).isEqualTo(3);
        assertThat(i.getBucketKeys()).containsExactly("id");
        assertThat(i.getPartitionKeys()).containsExactly("day");
        assertThat(i.isPartitioned()).isTrue();
        assertThat(i.isAutoPartitioned()).isFalse();
        assertThat(i.getPhysicalPrimaryKeys()).containsExactly("id");
        assertThat(i.getTableConfig().getKvFormat()).isEqualTo(KvFormat.INDEXED);
        assertThat(i.getProperties().toMap()).containsEntry("table.changelog.image", "wal");
        assertThat(i.getTableConfig().getLogTTLMs()).isEqualTo(5 * 3600_000L);
        Schema back = i.getSchema();
        assertThat(back.getColumnNames()).containsExactly("id", "day", "nested", "ts");
        assertThat(back.getColumn("id").getComment()).contains("the id");
        assertThat(back.getColumn("nested").getComment()).isEmpty();
        assertThat(back.getRowType().toString()).isEqualTo(s.getRowType().toString());
        assertThat(back.getPrimaryKeyColumnNames()).containsExactly("id", "day");
    }

    @Test
    @DisplayName("column ids count from 0 through nested fields and the highest id is kept")
    void columnIds() throws Exception {
        T t = log("a INT, r ROW<x INT, y ROW<z STRING>>, c INT");
        Schema s = t.info().getSchema();
        assertThat(s.getColumnIds()).containsExactly(0, 1, 5);
        assertThat(s.getHighestFieldId()).isEqualTo(5);
    }

    @Test
    @DisplayName("a table exists and is listed until it is dropped")
    void life() throws Exception {
        T t = log("a INT");
        assertThat(get(admin.tableExists(t.path))).isTrue();
        assertThat(get(admin.listTables(db))).contains(t.path.getTableName());
        get(admin.dropTable(t.path, false));
        assertThat(get(admin.tableExists(t.path))).isFalse();
        assertThat(get(admin.listTables(db))).doesNotContain(t.path.getTableName());
        refused(TableNotExistException.class, () -> get(admin.getTableInfo(t.path)));
    }

    @Test
    @DisplayName("creating an existing table fails, and with the ignore flag changes nothing")
    void twice() throws Exception {
        T t = log("a INT");
        refused(
                TableAlreadyExistException.class,
                () ->
                        get(
                                admin.createTable(
                                        t.path, logOf("b INT").distributedBy(1).build(), false)));
        get(admin.createTable(t.path, logOf("b INT").distributedBy(1).build(), true));
        assertThat(t.info().getSchema().getColumnNames()).containsExactly("a");
    }

    @Test
    @DisplayName(
            "an invalid descriptor is refused even if the table exists and the ignore flag is set")
    void invalidTwice() throws Exception {
        T t = log("a INT");
        refused(
                org.apache.fluss.exception.InvalidConfigException.class,
                () ->
                        get(
                                admin.createTable(
                                        t.path,
                                        logOf("a INT", "table.no-such-option", "1")
                                                .distributedBy(1)
                                                .build(),
                                        true)));
    }

    @Test
    @DisplayName("dropping an unknown table fails unless the ignore flag is set")
    void dropUnknown() throws Exception {
        TablePath p = TablePath.of(db, "no_such_table");
        refused(TableNotExistException.class, () -> get(admin.dropTable(p, false)));
        get(admin.dropTable(p, true));
        assertThat(get(admin.tableExists(p))).isFalse();
    }

    @Test
    @DisplayName("creating a table in, or listing the tables of, an unknown database fails")
    void unknownDatabase() {
        refused(
                DatabaseNotExistException.class,
                () ->
                        get(
                                admin.createTable(
                                        TablePath.of("no_such_db", "t"),
                                        logOf("a INT").distributedBy(1).build(),
                                        false)));
        refused(DatabaseNotExistException.class, () -> get(admin.listTables("no_such_db")));
    }

    @Test
    @DisplayName("a dropped and created again table has a new and larger id, schema 1 and no rows")
    void again() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsert(row(1, "old"));
        assertThat(t.lookup(1)).isEqualTo("[1, old]");
        get(admin.dropTable(t.path, false));
        await("drop seen by all servers", () -> !get(admin.tableExists(t.path)));
        get(
                admin.createTable(
                        t.path, pkOf("id INT, w BIGINT", "id").distributedBy(1).build(), false));
        T u = table(t.path);
        assertThat(u.id()).isGreaterThan(t.id());
        assertThat(u.info().getSchemaId()).isEqualTo(1);
        u.awaitLeaders(null);
        assertThat(u.lookup(1)).isNull();
        u.upsert(row(1, 7L));
        assertThat(u.lookup(1)).isEqualTo("[1, 7]");
        assertThat(u.changes()).containsExactly("+I[1, 7]");
    }

    @Test
    @DisplayName(
            "the schema of a table is read by id, the latest without id, and an unknown id fails")
    void schemas() throws Exception {
        T t = log("a INT, b STRING");
        SchemaInfo s = get(admin.getTableSchema(t.path));
        assertThat(s.getSchemaId()).isEqualTo(1);
        assertThat(s.getSchema()).isEqualTo(t.info().getSchema());
        assertThat(get(admin.getTableSchema(t.path, 1)).getSchema().getColumnNames())
                .containsExactly("a", "b");
        refused(SchemaNotExistException.class, () -> get(admin.getTableSchema(t.path, 2)));
        refused(
                SchemaNotExistException.class,
                () -> get(admin.getTableSchema(TablePath.of(db, "no_such_table"), 1)));
    }

    @ParameterizedTest(name = "the server refuses the table name \"{0}\"")
    @ValueSource(strings = {"__t", "a.b", "a$b", ".", "größe"})
    void badNames(String name) throws Exception {
        CreateTableRequest q =
                new CreateTableRequest()
                        .setIgnoreIfExists(false)
                        .setTableJson(logOf("a INT").distributedBy(1).build().toJsonBytes());
        q.setTablePath().setDatabaseName(db).setTableName(name);
        refused(InvalidTableException.class, () -> get(coordinator().createTable(q)));
    }

    @ParameterizedTest(name = "the server refuses a column named {0}")
    @ValueSource(strings = {"__offset", "__bucket", "_change_type", "_commit_timestamp"})
    void reservedColumns(String name) throws Exception {
        CreateTableRequest q =
                new CreateTableRequest()
                        .setIgnoreIfExists(false)
                        .setTableJson(
                                new String(
                                                logOf("zzz INT")
                                                        .distributedBy(1)
                                                        .build()
                                                        .toJsonBytes(),
                                                StandardCharsets.UTF_8)
                                        .replace("zzz", name)
                                        .getBytes(StandardCharsets.UTF_8));
        q.setTablePath().setDatabaseName(db).setTableName(unique("t"));
        refused(InvalidTableException.class, () -> get(coordinator().createTable(q)));
    }

    @ParameterizedTest(name = "creating a table is refused with {3}: {0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "an unknown table option                                  | log | table.no-such-option=1 | InvalidConfigException",
                "an option without the table prefix                       | log | owner=me | InvalidConfigException",
                "a value that is no number                                | log | table.log.tiered.local-segments=many | InvalidConfigException",
                "no local segment kept                                    | log | table.log.tiered.local-segments=0 | InvalidConfigException",
                "a compression level above 22                             | log | table.log.arrow.compression.type=zstd,table.log.arrow.compression.zstd.level=23 | InvalidConfigException",
                "an unknown log format                                    | log | table.log.format=parquet | InvalidConfigException",
                "a merge engine on a log table                            | log | table.merge-engine=first_row | InvalidConfigException",
                "a delete behaviour on a log table                        | log | table.delete.behavior=ignore | InvalidConfigException",
                "compacted rows in the view with an indexed log           | pk  | table.kv.format=compacted,table.log.format=indexed | InvalidConfigException",
                "versioned without a version column                       | pk  | table.merge-engine=versioned | InvalidConfigException",
                "a version column that does not exist                     | pk  | table.merge-engine=versioned,table.merge-engine.versioned.ver-column=nope | InvalidConfigException",
                "a version column of type STRING                          | pk  | table.merge-engine=versioned,table.merge-engine.versioned.ver-column=s | InvalidConfigException",
                "aggregation with the WAL changelog                       | pk  | table.merge-engine=aggregation,table.changelog.image=wal | InvalidConfigException",
                "deletes allowed with first_row                           | pk  | table.merge-engine=first_row,table.delete.behavior=allow | InvalidConfigException",
                "a key format version above the supported one             | pk  | table.kv.format-version=3 | InvalidConfigException",
                "replication factor zero                                  | log | table.replication.factor=0 | InvalidReplicationFactorException",
                "more replicas than tablet servers                        | log | table.replication.factor=50 | InvalidReplicationFactorException",
                "auto partition on a table without partitions             | log | table.auto-partition.enabled=true | InvalidConfigException",
            })
    void badOptions(String what, String kind, String options, String error) throws Exception {
        TableDescriptor.Builder b =
                kind.equals("pk")
                        ? pkOf("id INT, v BIGINT, s STRING", "id")
                        : logOf("id INT, v BIGINT, s STRING");
        for (String o : options.split(",")) {
            b.property(o.substring(0, o.indexOf('=')), o.substring(o.indexOf('=') + 1));
        }
        TablePath p = TablePath.of(db, unique("t"));
        CreateTableRequest q =
                new CreateTableRequest()
                        .setIgnoreIfExists(false)
                        .setTableJson(b.distributedBy(1).build().toJsonBytes());
        q.setTablePath().setDatabaseName(db).setTableName(p.getTableName());
        @SuppressWarnings("unchecked")
        Class<? extends Throwable> type =
                (Class<? extends Throwable>) Class.forName("org.apache.fluss.exception." + error);
        refused(type, () -> get(coordinator().createTable(q)));
        assertThat(get(admin.tableExists(p))).isFalse();
    }

    @Test
    @DisplayName("more buckets than the cluster allows are refused")
    void tooManyBuckets() {
        refused(
                org.apache.fluss.exception.TooManyBucketsException.class,
                () ->
                        get(
                                admin.createTable(
                                        TablePath.of(db, unique("t")),
                                        logOf("a INT").distributedBy(65).build(),
                                        false)));
    }

    @Test
    @DisplayName("a descriptor that is not JSON is refused")
    void notJson() {
        CreateTableRequest q =
                new CreateTableRequest().setIgnoreIfExists(false).setTableJson(utf8("{ not json"));
        q.setTablePath().setDatabaseName(db).setTableName(unique("t"));
        refused(InvalidTableException.class, () -> get(coordinator().createTable(q)));
    }

    @Test
    @DisplayName("option values are matched without regard to case")
    void enumCase() throws Exception {
        T t =
                pk(
                        "id INT, v INT",
                        "id",
                        "table.merge-engine",
                        "FiRsT_RoW",
                        "table.log.format",
                        "arrow",
                        "table.log.arrow.compression.type",
                        "lz4_frame");
        t.upsert(row(1, 1), row(1, 2));
        assertThat(t.changes()).containsExactly("+I[1, 1]");
    }

    @Test
    @DisplayName(
            "any merge engine makes deletes ignored by default, and that is visible in the options")
    void engineDefault() throws Exception {
        for (String e : List.of("first_row", "versioned", "aggregation")) {
            T t =
                    e.equals("versioned")
                            ? pk(
                                    "id INT, v INT",
                                    "id",
                                    "table.merge-engine",
                                    e,
                                    "table.merge-engine.versioned.ver-column",
                                    "v")
                            : pk("id INT, v INT", "id", "table.merge-engine", e);
            assertThat(t.info().getProperties().toMap().get("table.delete.behavior"))
                    .isEqualToIgnoringCase("ignore");
        }
        assertThat(pk("id INT, v INT", "id").info().getProperties().toMap())
                .doesNotContainKey("table.delete.behavior");
    }
}
