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

import io.fluss.lake.LakeWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/**
 * Files of one writer.
 *
 * @param changes of a table with a primary key; null for a log table
 */
record IcebergWriteResult(List<DataFile> dataFiles, @Nullable RowChanges changes)
        implements LakeWriter.Result {
    private static final long serialVersionUID = 1L;

    IcebergWriteResult {
        // Not List.copyOf: the list travels, and an ArrayList is what every serializer knows.
        dataFiles = new ArrayList<>(dataFiles);
    }

    IcebergWriteResult(List<DataFile> dataFiles) {
        this(dataFiles, null);
    }

    /** Everything that was written. */
    List<String> locations() {
        List<String> all = new ArrayList<>();
        dataFiles.forEach(f -> all.add(f.location()));
        if (changes != null) {
            changes.added().stream().map(DeleteFile::location).distinct().forEach(all::add);
            all.addAll(changes.keyFiles());
        }
        return all;
    }

    @Override
    public long rows() {
        return dataFiles.stream().mapToLong(DataFile::recordCount).sum();
    }

    @Override
    public long sizeBytes() {
        long data = dataFiles.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        return changes == null
                ? data
                : data + changes.added().stream().mapToLong(IcebergWriteResult::contentBytes).sum();
    }

    /** A deletion vector is a part of its file. */
    private static long contentBytes(DeleteFile file) {
        Long part = file.contentSizeInBytes();
        return part == null ? file.fileSizeInBytes() : part;
    }

    @Override
    public int files() {
        return dataFiles.size();
    }
}
