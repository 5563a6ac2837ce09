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
package io.fluss.lake.paimon;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeCommitter.Request;
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
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
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
import org.apache.paimon.io.DataFileMeta;
import org.apache.paimon.manifest.ManifestEntry;
import org.apache.paimon.predicate.PredicateBuilder;
import org.apache.paimon.table.FileStoreTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the column path hold what Paimon's own writer would have written. */
class ColumnPathTest {
    private static final int ROWS = 500;
    private static final List<DataType> TYPES =
            List.of(
                    DataTypes.bool(),
                    DataTypes.tinyInt(),
                    DataTypes.smallInt(),
                    DataTypes.integer(),
                    DataTypes.bigInt(),
                    DataTypes.floating(),
                    DataTypes.doubling(),
                    DataTypes.string(),
                    DataTypes.character(5),
                    DataTypes.bytes(),
                    DataTypes.binary(4),
                    DataTypes.decimal(5, 2),
                    DataTypes.decimal(15, 3),
                    DataTypes.decimal(30, 6),
                    DataTypes.date(),
                    DataTypes.time(0),
                    DataTypes.time(3),
                    DataTypes.time(6),
                    DataTypes.timestamp(0),
                    DataTypes.timestamp(3),
                    DataTypes.timestamp(6),
                    DataTypes.timestampLtz(3),
                    DataTypes.timestampLtz(6));

