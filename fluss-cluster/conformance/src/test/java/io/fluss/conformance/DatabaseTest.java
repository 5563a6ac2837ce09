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
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.apache.fluss.exception.DatabaseAlreadyExistException;
import org.apache.fluss.exception.DatabaseNotEmptyException;
import org.apache.fluss.exception.DatabaseNotExistException;
import org.apache.fluss.exception.InvalidDatabaseException;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.DatabaseInfo;
import org.apache.fluss.metadata.DatabaseSummary;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.rpc.messages.CreateDatabaseRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Databases")
class DatabaseTest extends Case {

    @Test
    @DisplayName(
            "a created database exists, is listed, and gives back its comment and custom properties")
    void roundTrip() throws Exception {
        String name = unique("db");
        long before = System.currentTimeMillis();
        get(
                admin.createDatabase(
                        name,
                        DatabaseDescriptor.builder()
                                .comment("a comment, äöü")
                                .customProperties(Map.of("k.1", "v=1", "k2", ""))
                                .build(),
                        false));
        assertThat(get(admin.databaseExists(name))).isTrue();
        assertThat(get(admin.listDatabases())).contains(name, db);
        DatabaseInfo i = get(admin.getDatabaseInfo(name));
        assertThat(i.getDatabaseName()).isEqualTo(name);
        assertThat(i.getDatabaseDescriptor().getComment()).contains("a comment, äöü");
        assertThat(i.getDatabaseDescriptor().getCustomProperties())
                .isEqualTo(Map.of("k.1", "v=1", "k2", ""));
        assertThat(i.getCreatedTime()).isBetween(before - 5000, System.currentTimeMillis() + 5000);
        assertThat(i.getModifiedTime()).isGreaterThanOrEqualTo(i.getCreatedTime());
        get(admin.dropDatabase(name, false, false));
        assertThat(get(admin.databaseExists(name))).isFalse();
    }

    @Test
    @DisplayName("a database without descriptor has no comment and no properties")
    void empty() throws Exception {
        DatabaseInfo i = get(admin.getDatabaseInfo(db));
        assertThat(i.getDatabaseDescriptor().getComment()).isEmpty();
        assertThat(i.getDatabaseDescriptor().getCustomProperties()).isEmpty();
    }

    @Test
    @DisplayName("creating an existing database fails, and with the ignore flag changes nothing")
    void twice() throws Exception {
        String name = unique("db");
        get(
                admin.createDatabase(
                        name, DatabaseDescriptor.builder().comment("first").build(), false));
        refused(
                DatabaseAlreadyExistException.class,
                () -> get(admin.createDatabase(name, DatabaseDescriptor.EMPTY, false)));
        get(
                admin.createDatabase(
                        name, DatabaseDescriptor.builder().comment("second").build(), true));
        assertThat(get(admin.getDatabaseInfo(name)).getDatabaseDescriptor().getComment())
                .contains("first");
        get(admin.dropDatabase(name, false, true));
    }

    @Test
    @DisplayName("dropping an unknown database fails unless the ignore flag is set")
    void dropUnknown() throws Exception {
        refused(
                DatabaseNotExistException.class,
                () -> get(admin.dropDatabase("no_such_db", false, true)));
        get(admin.dropDatabase("no_such_db", true, true));
    }

    @Test
    @DisplayName("a database with tables is dropped only with cascade, and the tables go with it")
    void cascade() throws Exception {
        String name = unique("db");
        get(admin.createDatabase(name, DatabaseDescriptor.EMPTY, false));
        TablePath p = TablePath.of(name, "t");
        get(admin.createTable(p, logOf("a INT").distributedBy(1).build(), false));
        refused(DatabaseNotEmptyException.class, () -> get(admin.dropDatabase(name, false, false)));
        assertThat(get(admin.tableExists(p))).isTrue();
        get(admin.dropDatabase(name, false, true));
        await("database gone", () -> !get(admin.databaseExists(name)));
        get(admin.createDatabase(name, DatabaseDescriptor.EMPTY, false));
        assertThat(get(admin.listTables(name))).isEmpty();
        get(admin.dropDatabase(name, false, false));
    }

    @Test
    @DisplayName("info of an unknown database fails")
    void infoUnknown() {
        refused(DatabaseNotExistException.class, () -> get(admin.getDatabaseInfo("no_such_db")));
    }

    @Test
    @DisplayName("the default database fluss exists")
    void defaultDatabase() throws Exception {
        assertThat(get(admin.databaseExists("fluss"))).isTrue();
        assertThat(get(admin.listDatabases())).contains("fluss");
    }

    @Test
    @DisplayName("summaries give the number of tables and the creation time")
    void summaries() throws Exception {
        String name = unique("db");
        get(admin.createDatabase(name, DatabaseDescriptor.EMPTY, false));
        for (String t : new String[] {"t1", "t2", "t3"}) {
            get(
                    admin.createTable(
                            TablePath.of(name, t), logOf("a INT").distributedBy(1).build(), false));
        }
        DatabaseSummary s =
                get(admin.listDatabaseSummaries()).stream()
                        .filter(x -> x.getDatabaseName().equals(name))
                        .findFirst()
                        .orElseThrow();
        assertThat(s.getTableCount()).isEqualTo(3);
        assertThat(s.getCreatedTime())
                .isCloseTo(get(admin.getDatabaseInfo(name)).getCreatedTime(), within(2000L));
        get(admin.dropDatabase(name, false, true));
    }

    @ParameterizedTest(name = "the server refuses the database name \"{0}\"")
    @ValueSource(strings = {"__internal", "a.b", "a b", "..", "naïve", "a/b"})
    void badNames(String name) {
        refused(
                InvalidDatabaseException.class,
                () ->
                        get(
                                coordinator()
                                        .createDatabase(
                                                new CreateDatabaseRequest()
                                                        .setDatabaseName(name)
                                                        .setIgnoreIfExists(false))));
    }
}
