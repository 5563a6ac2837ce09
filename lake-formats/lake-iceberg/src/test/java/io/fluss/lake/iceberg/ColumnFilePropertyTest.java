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
package io.fluss.lake.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.keys.BucketFunction;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in as Arrow comes out of Iceberg's and parquet-java's readers. */
class ColumnFilePropertyTest {
    private static final TablePath PATH = TablePath.of("db", "t");

    @TempDir Path dir;
    private BufferAllocator allocator;
    private IcebergLakeCatalog catalog;

    @BeforeEach
    void open() {
        allocator = new RootAllocator();
        catalog =
                IcebergLakeCatalog.open(
                        Map.of("type", "hadoop", "warehouse", dir.toUri().toString()));
    }

    @AfterEach
    void close() {
        catalog.close();
        allocator.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void randomBatchesAreReadBack(long seed) throws IOException {
        Random random = new Random(seed);
        TableDescriptor descriptor = withSettings(random, allTypes(random));
        List<List<Object>> written = write(descriptor, random, 1 + random.nextInt(6), 700);
        Table table = table();
        List<List<Object>> read = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            records.forEach(r -> read.add(values(r)));
        }
        // Files of one writer are planned in any order; rows carry no offset in this layout.
        assertThat(sorted(read)).as("seed %d", seed).isEqualTo(sorted(written));
        checkWithParquet(table, seed);
    }

    static List<DataType> bucketKeys() {
        return List.of(
                DataTypes.integer(),
                DataTypes.bigInt(),
                DataTypes.date(),
                DataTypes.time(0),
                DataTypes.time(3),
                DataTypes.timestamp(0),
                DataTypes.timestamp(3),
                DataTypes.timestamp(6),
                DataTypes.timestamp(9),
                DataTypes.decimal(7, 2),
                DataTypes.decimal(18, 0),
                DataTypes.decimal(38, 10),
                DataTypes.character(5),
                DataTypes.string(),
                DataTypes.binary(3),
                DataTypes.bytes());
    }

    @ParameterizedTest
    @MethodSource("bucketKeys")
    void icebergPutsEveryKeyIntoOurBucket(DataType type) throws IOException {
        int buckets = 7;
        TableDescriptor descriptor =
                TableDescriptor.of(
                                TableSchema.of(
                                        Column.of("k", type.notNull()),
                                        Column.of("n", DataTypes.integer())))
                        .withBuckets(buckets, "k")
                        .withProperty("table.datalake.format", "iceberg");
        catalog.createTable(PATH, descriptor, true);
        Types.StructType struct = table().schema().asStruct();
        Function<Object, Integer> theirs =
                Transforms.bucket(buckets).bind(table().schema().findType("k"))::apply;
        KeyEncoder keys = KeyEncoder.forBucketKey(descriptor).orElseThrow();
        ArrowRecords records = new ArrowRecords(struct);
        InternalRecordWrapper internal = new InternalRecordWrapper(struct);
        List<Object> written = new ArrayList<>();
        Map<Integer, LakeWriter> writers = new HashMap<>();
        Random random = new Random(7);
        try (VectorSchemaRoot root = batch(descriptor, random, 1000)) {
            for (int i = 0; i < root.getRowCount(); i++) {
                byte[] key = keys.encode(root, i);
                if (key.length == 0) {
                    continue;
                }
                int ours = BucketFunction.ICEBERG.bucket(key, buckets);
                Object value =
                        internal.wrap(records.row(root.getFieldVectors(), i)).get(0, Object.class);
                assertThat(ours).as("%s %s", type, value).isEqualTo(theirs.apply(value));
                if (i < 60) {
                    written.add(value);
                    try (VectorSchemaRoot row = root.slice(i, 1)) {
                        writers.computeIfAbsent(ours, b -> writer(descriptor, b))
                                .write(LakeRows.appended(row, i, 1));
                    }
                }
            }
        }
        catalog.table(PATH)
                .committer()
                .commit(
                        new LakeCommitter.Request(
                                writers.values().stream().map(LakeWriter::complete).toList(),
                                "o",
                                OptionalLong.empty(),
                                Map.of()));
        for (Object value : written) {
            // Planned by the bucket partition: a row in the wrong one would not be found.
            assertThat(matching(Expressions.equal("k", value))).as("%s", value).isNotEmpty();
        }
    }

