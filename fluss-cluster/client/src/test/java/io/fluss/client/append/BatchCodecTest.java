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
package io.fluss.client.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.fake.FakeCluster;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchCodecTest {
    private static TableInfo table(TableSchema schema, LogFormat format) {
        return new TableInfo(
                TablePath.of("db", "t"),
                7,
                3,
                TableDescriptor.of(schema)
                        .withBuckets(1)
                        .withProperty(TableOptions.LOG_FORMAT, format.name()),
                0,
                0);
    }

    @ParameterizedTest
    @EnumSource(
            value = LogFormat.class,
            names = {"INDEXED", "COMPACTED"})
    void writesTheLogFormatOfTheTableWithinTheSizeItExpects(LogFormat format) {
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot rows = FakeCluster.rows(allocator, 5, 100)) {
            BatchCodec codec = BatchCodec.of(table(FakeCluster.SCHEMA, format));
            ByteBuffer bytes = codec.encode(rows);
            assertThat(codec.sizeOf(rows)).isGreaterThan(bytes.remaining() - LogBatch.HEADER_SIZE);
            LogBatch batch = LogBatch.at(bytes, 0);
            batch.checkCrc();
            assertThat(batch.schemaId()).isEqualTo(3);
            assertThat(batch.isAppendOnly()).isTrue();
            try (VectorSchemaRoot read =
                    RowBatches.decode(batch, FakeCluster.SCHEMA.rowType(), format, allocator)) {
                assertThat(read.getRowCount()).isEqualTo(100);
                assertThat(((BigIntVector) read.getVector(1)).get(99)).isEqualTo(1040);
            }
        }
    }

    @Test
    void refusesTextThatIndexedRowsCannotHoldBeforeItIsBuffered() {
        TableSchema schema = TableSchema.of(Column.of("c", DataTypes.character(2)));
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot rows =
                        VectorSchemaRoot.create(ArrowSchemas.of(schema.rowType()), allocator)) {
            ((VarCharVector) rows.getVector(0)).setSafe(0, new byte[] {'a', 'b', 'c'});
            rows.setRowCount(1);
            RowCheck.ofLog(table(schema, LogFormat.COMPACTED)).check(rows);
            assertThatThrownBy(() -> RowCheck.ofLog(table(schema, LogFormat.INDEXED)).check(rows))
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TABLE))
                    .hasMessageContaining("'c' of type CHAR(2)")
                    .hasMessageContaining("row 0 has 3");
        }
    }
}