    @TempDir Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"clean", "legacy"})
    void bothPathsGiveTheSameRows(String layout) {
        TablePath columns = TablePath.of("d", "by_column");
        TablePath rows = TablePath.of("d", "by_row");
        List<Column> all = new ArrayList<>();
        for (int i = 0; i < TYPES.size(); i++) {
            all.add(Column.of("c" + i, TYPES.get(i)));
        }
        TableDescriptor table =
                TableDescriptor.of(TableSchema.of(all, List.of()))
                        .withBuckets(2, "c4")
                        .withProperty("table.datalake.layout", layout);
        // An option of Paimon's Parquet writer, which ours does not know.
        TableDescriptor other = table.withCustomProperty("paimon.parquet.page.size", "100000");
        try (LakeCatalog catalog = new PaimonLakeFormat().open(properties())) {
            catalog.createTable(columns, table, true);
            catalog.createTable(rows, other, true);
            assertThat(ColumnFiles.areFor(stock(columns))).isTrue();
            assertThat(ColumnFiles.areFor(stock(rows))).isFalse();
            OptionalLong last = OptionalLong.empty();
            for (int round = 0; round < 2; round++) {
                long a = round(catalog, columns, table, round, last);
                long b = round(catalog, rows, other, round, last);
                assertThat(a).isEqualTo(b);
                last = OptionalLong.of(a);
                assertThat(PaimonRows.rows(stock(columns), a))
                        .hasSize(ROWS * (round + 1))
                        .containsExactlyInAnyOrderElementsOf(PaimonRows.rows(stock(rows), b));
            }
            List<DataFileMeta> ours = files(columns);
            List<DataFileMeta> theirs = files(rows);
            for (int i = 0; i < 2; i++) {
                assertThat(ours.get(i).minSequenceNumber()).isEqualTo(i * (long) ROWS);
                assertThat(ours.get(i).minSequenceNumber())
                        .isEqualTo(theirs.get(i).minSequenceNumber());
                assertThat(ours.get(i).maxSequenceNumber())
                        .isEqualTo(theirs.get(i).maxSequenceNumber());
                assertThat(ours.get(i).valueStats().nullCounts())
                        .isEqualTo(theirs.get(i).valueStats().nullCounts());
            }
        }
    }

    @Test
    void filesAreSkippedByTheirStatistics() {
        TablePath path = TablePath.of("d", "t");
        TableDescriptor table =
                TableDescriptor.of(TableSchema.of(Column.of("id", DataTypes.bigInt())));
        try (LakeCatalog catalog = new PaimonLakeFormat().open(properties())) {
            catalog.createTable(path, table.withBuckets(1), true);
            OptionalLong last = OptionalLong.empty();
            for (int round = 0; round < 3; round++) {
                try (BufferAllocator allocator = new RootAllocator();
                        VectorSchemaRoot root =
                                VectorSchemaRoot.create(
                                        ArrowSchemas.of(table.schema().rowType()), allocator)) {
                    for (int i = 0; i < 10; i++) {
                        ((BigIntVector) root.getVector(0)).setSafe(i, round * 10L + i);
                    }
                    root.setRowCount(10);
                    last = OptionalLong.of(write(catalog, path, table.withBuckets(1), root, last));
                }
            }
            FileStoreTable stock = stock(path);
            assertThat(
                            stock
                                    .newReadBuilder()
                                    .withFilter(
                                            new PredicateBuilder(stock.rowType())
                                                    .greaterOrEqual(0, 25L))
                                    .newScan()
                                    .plan()
                                    .splits()
                                    .stream()
                                    .mapToLong(s -> s.rowCount())
                                    .sum())
                    .isEqualTo(10);
        }
    }

    private List<DataFileMeta> files(TablePath path) {
        return stock(path).store().newScan().plan().files().stream()
                .map(ManifestEntry::file)
                .sorted(java.util.Comparator.comparingLong(DataFileMeta::minSequenceNumber))
                .toList();
    }

    private Map<String, String> properties() {
        return Map.of("warehouse", dir.toUri().toString());
    }

    private FileStoreTable stock(TablePath path) {
        return PaimonRows.table(properties(), path.database(), path.table());
    }

    private static long round(
            LakeCatalog catalog,
            TablePath path,
            TableDescriptor table,
            int seed,
            OptionalLong last) {
        SplittableRandom random = new SplittableRandom(seed);
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(
                                ArrowSchemas.of(table.schema().rowType()), allocator)) {
            root.allocateNew();
            for (FieldVector v : root.getFieldVectors()) {
                for (int i = 0; i < ROWS; i++) {
                    if (random.nextInt(4) != 0) {
                        set(v, i, random.nextLong());
                    }
                }
            }
            root.setRowCount(ROWS);
            return write(catalog, path, table, root, last);
        }
    }

    private static long write(
            LakeCatalog catalog,
            TablePath path,
            TableDescriptor table,
            VectorSchemaRoot root,
            OptionalLong last) {
        try (LakeWriter writer =
                catalog.table(path)
                        .writerFactory(new TableInfo(path, 7, 1, table, 0, 0))
                        .open(new WriteTask(TableBucket.of(7, 0), Optional.empty(), "r", 0, 0))) {
            writer.write(LakeRows.appended(root, 100, 1_700_000_000_123L));
            return catalog.table(path)
                    .committer()
                    .commit(new Request(List.of(writer.complete()), "o", last, Map.of()));
        }
    }

    private static void set(FieldVector vector, int at, long value) {
        if (vector instanceof BitVector v) {
            v.setSafe(at, (int) (value & 1));
        } else if (vector instanceof TinyIntVector v) {
            v.setSafe(at, (byte) value);
        } else if (vector instanceof SmallIntVector v) {
            v.setSafe(at, (short) value);
        } else if (vector instanceof IntVector v) {
            v.setSafe(at, (int) value);
        } else if (vector instanceof BigIntVector v) {
            v.setSafe(at, value);
        } else if (vector instanceof Float4Vector v) {
            v.setSafe(at, value % 7 == 0 ? Float.NaN : value / 3f);
        } else if (vector instanceof Float8Vector v) {
            v.setSafe(at, value % 7 == 0 ? Double.NaN : value / 3d);
        } else if (vector instanceof VarCharVector v) {
            v.setSafe(at, ("v" + value % 1000).getBytes(StandardCharsets.UTF_8));
        } else if (vector instanceof VarBinaryVector v) {
            v.setSafe(at, Long.toString(value, 36).getBytes(StandardCharsets.UTF_8));
        } else if (vector instanceof FixedSizeBinaryVector v) {
            v.setSafe(at, new byte[] {(byte) value, 1, 2, (byte) (value >> 8)});
        } else if (vector instanceof DecimalVector v) {
            v.setSafe(at, BigDecimal.valueOf(value % 100_000, v.getScale()));
        } else if (vector instanceof DateDayVector v) {
            v.setSafe(at, (int) (value % 40_000));
        } else if (vector instanceof TimeSecVector v) {
            v.setSafe(at, (int) Math.floorMod(value, 86_400));
        } else if (vector instanceof TimeMilliVector v) {
            v.setSafe(at, (int) Math.floorMod(value, 86_400_000));
        } else if (vector instanceof TimeMicroVector v) {
            v.setSafe(at, Math.floorMod(value, 86_400_000_000L));
        } else if (vector instanceof TimeNanoVector v) {
            v.setSafe(at, Math.floorMod(value, 86_400_000_000_000L));
        } else {
            ((TimeStampVector) vector).setSafe(at, value % 10_000_000_000L);
        }
    }
}
