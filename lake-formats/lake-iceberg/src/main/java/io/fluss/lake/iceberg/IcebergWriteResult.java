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

/** Data files of one writer. */
record IcebergWriteResult(List<DataFile> dataFiles) implements LakeWriter.Result {
    private static final long serialVersionUID = 1L;

    IcebergWriteResult {
        // Not List.copyOf: the list travels, and an ArrayList is what every serializer knows.
        dataFiles = new ArrayList<>(dataFiles);
    }

    @Override
    public long rows() {
        return dataFiles.stream().mapToLong(DataFile::recordCount).sum();
    }

    @Override
    public long sizeBytes() {
        return dataFiles.stream().mapToLong(DataFile::fileSizeInBytes).sum();
    }

    @Override
    public int files() {
        return dataFiles.size();
    }
}
