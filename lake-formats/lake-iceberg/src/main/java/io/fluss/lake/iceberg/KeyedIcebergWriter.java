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

import io.fluss.errors.ErrorReason;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.fold.LatestChanges;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.row.RowBytes;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the changes of one bucket of a table with a primary key. Changes are folded to the last
 * one of each key; when the fold is full, or at the end, the rows that stay go into new data files,
 * and wherever one of the keys has a row already, in a file of the base snapshot or of this writer,
 * that row is deleted by its position. Whether the log says insert or update does not matter, so
 * logs without the rows before an update are right, too.
 */
final class KeyedIcebergWriter implements LakeWriter {
    /** Table property: memory of changes that are folded before they are written. */
    static final String FOLD_BYTES = "write.fluss.fold-bytes";

    static final long FOLD_BYTES_DEFAULT = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(KeyedIcebergWriter.class);

    private final Table table;
    private final FileIO io;
    private final KeyedTable keyed;
    private final Target target;
    private final KeyEncoder encoder;
    private final KeyFiles keyFiles;
    private final DeletedRows deleted;
    private final LatestChanges fold;
    private final long foldBytesMax;
    private final List<DataFile> finished = new ArrayList<>();
    private @Nullable List<LiveFile> base;
    private DataFileOpener.@Nullable OpenFile current;

    /**
     * Rows of a snapshot have different keys, so that they need not be looked for in each other.
     */
    private boolean hasLogRows;

    private boolean isComplete;

    /** Where rows go. */
    record Target(
            DataFileLocations locations,
            DataFileOpener opener,
            long fileBytes,
            LayoutGeneration generation,
            int bucket) {}

    KeyedIcebergWriter(Table table, KeyedTable keyed, Target target) {
        this.table = table;
        this.io = table.io();
        this.keyed = keyed;
        this.target = target;
        this.encoder = keyed.encoder();
        this.keyFiles = new KeyFiles(table, encoder);
        this.deleted = new DeletedRows(table, target.locations());
        this.fold = new LatestChanges(encoder);
        this.foldBytesMax =
                PropertyUtil.propertyAsLong(table.properties(), FOLD_BYTES, FOLD_BYTES_DEFAULT);
    }

    @Override
    public void write(LakeRows batch) {
        if (isComplete) {
            throw new IllegalStateException("the writer is complete");
        }
        fold.add(
                batch.rows(),
                batch.changeTypes().orElseGet(() -> inserts(batch.count())),
                batch.baseOffset(),
                batch.commitTimestampMs());
        hasLogRows |= batch.baseOffset() != LakeRows.NO_OFFSET;
        if (fold.sizeBytes() >= foldBytesMax) {
            flush();
        }
    }

    private static ByteBuffer inserts(int count) {
        byte[] types = new byte[count];
        java.util.Arrays.fill(types, ChangeType.INSERT.code());
        return ByteBuffer.wrap(types);
    }

    @Override
    public Result complete() {
        flush();
        try {
            Result result = result(deleted.finish());
            isComplete = true;
            return result;
        } catch (IOException | UncheckedIOException e) {
            throw ErrorReason.STORAGE.exception(
                    table.name() + ": writing deletes: " + e.getMessage(), e);
        } finally {
            fold.close();
        }
    }

    @Override
    public void close() {
        fold.close();
        if (isComplete) {
            return;
        }
        isComplete = true;
        DataFileOpener.OpenFile file = current;
        current = null;
        if (file != null) {
            try {
                file.close();
            } catch (IOException | RuntimeException e) {
                LOG.warn("Closing the unfinished data file {}", file.location(), e);
            }
            IcebergLakeCommitter.delete(io, file.location());
        }
        finished.forEach(this::delete);
        finished.clear();
        deleted.created().forEach(f -> IcebergLakeCommitter.delete(io, f));
    }

    private void delete(DataFile file) {
        IcebergLakeCommitter.delete(io, file.location());
        IcebergLakeCommitter.delete(io, keyFiles.location(file.location()));
    }

    /** Writes what is folded. */
    private void flush() {
        if (fold.keys() == 0) {
            return;
        }
        try {
            List<LatestChanges.Part> parts = fold.parts();
            KeyDigests keys = keys(parts);
            for (LiveFile file : liveFiles()) {
                IntStream.Builder found = IntStream.builder();
                keyFiles.find(file.file(), keys, found);
                deleted.delete(file, found.build().toArray());
            }
            writeLive(parts, keys);
        } catch (IOException | UncheckedIOException e) {
            throw ErrorReason.STORAGE.exception(
                    table.name()
                            + ": writing "
                            + fold.keys()
                            + " keys of bucket "
                            + target.bucket()
                            + ": "
                            + e.getMessage(),
                    e);
        }
        fold.clear();
    }

