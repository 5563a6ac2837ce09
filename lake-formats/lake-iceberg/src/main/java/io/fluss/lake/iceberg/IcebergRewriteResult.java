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

/**
 * Files that take the place of others.
 *
 * @param baseSnapshotId of which the others are
 * @param replaced data files
 * @param replacedDeletes delete files about these data files only
 * @param keyFiles of the new data files
 */
record IcebergRewriteResult(
        long baseSnapshotId,
        List<DataFile> replaced,
        List<DeleteFile> replacedDeletes,
        List<DataFile> added,
        List<String> keyFiles)
        implements LakeWriter.Result {
    private static final long serialVersionUID = 1L;

    IcebergRewriteResult {
        // Not List.copyOf: the lists travel, and an ArrayList is what every serializer knows.
        replaced = new ArrayList<>(replaced);
        replacedDeletes = new ArrayList<>(replacedDeletes);
        added = new ArrayList<>(added);
        keyFiles = new ArrayList<>(keyFiles);
    }

    /** Everything that was written. */
    List<String> locations() {
        List<String> all = new ArrayList<>(keyFiles);
        added.forEach(f -> all.add(f.location()));
        return all;
    }

    @Override
    public long rows() {
        return added.stream().mapToLong(DataFile::recordCount).sum();
    }

    @Override
    public long sizeBytes() {
        return added.stream().mapToLong(DataFile::fileSizeInBytes).sum();
    }

    @Override
    public int files() {
        return added.size();
    }
}
