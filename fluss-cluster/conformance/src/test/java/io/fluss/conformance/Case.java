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
import static org.assertj.core.api.Assertions.catchThrowable;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.FlussConnection;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.lookup.Lookup;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.scanner.log.ScanRecords;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.Upsert;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.client.utils.ClientRpcMessageUtils;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.exception.LeaderNotAvailableException;
import org.apache.fluss.exception.NotLeaderOrFollowerException;
import org.apache.fluss.exception.UnknownTableOrBucketException;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.PartitionInfo;
import org.apache.fluss.metadata.PartitionSpec;
import org.apache.fluss.metadata.PhysicalTablePath;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TableInfo;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericArray;
import org.apache.fluss.row.GenericMap;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.rpc.gateway.CoordinatorGateway;
import org.apache.fluss.rpc.gateway.TabletServerGateway;
import org.apache.fluss.rpc.messages.FetchLogRequest;
import org.apache.fluss.rpc.messages.MetadataResponse;
import org.apache.fluss.rpc.messages.PbBucketMetadata;
import org.apache.fluss.types.DataTypes;
import org.apache.fluss.types.RowType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * A connection and a database of its own for each class of cases, and short forms for what most
 * cases do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Case {
    static final String BOOTSTRAP = System.getProperty("bootstrap", "127.0.0.1:9123");
    private static final String RUN = Long.toString(System.currentTimeMillis(), 36);
    private static final AtomicInteger NEXT = new AtomicInteger();

    Connection conn;
    Admin admin;
    String db;

    @BeforeAll
    void open() throws Exception {
        conn = connect();
        admin = conn.getAdmin();
        db = unique(getClass().getSimpleName());
        get(admin.createDatabase(db, DatabaseDescriptor.EMPTY, false));
    }

    @AfterAll
    void close() throws Exception {
        if (conn != null) {
            try {
                get(admin.dropDatabase(db, true, true));
            } finally {
                conn.close();
            }
        }
    }

    // ---------------------------------------------------------------- connecting

    static Connection connect(String... options) {
        Configuration conf = new Configuration();
        conf.setString("bootstrap.servers", BOOTSTRAP);
        conf.setString("client.lookup.batch-timeout", "2ms");
        conf.setString("client.writer.batch-timeout", "5ms");
        for (int i = 0; i < options.length; i += 2) {
            conf.setString(options[i], options[i + 1]);
        }
        return ConnectionFactory.createConnection(conf);
    }

    static String unique(String what) {
        return what.toLowerCase() + "_" + RUN + "_" + NEXT.incrementAndGet();
    }

    TabletServerGateway leader(T t, int bucket) {
        return leader(new TableBucket(t.id(), bucket), t.path);
    }

    TabletServerGateway leader(TableBucket b, TablePath path) {
        var up = ((FlussConnection) conn).getMetadataUpdater();
        up.checkAndUpdateMetadata(path, b);
        TabletServerGateway g = up.newTabletServerClientForNode(up.leaderFor(path, b));
        try { // metadata may name a leader that has not taken over yet
            await(
                    "the leader of " + b + " serves",
                    () -> {
                        FetchLogRequest q =
                                new FetchLogRequest().setFollowerServerId(-1).setMaxBytes(1);
                        q.addTablesReq()
                                .setTableId(b.getTableId())
                                .setProjectionPushdownEnabled(false)
                                .addBucketsReq()
                                .setBucketId(b.getBucket())
                                .setFetchOffset(-2)
                                .setMaxFetchBytes(1);
                        var r =
                                get(g.fetchLog(q))
                                        .getTablesRespsList()
                                        .get(0)
                                        .getBucketsRespsList()
                                        .get(0);
                        return !r.hasErrorCode()
                                || r.getErrorCode() != 12 && r.getErrorCode() != 21;
                    });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return g;
    }

    TabletServerGateway anyTablet() {
        return ((FlussConnection) conn).getMetadataUpdater().newRandomTabletServerClient();
    }

    CoordinatorGateway coordinator() {
        return ((FlussConnection) conn).getMetadataUpdater().newCoordinatorServerClient();
    }

    // ---------------------------------------------------------------- waiting and failing

    static <X> X get(CompletableFuture<X> f) throws Exception {
        try {
            return f.get(40, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable t = unwrap(e);
            if (t instanceof Exception) {
                throw (Exception) t;
            }
            throw e;
        }
    }

    static Throwable unwrap(Throwable t) {
        while ((t instanceof ExecutionException || t instanceof CompletionException)
                && t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    /**
     * The call must fail with this exception, thrown, as the failure of a future, or as a cause of
     * either.
     */
    static Throwable refused(Class<? extends Throwable> type, ThrowingCallable call) {
        Throwable first = catchThrowable(call);
        for (Throwable t = first; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return t;
            }
        }
        assertThat(unwrap(first)).as("the failure").isInstanceOf(type);
        return first;
    }

    /** Tries again while the last replica assignment is still settling. */
    static <X> X settled(Callable<X> call) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (true) {
            try {
                return call.call();
            } catch (Exception e) {
                Throwable t = unwrap(e);
                boolean again =
                        t instanceof NotLeaderOrFollowerException
                                || t instanceof UnknownTableOrBucketException
                                || t instanceof LeaderNotAvailableException;
                if (!again || System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        await(what, 20, condition);
    }

    static void await(String what, int seconds, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + seconds + " s: " + what);
            }
            Thread.sleep(25);
        }
    }

    // ---------------------------------------------------------------- tables

    /** Columns as "a INT, b ROW<x INT, y STRING>". */
    static Schema.Builder columns(String text) {
        Schema.Builder b = Schema.newBuilder();
        int depth = 0;
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            char ch = i == text.length() ? ',' : text.charAt(i);
            if (ch == '<' || ch == '(') {
                depth++;
            } else if (ch == '>' || ch == ')') {
                depth--;
            } else if (ch == ',' && depth == 0) {
                String one = text.substring(from, i).trim();
                int sp = one.indexOf(' ');
                b.column(one.substring(0, sp), DataTypes.parse(one.substring(sp + 1).trim()));
                from = i + 1;
            }
        }
        return b;
    }

    static TableDescriptor.Builder describe(Schema schema, String... properties) {
        TableDescriptor.Builder b = TableDescriptor.builder().schema(schema);
        for (int i = 0; i < properties.length; i += 2) {
            b.property(properties[i], properties[i + 1]);
        }
        return b;
    }

    static TableDescriptor.Builder logOf(String columns, String... properties) {
        return describe(columns(columns).build(), properties);
    }

    static TableDescriptor.Builder pkOf(String columns, String key, String... properties) {
        return describe(columns(columns).primaryKey(key.split(" *, *")).build(), properties);
    }

    T log(String columns, String... properties) throws Exception {
        return create(logOf(columns, properties).distributedBy(1));
    }

    T pk(String columns, String key, String... properties) throws Exception {
        return create(pkOf(columns, key, properties).distributedBy(1));
    }

    /**
     * The 0.9.1 coordinator sometimes never takes up a created table (it misses the change in its
     * metadata store). Such a table gets no leaders, and a partition created in it stops the
     * coordinator for good. With -Dlost.tables=retry such a table is given up and another one is
     * created; by default it is a failure.
     */
    private static final boolean RETRY_LOST = "retry".equals(System.getProperty("lost.tables"));

    T create(TableDescriptor.Builder b) throws Exception {
        for (int i = 0; ; i++) {
            TablePath p = TablePath.of(db, unique("t"));
            get(admin.createTable(p, b.build(), false));
            T t = new T(p);
            try {
                if (t.info().isPartitioned()) {
                    await(
                            "the coordinator takes up " + p,
                            RETRY_LOST ? 4 : 20,
                            () -> knownToCoordinator(t));
                } else {
                    t.awaitLeaders(null, RETRY_LOST ? 4 : 20);
                }
                return t;
            } catch (AssertionError e) {
                if (!RETRY_LOST || i == 8) {
                    throw e;
                }
                System.out.println("       (" + e.getMessage() + ": trying another table)");
            }
        }
    }

    /**
     * A snapshot lease is refused with "unknown table" for a table id that the coordinator does not
     * know.
     */
    private boolean knownToCoordinator(T t) throws Exception {
        try {
            get(
                    admin.createKvSnapshotLease("probe", 1000)
                            .acquireSnapshots(Map.of(new TableBucket(t.id(), 0), 0L)));
            return true;
        } catch (UnknownTableOrBucketException e) {
            return false;
        } catch (org.apache.fluss.exception.ApiException e) {
            return true;
        }
    }

    T table(TablePath p) {
        return new T(p);
    }

    static PartitionSpec part(String... keysAndValues) {
        Map<String, String> m = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            m.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new PartitionSpec(m);
    }

    // ---------------------------------------------------------------- values

    static Object value(Object o) {
        if (o instanceof String) {
            return BinaryString.fromString((String) o);
        }
        if (o instanceof BigDecimal) {
            BigDecimal d = (BigDecimal) o;
            return org.apache.fluss.row.Decimal.fromBigDecimal(
                    d, Math.max(d.precision(), d.scale()), d.scale());
        }
        return o;
    }

    static GenericRow row(Object... values) {
        GenericRow r = new GenericRow(values.length);
        for (int i = 0; i < values.length; i++) {
            r.setField(i, value(values[i]));
        }
        return r;
    }

    static GenericArray array(Object... values) {
        return GenericArray.of(Arrays.stream(values).map(Case::value).toArray());
    }

    static GenericMap map(Object... keysAndValues) {
        Map<Object, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            m.put(value(keysAndValues[i]), value(keysAndValues[i + 1]));
        }
        return new GenericMap(m);
    }

    static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    static String repeat(String s, int n) {
        return s.repeat(n);
    }

    /** One record of a log: bucket, offset, and the text "+I[1, a]". */
    record Change(TableBucket bucket, long offset, long timestamp, String text) {}

    // ---------------------------------------------------------------- a table under test

    /** A table and the usual calls on it. Rows are compared as text, see {@link Show}. */
    final class T {
        final TablePath path;
        private TableInfo info;

        T(TablePath path) {
            this.path = path;
        }

        TableInfo info() throws Exception {
            return get(admin.getTableInfo(path));
        }

        private TableInfo cached() {
            try {
                return info == null ? info = info() : info;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        long id() {
            return cached().getTableId();
        }

        TableBucket bucket(int b) {
            return new TableBucket(id(), b);
        }

        RowType type() {
            return cached().getRowType();
        }

        Table open() {
            return conn.getTable(path);
        }

        void awaitLeaders(String partition) throws Exception {
            awaitLeaders(partition, 20);
        }

        void awaitLeaders(String partition, int seconds) throws Exception {
            await(
                    "leaders of " + path,
                    seconds,
                    () -> {
                        MetadataResponse m;
                        try {
                            m =
                                    get(
                                            anyTablet()
                                                    .metadata(
                                                            partition == null
                                                                    ? ClientRpcMessageUtils
                                                                            .makeMetadataRequest(
                                                                                    Set.of(path),
                                                                                    Set.of(),
                                                                                    Set.of())
                                                                    : ClientRpcMessageUtils
                                                                            .makeMetadataRequest(
                                                                                    Set.of(path),
                                                                                    Set.of(
                                                                                            PhysicalTablePath
                                                                                                    .of(
                                                                                                            path,
                                                                                                            partition)),
                                                                                    Set.of())));
                        } catch (org.apache.fluss.exception.FlussRuntimeException e) {
                            return false;
                        }
                        List<PbBucketMetadata> bs =
                                partition == null
                                        ? m.getTableMetadatasList().get(0).getBucketMetadatasList()
                                        : m.getPartitionMetadatasList()
                                                .get(0)
                                                .getBucketMetadatasList();
                        return bs.size() == cached().getNumBuckets()
                                && bs.stream()
                                        .allMatch(b -> b.hasLeaderId() && b.getLeaderId() >= 0);
                    });
        }

        /** All rows in the order given; returns after the cluster has acknowledged every one. */
        T append(InternalRow... rows) throws Exception {
            try (Table t = open()) {
                AppendWriter w = t.newAppend().createWriter();
                List<CompletableFuture<?>> fs = new ArrayList<>();
                for (InternalRow r : rows) {
                    fs.add(w.append(r));
                }
                w.flush();
                for (CompletableFuture<?> f : fs) {
                    get(f);
                }
            }
            return this;
        }

        T upsert(InternalRow... rows) throws Exception {
            return write(null, true, true, rows);
        }

        /** As upsert, but the rows may share a batch. */
        T upsertTogether(InternalRow... rows) throws Exception {
            return write(null, true, false, rows);
        }

        T upsertOnly(String columns, InternalRow... rows) throws Exception {
            return write(columns.split(" *, *"), true, true, rows);
        }

        T delete(InternalRow... rows) throws Exception {
            return write(null, false, true, rows);
        }

        T deleteOnly(String columns, InternalRow... rows) throws Exception {
            return write(columns.split(" *, *"), false, true, rows);
        }

        private T write(String[] only, boolean up, boolean oneByOne, InternalRow... rows)
                throws Exception {
            try (Table t = open()) {
                Upsert u = t.newUpsert();
                UpsertWriter w = (only == null ? u : u.partialUpdate(only)).createWriter();
                List<CompletableFuture<?>> fs = new ArrayList<>();
                for (InternalRow r : rows) {
                    CompletableFuture<?> f = up ? w.upsert(r) : w.delete(r);
                    if (oneByOne) {
                        w.flush();
                        get(f);
                    }
                    fs.add(f);
                }
                w.flush();
                for (CompletableFuture<?> f : fs) {
                    get(f);
                }
            }
            return this;
        }

        /** The row as text, or null. */
        String lookup(Object... key) throws Exception {
            try (Table t = open()) {
                InternalRow r =
                        get(t.newLookup().createLookuper().lookup(row(key))).getSingletonRow();
                return r == null ? null : Show.row(r, t.getTableInfo().getRowType());
            }
        }

        String lookupOrInsert(Object... key) throws Exception {
            try (Table t = open()) {
                InternalRow r =
                        get(t.newLookup()
                                        .enableInsertIfNotExists()
                                        .createLookuper()
                                        .lookup(row(key)))
                                .getSingletonRow();
                return r == null ? null : Show.row(r, t.getTableInfo().getRowType());
            }
        }

        List<String> prefix(String columns, Object... key) throws Exception {
            try (Table t = open()) {
                Lookup l = t.newLookup().lookupBy(columns.split(" *, *"));
                List<String> out = new ArrayList<>();
                for (InternalRow r : get(l.createLookuper().lookup(row(key))).getRowList()) {
                    out.add(Show.row(r, t.getTableInfo().getRowType()));
                }
                return out;
            }
        }

        Map<Integer, Long> offsets(OffsetSpec spec) throws Exception {
            return offsets(null, spec);
        }

        Map<Integer, Long> offsets(String partition, OffsetSpec spec) throws Exception {
            List<Integer> all = new ArrayList<>();
            for (int i = 0; i < cached().getNumBuckets(); i++) {
                all.add(i);
            }
            return settled(
                    () ->
                            get(
                                    partition == null
                                            ? admin.listOffsets(path, all, spec).all()
                                            : admin.listOffsets(path, partition, all, spec).all()));
        }

        long end() throws Exception {
            return offsets(new OffsetSpec.LatestSpec()).get(0);
        }

        List<PartitionInfo> partitions() throws Exception {
            return get(admin.listPartitionInfos(path));
        }

        List<String> partitionNames() throws Exception {
            List<String> out = new ArrayList<>();
            partitions().forEach(p -> out.add(p.getPartitionName()));
            Collections.sort(out);
            return out;
        }

        long partitionId(String name) throws Exception {
            return partitions().stream()
                    .filter(p -> p.getPartitionName().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .getPartitionId();
        }

        /** Everything from the start up to the present end, grouped by bucket, as text. */
        List<String> changes() throws Exception {
            List<String> out = new ArrayList<>();
            for (Change c : records((int[]) null)) {
                out.add(c.text);
            }
            return out;
        }

        List<String> changes(int... projection) throws Exception {
            List<String> out = new ArrayList<>();
            for (Change c : records(projection)) {
                out.add(c.text);
            }
            return out;
        }

        List<Change> records(int... projection) throws Exception {
            Map<TableBucket, Long> end =
                    new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
            if (cached().isPartitioned()) {
                for (PartitionInfo p : partitions()) {
                    awaitLeaders(p.getPartitionName());
                    offsets(p.getPartitionName(), new OffsetSpec.LatestSpec())
                            .forEach(
                                    (b, o) ->
                                            end.put(
                                                    new TableBucket(id(), p.getPartitionId(), b),
                                                    o));
                }
            } else {
                offsets(new OffsetSpec.LatestSpec()).forEach((b, o) -> end.put(bucket(b), o));
            }
            Map<TableBucket, Long> start = new LinkedHashMap<>();
            end.keySet().forEach(b -> start.put(b, LogScanner.EARLIEST_OFFSET));
            return read(start, end, projection);
        }

        /** Reads each bucket from start to end (exclusive). */
        List<Change> read(
                Map<TableBucket, Long> start, Map<TableBucket, Long> end, int... projection)
                throws Exception {
            Map<TableBucket, List<Change>> got = new LinkedHashMap<>();
            try (Table t = open()) {
                RowType full = t.getTableInfo().getRowType();
                RowType type = projection == null ? full : full.project(projection);
                try (LogScanner s =
                        projection == null
                                ? t.newScan().createLogScanner()
                                : t.newScan().project(projection).createLogScanner()) {
                    Map<TableBucket, Long> left = new LinkedHashMap<>();
                    for (Map.Entry<TableBucket, Long> e : start.entrySet()) {
                        got.put(e.getKey(), new ArrayList<>());
                        if (end.get(e.getKey()) > Math.max(0, e.getValue())) {
                            left.put(e.getKey(), end.get(e.getKey()));
                            if (e.getKey().getPartitionId() == null) {
                                s.subscribe(e.getKey().getBucket(), e.getValue());
                            } else {
                                s.subscribe(
                                        e.getKey().getPartitionId(),
                                        e.getKey().getBucket(),
                                        e.getValue());
                            }
                        }
                    }
                    long quiet = System.nanoTime();
                    while (!left.isEmpty()) {
                        ScanRecords rs = s.poll(Duration.ofMillis(200));
                        for (TableBucket b : rs.buckets()) {
                            for (ScanRecord r : rs.records(b)) {
                                if (r.logOffset() < end.get(b)) {
                                    got.get(b)
                                            .add(
                                                    new Change(
                                                            b,
                                                            r.logOffset(),
                                                            r.timestamp(),
                                                            r.getChangeType().shortString()
                                                                    + Show.row(r.getRow(), type)));
                                }
                                if (r.logOffset() + 1 >= end.get(b)) {
                                    left.remove(b);
                                }
                            }
                        }
                        if (!rs.isEmpty()) {
                            quiet = System.nanoTime();
                        } else if (System.nanoTime() - quiet
                                > (got.values().stream().allMatch(List::isEmpty)
                                        ? 5_000_000_000L
                                        : 1_500_000_000L)) {
                            break; // the tail may consist of batches without records
                        }
                    }
                }
            }
            List<Change> out = new ArrayList<>();
            got.values().forEach(out::addAll);
            return out;
        }
    }
}
