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

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.iceberg.deletes.DeleteGranularity;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.deletes.SortingPositionOnlyDeleteWriter;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.util.ContentFileUtil;
import org.jspecify.annotations.Nullable;

/**
 * Rows of data files that a writer takes out: as deletion vectors from format version 3 on, before
 * as one file of positions for each data file. Either way the positions deleted before are taken
 * over, so that a data file never has more than one. Not thread-safe.
 */
final class DeletedRows {
    private static final int DELETION_VECTORS_SINCE = 3;

    private final Table table;
    private final FileIO io;
    private final DataFileLocations locations;
    private final Map<String, Before> before = new HashMap<>();
    private final List<String> created = new ArrayList<>();
    private @Nullable Sink sink;

    /**
     * What was deleted in a data file before.
     *
     * @param own by delete files that are about this data file only
     */
    private record Before(PositionDeleteIndex all, PositionDeleteIndex own) {}

    /** Where positions go. */
    private interface Sink {
        void delete(String dataFile, long position);

        DeleteWriteResult finish() throws IOException;
    }

    DeletedRows(Table table, DataFileLocations locations) {
        this.table = table;
        this.io = table.io();
        this.locations = locations;
    }

    /** Takes rows out of a data file; those that are deleted already are skipped. */
    void delete(LiveFile file, int[] positions) {
        if (positions.length == 0) {
            return;
        }
        String location = file.file().location();
        Before earlier = before.computeIfAbsent(location, l -> load(file));
        for (int position : positions) {
            if (!earlier.all().isDeleted(position)) {
                sink().delete(location, position);
            }
        }
    }

    private Before load(LiveFile file) {
        List<DeleteFile> all = file.positionDeletes();
        if (all.isEmpty()) {
            return new Before(PositionDeleteIndex.empty(), PositionDeleteIndex.empty());
        }
        List<DeleteFile> own = all.stream().filter(ContentFileUtil::isFileScoped).toList();
        String location = file.file().location();
        BaseDeleteLoader loader = new BaseDeleteLoader(io::newInputFile);
        PositionDeleteIndex index = loader.loadPositionDeletes(all, location);
        return new Before(
                index,
                own.size() == all.size() ? index : loader.loadPositionDeletes(own, location));
    }

    /** For a deletion vector, which takes the place of all deletes of its file. */
    private @Nullable PositionDeleteIndex allBefore(String location) {
        Before earlier = before.get(location);
        return earlier == null || earlier.all().isEmpty() ? null : earlier.all();
    }

    /** For a file of positions, beside which those about several data files stay. */
    private @Nullable PositionDeleteIndex ownBefore(String location) {
        Before earlier = before.get(location);
        return earlier == null || earlier.own().isEmpty() ? null : earlier.own();
    }

    /** Writes the delete files; those of one Puffin file share their location. */
    DeleteWriteResult finish() throws IOException {
        Sink s = sink;
        return s == null ? new DeleteWriteResult(List.of()) : s.finish();
    }

    /** Locations of all files created so far. */
    Set<String> created() {
        return new HashSet<>(created);
    }

    private Sink sink() {
        Sink s = sink;
        if (s == null) {
            s =
                    TableUtil.formatVersion(table) >= DELETION_VECTORS_SINCE
                            ? new Vectors()
                            : new Positions();
            sink = s;
        }
        return s;
    }

    private OutputFile output(FileFormat format) {
        OutputFile output = io.newOutputFile(locations.next(format));
        created.add(output.location());
        return output;
    }

    private final class Vectors implements Sink {
        private final DVFileWriter writer =
                Deletes.writeDVs(
                        EncryptedFiles.plainAsEncryptedOutput(output(FileFormat.PUFFIN)),
                        DeletedRows.this::allBefore);

        @Override
        public void delete(String dataFile, long position) {
            writer.delete(dataFile, position, table.spec(), locations.partition());
        }

        @Override
        public DeleteWriteResult finish() throws IOException {
            writer.close();
            return writer.result();
        }
    }

    private final class Positions implements Sink {
        private final PositionDelete<Object> row = PositionDelete.create();
        private final SortingPositionOnlyDeleteWriter<Object> writer =
                new SortingPositionOnlyDeleteWriter<>(
                        this::file, DeleteGranularity.FILE, path -> ownBefore(path.toString()));

        private FileWriter<PositionDelete<Object>, DeleteWriteResult> file() {
            FileFormat format =
                    FileFormat.fromString(
                            table.properties()
                                    .getOrDefault(
                                            TableProperties.DELETE_DEFAULT_FILE_FORMAT,
                                            locations.format().name()));
            try {
                PositionDeleteWriter<Object> file =
                        FormatModelRegistry.<Object>positionDeleteWriteBuilder(
                                        format,
                                        EncryptedFiles.plainAsEncryptedOutput(output(format)))
                                .setAll(table.properties())
                                .metricsConfig(MetricsConfig.forPositionDelete())
                                .spec(table.spec())
                                .partition(locations.partition())
                                .build();
                return file;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void delete(String dataFile, long position) {
            row.set(dataFile, position);
            writer.write(row);
        }

        @Override
        public DeleteWriteResult finish() throws IOException {
            writer.close();
            return writer.result();
        }
    }
}
