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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Connection;
import io.fluss.client.append.AppendWriter;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up under a running cluster, and has room again. */
class FullDiskIT {
    private static final long DISK_BYTES = 8 << 20;
    private static final int BALLAST_BYTES = 4 << 20;
    private static final int ROW_BYTES = 100_000;

    @TempDir Path directory;

    @Test
    void writesStopWithTheReasonAndGoOnWhenThereIsRoom() throws Exception {
        int port = CrashWorkload.freePorts();
        try (MountedDisk disk = MountedDisk.small(directory, DISK_BYTES)) {
            Path ballast =
                    Files.write(disk.directory().resolve("ballast"), new byte[BALLAST_BYTES]);
            ServerProcess server = start(disk, port);
            try {
                try (CrashWorkload work = new CrashWorkload()) {
                    work.start(server.bootstrap(), TableDescriptor.of(CrashWorkload.SCHEMA));
                    work.awaitMore(1_000);
                    FlussException error = fill(server.bootstrap());
                    assertThat(error.reason()).isEqualTo(ErrorReason.DISK_WRITE_LOCKED);
                    assertThat(error)
                            .hasMessageContaining(disk.directory().resolve("data").toString())
                            .hasMessageContaining("as soon as there is room");
                    Files.delete(ballast);
                    work.awaitMore(1_000);
                    List<Long> written = work.stop();
                    CrashWorkload.check(server.bootstrap(), written);
                    server.kill();
                    server = start(disk, port);
                    CrashWorkload.check(server.bootstrap(), written);
                }
            } finally {
                server.close();
            }
        }
    }

    /** Appends until it is refused; what was stored before can be read. */
    private static FlussException fill(String address) throws Exception {
        TablePath path = TablePath.of("full", "rows");
        TableSchema schema = TableSchema.of(Column.of("text", DataTypes.string()));
        try (Connection connection =
                        Connection.open(
                                Map.of(
                                        "bootstrap.servers",
                                        address,
                                        "client.writer.retries",
                                        "0",
                                        "client.writer.enable-idempotence",
                                        "false"));
                BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(ArrowSchemas.of(schema.rowType()), allocator)) {
            CrashWorkload.get(
                    connection.admin().createDatabase("full", DatabaseDescriptor.EMPTY, false));
            CrashWorkload.get(
                    connection
                            .admin()
                            .createTable(
                                    path,
                                    TableDescriptor.of(schema)
                                            .withProperty(
                                                    "table.log.arrow.compression.type", "none"),
                                    false));
            TableInfo table = CrashWorkload.get(connection.admin().tableInfo(path));
            root.allocateNew();
            ((VarCharVector) root.getVector(0)).setSafe(0, new byte[ROW_BYTES]);
            root.setRowCount(1);
            try (AppendWriter out = connection.appendWriter(table)) {
                for (long left = 2 * DISK_BYTES; left > 0; left -= ROW_BYTES) {
                    CrashWorkload.get(out.append(root));
                }
            } catch (ExecutionException e) {
                return FlussException.from(e);
            } catch (FlussException closing) {
                return closing;
            }
            throw new IOException("more bytes than the disk has were stored");
        }
    }

    private ServerProcess start(MountedDisk disk, int port) {
        return ServerProcess.start(
                directory.resolve("server.err"),
                "local",
                "--dir",
                directory.resolve("cluster").toString(),
                "--port",
                String.valueOf(port),
                "-D",
                "data.dir=" + disk.directory().resolve("data"));
    }
}
