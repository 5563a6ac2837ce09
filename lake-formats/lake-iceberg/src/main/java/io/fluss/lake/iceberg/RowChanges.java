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

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;

/**
 * What the writer of a bucket did to rows that were there, beside writing new ones.
 *
 * @param baseSnapshotId what it looked at, {@link #NO_SNAPSHOT} if the table had none
 * @param added delete files to be added
 * @param replaced delete files whose positions are in the added ones, too
 * @param dead data files in which no row is left
 * @param touched data files of the base snapshot that the added delete files refer to
 * @param keyFiles of the new data files
 */
record RowChanges(
        long baseSnapshotId,
        List<DeleteFile> added,
        List<DeleteFile> replaced,
        List<DataFile> dead,
        List<String> touched,
        List<String> keyFiles)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    static final long NO_SNAPSHOT = -1;

    RowChanges {
        // Not List.copyOf: the lists travel, and an ArrayList is what every serializer knows.
        added = new ArrayList<>(added);
        replaced = new ArrayList<>(replaced);
        dead = new ArrayList<>(dead);
        touched = new ArrayList<>(touched);
        keyFiles = new ArrayList<>(keyFiles);
    }
}