    @Test
    void selectiveFilterFindsItsRows() throws IOException {
        TableDescriptor descriptor =
                TableDescriptor.of(
                                TableSchema.of(
                                        Column.of("id", DataTypes.bigInt().notNull()),
                                        Column.of("s", DataTypes.string()),
                                        Column.of("d", DataTypes.doubling())))
                        .withBuckets(1)
                        .withCustomProperty("iceberg.write.parquet.page-row-limit", "100")
                        .withCustomProperty("iceberg.write.parquet.row-group-size-bytes", "20000");
        writeNumbered(descriptor, 5000);
        assertThat(matching(Expressions.equal("id", 4321L))).hasSize(1);
        assertThat(matching(Expressions.equal("s", "v04321"))).hasSize(1);
        assertThat(matching(Expressions.lessThan("id", 10L))).hasSize(10);
        assertThat(matching(Expressions.isNaN("d"))).hasSize(1);
        assertThat(matching(Expressions.lessThanOrEqual("d", 1.0d))).hasSize(2);
        assertThat(matching(Expressions.equal("d", -0.0d))).hasSize(1);
        assertThat(matching(Expressions.equal("d", 77.0d))).hasSize(1);
        assertThat(matching(Expressions.isNull("s"))).hasSize(5000 / 7 + 1);
    }

