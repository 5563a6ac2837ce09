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

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.exception.AuthenticationException;
import org.apache.fluss.exception.AuthorizationException;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.security.acl.AccessControlEntry;
import org.apache.fluss.security.acl.AccessControlEntryFilter;
import org.apache.fluss.security.acl.AclBinding;
import org.apache.fluss.security.acl.AclBindingFilter;
import org.apache.fluss.security.acl.FlussPrincipal;
import org.apache.fluss.security.acl.OperationType;
import org.apache.fluss.security.acl.PermissionType;
import org.apache.fluss.security.acl.Resource;
import org.apache.fluss.security.acl.ResourceFilter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users of the cluster: admin/admin-pass (super user), alice/alice-pass, bob/bob-pass. */
@Tag("secured")
@DisplayName("SASL and access control")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecuredTest extends Case {

    private static Connection as(String user, String password) {
        return connect(
                "client.security.protocol",
                "SASL",
                "client.security.sasl.mechanism",
                "PLAIN",
                "client.security.sasl.username",
                user,
                "client.security.sasl.password",
                password);
    }

    private static Connection as(String user) {
        return as(user, user + "-pass");
    }

    @BeforeAll
    @Override
    void open() throws Exception {
        conn = as("admin");
        admin = conn.getAdmin();
        db = unique("secured");
        get(admin.createDatabase(db, DatabaseDescriptor.EMPTY, false));
    }

    private static AclBinding allow(String user, Resource r, OperationType op) {
        return new AclBinding(
                r,
                new AccessControlEntry(
                        new FlussPrincipal(user, "User"), "*", op, PermissionType.ALLOW));
    }

    private AclBinding grant(String user, Resource r, OperationType op) throws Exception {
        AclBinding b = allow(user, r, op);
        get(admin.createAcls(List.of(b)).all());
        return b;
    }

    private void revoke(AclBinding b) throws Exception {
        get(
                admin.dropAcls(
                                List.of(
                                        new AclBindingFilter(
                                                new ResourceFilter(
                                                        b.getResource().getType(),
                                                        b.getResource().getName()),
                                                new AccessControlEntryFilter(
                                                        b.getAccessControlEntry().getPrincipal(),
                                                        "*",
                                                        b.getAccessControlEntry()
                                                                .getOperationType(),
                                                        PermissionType.ALLOW))))
                        .all());
    }

    private static boolean allowed(java.util.concurrent.Callable<?> call) throws Exception {
        try {
            call.call();
            return true;
        } catch (Exception e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof AuthorizationException) {
                    return false;
                }
            }
            throw e;
        }
    }

    @ParameterizedTest(name = "user \"{0}\" with password \"{1}\" cannot connect")
    @CsvSource({"alice,wrong", "nobody,alice-pass", "alice,bob-pass"})
    void wrongPassword(String user, String password) {
        refused(
                AuthenticationException.class,
                () -> {
                    try (Connection c = as(user, password)) {
                        get(c.getAdmin().listDatabases());
                    }
                });
    }

    @Test
    @DisplayName("a client without credentials cannot use a listener with SASL")
    void noCredentials() {
        refused(
                Exception.class,
                () -> {
                    try (Connection c = connect()) {
                        get(c.getAdmin().listDatabases());
                    }
                });
    }

    @Test
    @DisplayName("a user without any grant sees no databases or tables and may create none")
    void nothing() throws Exception {
        T t = log("a INT");
        try (Connection c = as("bob");
                Admin a = c.getAdmin()) {
            assertThat(get(a.listDatabases())).doesNotContain(db);
            assertThat(get(a.listTables(db))).isEmpty();
            refused(
                    AuthorizationException.class,
                    () -> get(a.createDatabase(unique("no"), DatabaseDescriptor.EMPTY, false)));
            refused(
                    AuthorizationException.class,
                    () ->
                            get(
                                    a.createTable(
                                            TablePath.of(db, unique("no")),
                                            logOf("a INT").distributedBy(1).build(),
                                            false)));
            refused(AuthorizationException.class, () -> get(a.getTableInfo(t.path)));
            refused(AuthorizationException.class, () -> get(a.dropTable(t.path, false)));
            refused(AuthorizationException.class, () -> get(a.dropDatabase(db, false, true)));
            refused(AuthorizationException.class, () -> get(a.describeClusterConfigs()));
        }
        assertThat(get(admin.tableExists(t.path))).isTrue();
    }

    @Test
    @DisplayName(
            "READ on a table allows to see and scan it, not to write; WRITE the other way round; a revoked grant ends")
    void readAndWrite() throws Exception {
        T t = log("a INT, b STRING");
        t.append(row(1, "x"));
        AclBinding read = grant("alice", Resource.table(t.path), OperationType.READ);
        try (Connection c = as("alice");
                Admin a = c.getAdmin()) {
            await(
                    "the grant reaches the servers",
                    () -> allowed(() -> get(a.getTableInfo(t.path))));
            assertThat(get(a.listTables(db))).containsExactly(t.path.getTableName());
            assertThat(get(a.listDatabases())).doesNotContain("no_such_db");
            assertThat(get(a.listOffsets(t.path, List.of(0), new OffsetSpec.LatestSpec()).all()))
                    .containsEntry(0, 1L);
            try (Table tab = c.getTable(t.path);
                    var s = tab.newScan().createLogScanner()) {
                s.subscribeFromBeginning(0);
                List<Integer> got = new ArrayList<>();
                await(
                        "the record",
                        () -> {
                            s.poll(java.time.Duration.ofMillis(200))
                                    .forEach(r -> got.add(r.getRow().getInt(0)));
                            return !got.isEmpty();
                        });
                assertThat(got).containsExactly(1);
            }
            refused(
                    AuthorizationException.class,
                    () -> {
                        try (Connection c2 = as("alice");
                                Table tab = c2.getTable(t.path)) {
                            AppendWriter w = tab.newAppend().createWriter();
                            get(w.append(row(2, "y")));
                        }
                    });
            grant("alice", Resource.table(t.path), OperationType.WRITE);
            await(
                    "the write is allowed",
                    () ->
                            allowed(
                                    () -> {
                                        try (Connection c2 = as("alice");
                                                Table tab = c2.getTable(t.path)) {
                                            return get(
                                                    tab.newAppend()
                                                            .createWriter()
                                                            .append(row(2, "y")));
                                        }
                                    }));
            refused(AuthorizationException.class, () -> get(a.dropTable(t.path, false)));
            revoke(read);
            revoke(allow("alice", Resource.table(t.path), OperationType.WRITE));
            await("the grants are gone", () -> !allowed(() -> get(a.getTableInfo(t.path))));
        }
        assertThat(t.changes()).contains("+A[1, x]", "+A[2, y]");
    }

    @Test
    @DisplayName("READ allows lookups, a user without it gets none")
    void lookup() throws Exception {
        T t = pk("id INT, v STRING", "id");
        t.upsert(row(1, "x"));
        AclBinding d = grant("alice", Resource.table(t.path), OperationType.DESCRIBE);
        try (Connection c = as("alice")) {
            await(
                    "the grant reaches the servers",
                    () -> allowed(() -> get(c.getAdmin().getTableInfo(t.path))));
            try (Table tab = c.getTable(t.path)) {
                refused(
                        AuthorizationException.class,
                        () -> get(tab.newLookup().createLookuper().lookup(row(1))));
                AclBinding r = grant("alice", Resource.table(t.path), OperationType.READ);
                await(
                        "the lookup is allowed",
                        () -> allowed(() -> get(tab.newLookup().createLookuper().lookup(row(1)))));
                revoke(r);
            }
        }
        revoke(d);
    }

    @Test
    @DisplayName("a grant on the database covers its tables, and CREATE allows to create them")
    void database() throws Exception {
        T t = log("a INT");
        AclBinding d = grant("bob", Resource.database(db), OperationType.DESCRIBE);
        AclBinding k = grant("bob", Resource.database(db), OperationType.CREATE);
        try (Connection c = as("bob");
                Admin a = c.getAdmin()) {
            await(
                    "the grant reaches the servers",
                    () -> allowed(() -> get(a.getTableInfo(t.path))));
            TablePath p = TablePath.of(db, unique("bobs"));
            await(
                    "create is allowed",
                    () ->
                            allowed(
                                    () -> {
                                        get(
                                                a.createTable(
                                                        p,
                                                        logOf("a INT").distributedBy(1).build(),
                                                        true));
                                        return null;
                                    }));
            refused(AuthorizationException.class, () -> get(a.dropTable(p, false)));
        }
        revoke(d);
        revoke(k);
    }

    @Test
    @DisplayName(
            "grants are listed by filter, and dropping by filter removes exactly the matching ones")
    void listAndDrop() throws Exception {
        String name = unique("t");
        AclBinding a = grant("alice", Resource.table(db, name), OperationType.READ);
        AclBinding b = grant("bob", Resource.table(db, name), OperationType.WRITE);
        AclBindingFilter onTable =
                new AclBindingFilter(
                        new ResourceFilter(a.getResource().getType(), a.getResource().getName()),
                        AccessControlEntryFilter.ANY);
        Collection<AclBinding> all = get(admin.listAcls(onTable));
        assertThat(all).containsExactlyInAnyOrder(a, b);
        revoke(a);
        assertThat(get(admin.listAcls(onTable))).containsExactly(b);
        Collection<AclBinding> dropped = get(admin.dropAcls(List.of(onTable)).all());
        assertThat(dropped).containsExactly(b);
        assertThat(get(admin.listAcls(onTable))).isEmpty();
    }

    @Test
    @DisplayName("a user without rights on a resource cannot grant")
    void cannotGrant() throws Exception {
        try (Connection c = as("bob")) {
            refused(
                    AuthorizationException.class,
                    () ->
                            get(
                                    c.getAdmin()
                                            .createAcls(
                                                    List.of(
                                                            allow(
                                                                    "bob",
                                                                    Resource.cluster(),
                                                                    OperationType.ALL)))
                                            .all()));
        }
    }

    @Test
    @DisplayName("a grant for everybody lets everybody in")
    void everybody() throws Exception {
        T t = log("a INT");
        AclBinding b =
                new AclBinding(
                        Resource.table(t.path),
                        new AccessControlEntry(
                                FlussPrincipal.WILD_CARD_PRINCIPAL,
                                "*",
                                OperationType.DESCRIBE,
                                PermissionType.ALLOW));
        get(admin.createAcls(List.of(b)).all());
        try (Connection c = as("bob")) {
            await(
                    "the grant reaches the servers",
                    () -> allowed(() -> get(c.getAdmin().getTableInfo(t.path))));
        }
        revoke(b);
    }
}