    /** All keys of the fold, with the number of the row among those that stay, or -1. */
    private KeyDigests keys(List<LatestChanges.Part> parts) {
        KeyDigests keys = new KeyDigests(fold.keys());
        RowBytes key = new RowBytes(64);
        int number = 0;
        for (LatestChanges.Part part : parts) {
            ArrowRow row = ArrowRow.of(part.rows());
            for (int i : part.live()) {
                key.clear();
                encoder.encode(row.at(i), key);
                keys.add(key, number++);
            }
            for (int i : part.gone()) {
                key.clear();
                encoder.encode(row.at(i), key);
                keys.add(key, -1);
            }
        }
        keys.sort();
        return keys;
    }

    /** Files in which the keys may have a row: of the base snapshot and of this writer. */
    private List<LiveFile> liveFiles() {
        List<LiveFile> files = new ArrayList<>(base());
        if (hasLogRows) {
            finished.forEach(f -> files.add(new LiveFile(f, List.of())));
        }
        return files;
    }

    private List<LiveFile> base() {
        List<LiveFile> files = base;
        if (files == null) {
            files =
                    keyed.baseSnapshotId() == RowChanges.NO_SNAPSHOT
                            ? List.of()
                            : LiveFile.of(
                                    table, keyed.baseSnapshotId(), target.locations().partition());
            base = files;
        }
        return files;
    }

    private void writeLive(List<LatestChanges.Part> parts, KeyDigests keys) throws IOException {
        int from = 0;
        int to = 0;
        for (LatestChanges.Part part : parts) {
            if (part.live().length == 0) {
                continue;
            }
            DataFileOpener.OpenFile file = current;
            if (file == null) {
                file = target.opener().open();
                current = file;
            }
            write(file, part);
            to += part.live().length;
            if (file.sizeBytes() >= target.fileBytes()) {
                finishFile(keys.between(from, to));
                from = to;
            }
        }
        if (to > from) {
            finishFile(keys.between(from, to));
        }
    }

    private void write(DataFileOpener.OpenFile file, LatestChanges.Part part) throws IOException {
        int[] live = part.live();
        try (VectorSchemaRoot rows = gathered(part.rows(), live)) {
            if (target.generation() == LayoutGeneration.CLEAN) {
                file.write(rows);
                return;
            }
            long baseOffset = part.baseOffset();
            try (SystemColumns with =
                    new SystemColumns(
                            rows,
                            target.bucket(),
                            i ->
                                    baseOffset == LakeRows.NO_OFFSET
                                            ? baseOffset
                                            : baseOffset + live[i],
                            part.timestampMs())) {
                file.write(with.rows());
            }
        }
    }

    private static VectorSchemaRoot gathered(VectorSchemaRoot rows, int[] live) {
        if (live.length == rows.getRowCount()) {
            return rows.slice(0, live.length);
        }
        List<FieldVector> columns = new ArrayList<>();
        try {
            for (FieldVector from : rows.getFieldVectors()) {
                FieldVector to = from.getField().createVector(from.getAllocator());
                columns.add(to);
                to.setInitialCapacity(live.length);
                to.allocateNew();
                for (int i = 0; i < live.length; i++) {
                    to.copyFromSafe(live[i], i, from);
                }
                to.setValueCount(live.length);
            }
        } catch (RuntimeException e) {
            columns.forEach(FieldVector::close);
            throw e;
        }
        VectorSchemaRoot gathered = new VectorSchemaRoot(columns);
        gathered.setRowCount(live.length);
        return gathered;
    }

    private void finishFile(KeyDigests keys) throws IOException {
        DataFileOpener.OpenFile file = current;
        if (file == null) {
            throw new IllegalStateException("no data file is open");
        }
        DataFile done = file.complete();
        current = null;
        finished.add(done);
        keyFiles.write(done, keys);
    }

    /** Data files without a live row are left out, or removed if they are in the table. */
    private IcebergWriteResult result(DeleteWriteResult deletes) {
        Map<String, DataFile> inTable = new HashMap<>();
        base().forEach(f -> inTable.put(f.file().location(), f.file()));
        Map<String, DataFile> ours = new HashMap<>();
        finished.forEach(f -> ours.put(f.location(), f));
        List<DeleteFile> added = new ArrayList<>();
        List<DataFile> dead = new ArrayList<>();
        List<String> touched = new ArrayList<>();
        for (DeleteFile file : deletes.deleteFiles()) {
            String dataFile = ContentFileUtil.referencedDataFileLocation(file);
            DataFile old = inTable.get(dataFile);
            DataFile own = ours.get(dataFile);
            if (old != null && file.recordCount() >= old.recordCount()) {
                dead.add(old);
            } else if (own != null && file.recordCount() >= own.recordCount()) {
                finished.remove(own);
                delete(own);
            } else {
                added.add(file);
                if (old != null) {
                    touched.add(dataFile);
                }
            }
        }
        Set<String> unused = new HashSet<>(deleted.created());
        added.forEach(f -> unused.remove(f.location()));
        unused.forEach(f -> IcebergLakeCommitter.delete(io, f));
        List<String> keys = new ArrayList<>();
        finished.forEach(f -> keys.add(keyFiles.location(f.location())));
        return new IcebergWriteResult(
                finished,
                new RowChanges(
                        keyed.baseSnapshotId(),
                        added,
                        deletes.rewrittenDeleteFiles(),
                        dead,
                        touched,
                        keys));
    }
}