    @Test
    void nestedColumnsGoThroughIcebergsOwnWriter() throws IOException {
        TableDescriptor descriptor =
                TableDescriptor.of(
                                TableSchema.of(
                                        Column.of("id", DataTypes.integer()),
                                        Column.of("xs", DataTypes.array(DataTypes.integer()))))
                        .withBuckets(1);
        catalog.createTable(PATH, descriptor, true);
        try (LakeWriter writer = writer(descriptor);
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(
                                ArrowSchemas.of(descriptor.schema().rowType()), allocator)) {
            root.allocateNew();
            UnionListWriter lists = ((ListVector) root.getVector(1)).getWriter();
            for (int i = 0; i < 5; i++) {
                ((IntVector) root.getVector(0)).setSafe(i, i);
                lists.setPosition(i);
                lists.startList();
                for (int k = 0; k < i; k++) {
                    lists.writeInt(k);
                }
                lists.endList();
            }
            root.setRowCount(5);
            writer.write(LakeRows.appended(root, 0, 1));
            commit(writer.complete());
        }
        List<Object> lists = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table()).build()) {
            records.forEach(r -> lists.add(r.get(1)));
        }
        assertThat(lists)
                .containsExactly(
                        List.of(),
                        List.of(0),
                        List.of(0, 1),
                        List.of(0, 1, 2),
                        List.of(0, 1, 2, 3));
    }

    @Test
    void filesRollAtTheTargetSize() {
        TableDescriptor descriptor =
                TableDescriptor.of(TableSchema.of(Column.of("id", DataTypes.bigInt().notNull())))
                        .withBuckets(1)
                        .withCustomProperty("iceberg.write.target-file-size-bytes", "1000");
        catalog.createTable(PATH, descriptor, true);
        Random random = new Random(1);
        try (LakeWriter writer = writer(descriptor)) {
            for (int i = 0; i < 5; i++) {
                try (VectorSchemaRoot root = batch(descriptor, random, 1000)) {
                    writer.write(LakeRows.appended(root, i * 1000L, 1));
                }
            }
            assertThat(writer.complete().files()).isEqualTo(5);
        }
    }

    private TableDescriptor allTypes(Random random) {
        List<DataType> types =
                new ArrayList<>(
                        List.of(
                                DataTypes.bool(),
                                DataTypes.tinyInt(),
                                DataTypes.smallInt(),
                                DataTypes.integer(),
                                DataTypes.bigInt(),
                                DataTypes.floating(),
                                DataTypes.doubling(),
                                DataTypes.character(5),
                                DataTypes.string(),
                                DataTypes.binary(3),
                                DataTypes.bytes(),
                                DataTypes.date(),
                                DataTypes.decimal(1 + random.nextInt(9), 1),
                                DataTypes.decimal(10 + random.nextInt(9), 3),
                                DataTypes.decimal(19 + random.nextInt(20), 7)));
        for (int p = 0; p <= 9; p += 3) {
            types.add(DataTypes.time(p));
            types.add(DataTypes.timestamp(p));
            types.add(DataTypes.timestampLtz(p));
        }
        Collections.shuffle(types, random);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            DataType type = random.nextInt(3) == 0 ? types.get(i).notNull() : types.get(i);
            columns.add(Column.of("c" + i, type));
        }
        return TableDescriptor.of(TableSchema.of(columns, List.of())).withBuckets(1);
    }

    private static TableDescriptor withSettings(Random random, TableDescriptor descriptor) {
        String[] codecs = {"zstd", "snappy", "lz4", "gzip", "uncompressed"};
        return descriptor
                .withCustomProperty(
                        "iceberg.write.parquet.compression-codec",
                        codecs[random.nextInt(codecs.length)])
                .withCustomProperty(
                        "iceberg.write.parquet.page-row-limit",
                        Integer.toString(1 + random.nextInt(500)))
                .withCustomProperty(
                        "iceberg.write.parquet.page-size-bytes",
                        Integer.toString(64 + random.nextInt(4000)))
                .withCustomProperty(
                        "iceberg.write.parquet.dict-size-bytes",
                        Integer.toString(random.nextInt(600)))
                .withCustomProperty(
                        "iceberg.write.parquet.row-group-size-bytes",
                        Integer.toString(2000 + random.nextInt(200_000)));
    }

    private List<List<Object>> write(
            TableDescriptor descriptor, Random random, int batches, int rowsMax) {
        catalog.createTable(PATH, descriptor, true);
        ArrowRecords expected = new ArrowRecords(table().schema().asStruct());
        List<List<Object>> written = new ArrayList<>();
        try (LakeWriter writer = writer(descriptor)) {
            for (int i = 0; i < batches; i++) {
                try (VectorSchemaRoot whole = batch(descriptor, random, random.nextInt(rowsMax))) {
                    int from = random.nextInt(whole.getRowCount() + 1);
                    int count = random.nextInt(whole.getRowCount() - from + 1);
                    boolean isSlice = random.nextBoolean();
                    VectorSchemaRoot root = isSlice ? whole.slice(from, count) : whole;
                    for (int r = 0; r < root.getRowCount(); r++) {
                        written.add(values(expected.row(root.getFieldVectors(), r)));
                    }
                    writer.write(LakeRows.appended(root, written.size(), 1));
                    if (isSlice) {
                        root.close();
                    }
                }
            }
            commit(writer.complete());
        }
        return written;
    }

    private void writeNumbered(TableDescriptor descriptor, int rows) {
        catalog.createTable(PATH, descriptor, true);
        try (LakeWriter writer = writer(descriptor)) {
            for (int from = 0; from < rows; from += 250) {
                try (VectorSchemaRoot root =
                        VectorSchemaRoot.create(
                                ArrowSchemas.of(descriptor.schema().rowType()), allocator)) {
                    root.allocateNew();
                    for (int i = 0; i < 250; i++) {
                        int id = from + i;
                        ((BigIntVector) root.getVector(0)).setSafe(i, id);
                        if (id % 7 != 0) {
                            byte[] text = "v%05d".formatted(id).getBytes(StandardCharsets.UTF_8);
                            ((VarCharVector) root.getVector(1)).setSafe(i, text);
                        }
                        double d = id == 0 ? -0.0d : id == 1234 ? Double.NaN : id;
                        ((Float8Vector) root.getVector(2)).setSafe(i, d);
                    }
                    root.setRowCount(250);
                    writer.write(LakeRows.appended(root, from, 1));
                }
            }
            commit(writer.complete());
        }
    }

    private List<Record> matching(Expression filter) throws IOException {
        List<Record> found = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table()).where(filter).build()) {
            records.forEach(found::add);
        }
        return found;
    }

    /** Counts and bounds in the footers, against the values that parquet-java reads. */
    private void checkWithParquet(Table table, long seed) throws IOException {
        try (CloseableIterable<org.apache.iceberg.FileScanTask> tasks =
                table.newScan().planFiles()) {
            for (org.apache.iceberg.FileScanTask task : tasks) {
                checkWithParquet(task.file(), seed);
            }
        }
    }

    private static void checkWithParquet(DataFile file, long seed) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file.location());
        try (ParquetFileReader reader =
                ParquetFileReader.open(HadoopInputFile.fromPath(path, new Configuration()))) {
            var schema = reader.getFooter().getFileMetaData().getSchema();
            for (BlockMetaData block : reader.getFooter().getBlocks()) {
                PageReadStore pages = reader.readNextRowGroup();
                RecordReader<Group> records =
                        new ColumnIOFactory()
                                .getColumnIO(schema)
                                .getRecordReader(pages, new GroupRecordConverter(schema));
                List<Statistics<?>> wanted = new ArrayList<>();
                schema.getColumns()
                        .forEach(c -> wanted.add(Statistics.createStats(c.getPrimitiveType())));
                boolean[] hasNaN = new boolean[wanted.size()];
                for (long r = 0; r < pages.getRowCount(); r++) {
                    Group group = records.read();
                    for (int c = 0; c < wanted.size(); c++) {
                        hasNaN[c] |= observe(wanted.get(c), group, c);
                    }
                }
                for (int c = 0; c < wanted.size(); c++) {
                    ColumnChunkMetaData chunk = block.getColumns().get(c);
                    Statistics<?> actual = chunk.getStatistics();
                    String what = "seed " + seed + " column " + chunk.getPrimitiveType();
                    assertThat(actual.getNumNulls())
                            .as(what)
                            .isEqualTo(wanted.get(c).getNumNulls());
                    if (hasNaN[c]) {
                        assertThat(actual.hasNonNullValue()).as(what).isFalse();
                    } else if (wanted.get(c).hasNonNullValue()) {
                        assertBounds(actual, wanted.get(c), what);
                    } else {
                        assertThat(actual.hasNonNullValue()).as(what).isFalse();
                    }
                }
            }
        }
    }

    /** Zeros of floating point numbers are widened to both signs. */
    private static void assertBounds(Statistics<?> actual, Statistics<?> wanted, String what) {
        assertThat(plain(actual.genericGetMin())).as(what).isEqualTo(plain(wanted.genericGetMin()));
        assertThat(plain(actual.genericGetMax())).as(what).isEqualTo(plain(wanted.genericGetMax()));
    }

    private static Object plain(Object value) {
        return value instanceof Float f && f == 0
                ? (Object) 0f
                : value instanceof Double d && d == 0 ? (Object) 0d : value;
    }

    private static boolean observe(Statistics<?> wanted, Group group, int c) {
        if (group.getFieldRepetitionCount(c) == 0) {
            wanted.incrementNumNulls();
            return false;
        }
        switch (wanted.type().getPrimitiveTypeName()) {
            case BOOLEAN -> wanted.updateStats(group.getBoolean(c, 0));
            case INT32 -> wanted.updateStats(group.getInteger(c, 0));
            case INT64 -> wanted.updateStats(group.getLong(c, 0));
            case FLOAT -> {
                wanted.updateStats(group.getFloat(c, 0));
                return Float.isNaN(group.getFloat(c, 0));
            }
            case DOUBLE -> {
                wanted.updateStats(group.getDouble(c, 0));
                return Double.isNaN(group.getDouble(c, 0));
            }
            default -> wanted.updateStats(group.getBinary(c, 0));
        }
        return false;
    }

    private VectorSchemaRoot batch(TableDescriptor descriptor, Random random, int rows) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(descriptor.schema().rowType()), allocator);
        root.allocateNew();
        for (int c = 0; c < root.getFieldVectors().size(); c++) {
            DataType type = descriptor.schema().columns().get(c).type();
            int nullPercent = type.isNullable() ? new int[] {0, 5, 60, 100}[random.nextInt(4)] : 0;
            int distinct = random.nextBoolean() ? 5 : 1 << 20;
            for (int r = 0; r < rows; r++) {
                if (random.nextInt(100) >= nullPercent) {
                    Random value = new Random(c * 31L + random.nextInt(distinct));
                    set(root.getVector(c), r, type, value);
                }
            }
        }
        root.setRowCount(rows);
        return root;
    }

    private static void set(FieldVector vector, int r, DataType type, Random random) {
        switch (vector.getMinorType()) {
            case BIT -> ((BitVector) vector).setSafe(r, random.nextInt(2));
            case TINYINT -> ((TinyIntVector) vector).setSafe(r, (byte) random.nextInt());
            case SMALLINT -> ((SmallIntVector) vector).setSafe(r, (short) random.nextInt());
            case INT -> ((IntVector) vector).setSafe(r, (int) edge(random));
            case BIGINT -> ((BigIntVector) vector).setSafe(r, edge(random));
            case FLOAT4 -> ((Float4Vector) vector).setSafe(r, (float) floating(random));
            case FLOAT8 -> ((Float8Vector) vector).setSafe(r, floating(random));
            case VARCHAR ->
                    ((VarCharVector) vector)
                            .setSafe(r, text(random).getBytes(StandardCharsets.UTF_8));
            case VARBINARY ->
                    ((VarBinaryVector) vector).setSafe(r, bytes(random, random.nextInt(40)));
            case FIXEDSIZEBINARY -> ((FixedSizeBinaryVector) vector).setSafe(r, bytes(random, 3));
            case DECIMAL -> ((DecimalVector) vector).setSafe(r, decimal(random, type));
            case DATEDAY -> ((DateDayVector) vector).setSafe(r, random.nextInt(200_000) - 100_000);
            case TIMESEC -> ((TimeSecVector) vector).setSafe(r, random.nextInt(86_400));
            case TIMEMILLI -> ((TimeMilliVector) vector).setSafe(r, random.nextInt(86_400_000));
            case TIMEMICRO ->
                    ((TimeMicroVector) vector).setSafe(r, random.nextInt(86_400_000) * 1000L);
            case TIMENANO ->
                    ((TimeNanoVector) vector)
                            .setSafe(r, random.nextInt(86_400_000) * 1000_000L + 7);
            default -> ((TimeStampVector) vector).setSafe(r, timestamp(vector, random));
        }
    }

    private static long timestamp(FieldVector vector, Random random) {
        long range =
                switch (vector.getMinorType()) {
                    case TIMESTAMPSEC, TIMESTAMPSECTZ -> 10_000_000_000L;
                    case TIMESTAMPMILLI, TIMESTAMPMILLITZ -> 10_000_000_000_000L;
                    case TIMESTAMPMICRO, TIMESTAMPMICROTZ -> 10_000_000_000_000_000L;
                    default -> Long.MAX_VALUE;
                };
        return random.nextLong() % range;
    }

    private static long edge(Random random) {
        long[] edges = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE};
        return random.nextInt(4) == 0 ? edges[random.nextInt(edges.length)] : random.nextLong();
    }

    private static double floating(Random random) {
        double[] edges = {
            0.0,
            -0.0,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Float.MIN_VALUE
        };
        return random.nextInt(50) == 0
                ? edges[random.nextInt(edges.length)]
                : random.nextGaussian() * 1e6;
    }

    private static String text(Random random) {
        String[] parts = {"", "a", "\u00e9", "\u20ac", "\ud83d\ude00", "zz"};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static BigDecimal decimal(Random random, DataType type) {
        DataType.DecimalType decimal = (DataType.DecimalType) type;
        BigInteger limit = BigInteger.TEN.pow(decimal.precision());
        BigInteger unscaled =
                switch (random.nextInt(6)) {
                    case 0 -> limit.subtract(BigInteger.ONE);
                    case 1 -> limit.subtract(BigInteger.ONE).negate();
                    case 2 -> BigInteger.ZERO;
                    default -> {
                        BigInteger v = new BigInteger(127, random).mod(limit);
                        yield random.nextBoolean() ? v : v.negate();
                    }
                };
        return new BigDecimal(unscaled, decimal.scale());
    }

    private LakeWriter writer(TableDescriptor descriptor) {
        return writer(descriptor, 0);
    }

    private LakeWriter writer(TableDescriptor descriptor, int bucket) {
        TableInfo info = new TableInfo(PATH, 1, 1, descriptor, 0, 0);
        return catalog.table(PATH)
                .writerFactory(info)
                .open(new WriteTask(TableBucket.of(1, bucket), Optional.empty(), "round", 0, 0));
    }

    private void commit(LakeWriter.Result result) {
        catalog.table(PATH)
                .committer()
                .commit(
                        new LakeCommitter.Request(
                                List.of(result), "o", OptionalLong.empty(), Map.of()));
    }

    private Table table() {
        return new HadoopCatalog(new Configuration(), dir.toUri().toString())
                .loadTable(TableIdentifier.of("db", "t"));
    }

    private static List<Object> values(Record record) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < record.size(); i++) {
            values.add(record.get(i));
        }
        return values;
    }

    private static List<String> sorted(List<List<Object>> rows) {
        return rows.stream().map(ColumnFilePropertyTest::text).sorted().toList();
    }

    private static String text(List<Object> row) {
        StringBuilder text = new StringBuilder();
        for (Object v : row) {
            text.append(
                            v instanceof java.nio.ByteBuffer b
                                    ? java.util.HexFormat.of()
                                            .formatHex(
                                                    org.apache.iceberg.util.ByteBuffers.toByteArray(
                                                            b))
                                    : v)
                    .append('|');
        }
        return text.toString();
    }
}
