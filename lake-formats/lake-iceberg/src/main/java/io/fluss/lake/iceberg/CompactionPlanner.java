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

import io.fluss.lake.LakeMaintenance.Compaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.iceberg.util.StructLikeMap;

/**
 * Picks the files of each partition, which is a bucket where the table has buckets, that are worth
 * a rewrite. A run of the youngest files is rewritten together when there are enough of them, and
 * takes in the next older one only if that is no larger than all younger ones together: so a row is
 * rewritten a logarithmic number of times, and the number of files is logarithmic, too. Files that
 * have their target size are left alone until much of them is deleted.
 */
final class CompactionPlanner {
    /** Files below this size are alike, however small. */
    private static final long SMALL_BYTES = 1 << 20;

    private static final double TARGET_REACHED = 0.75;

    private final Compaction compaction;
    private final long targetBytes;
    private final long smallBytes;

    CompactionPlanner(Table table, Compaction compaction) {
        this.compaction = compaction;
        this.targetBytes =
                PropertyUtil.propertyAsLong(
                        table.properties(),
                        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
                        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
        this.smallBytes = Math.min(SMALL_BYTES, targetBytes / 2);
    }

    /** A file with what is left of it. */
    private record Candidate(FileScanTask task, long liveBytes, double deleted) {
        static Candidate of(FileScanTask task) {
            DataFile file = task.file();
            long gone = task.deletes().stream().mapToLong(DeleteFile::recordCount).sum();
            double deleted =
                    file.recordCount() == 0
                            ? 1
                            : Math.min(1, (double) gone / (double) file.recordCount());
            return new Candidate(
                    task, (long) ((double) file.fileSizeInBytes() * (1 - deleted)), deleted);
        }
    }

    /** Groups of files, oldest first, each to be rewritten by one task. */
    List<List<FileScanTask>> plan(Table table, long snapshotId) throws IOException {
        StructLikeMap<List<Candidate>> partitions =
                StructLikeMap.create(table.spec().partitionType());
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().useSnapshot(snapshotId).planFiles()) {
            for (FileScanTask task : tasks) {
                // Files of an earlier partitioning are not ours to move.
                if (task.file().specId() == table.spec().specId()) {
                    List<Candidate> files = partitions.get(task.file().partition());
                    if (files == null) {
                        files = new ArrayList<>();
                        partitions.put(task.file().partition(), files);
                    }
                    files.add(Candidate.of(task));
                }
            }
        }
        List<List<FileScanTask>> groups = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<?, List<Candidate>> partition : partitions.entrySet()) {
            for (List<FileScanTask> group : groups(partition.getValue())) {
                long size = group.stream().mapToLong(t -> t.file().fileSizeInBytes()).sum();
                if (!groups.isEmpty() && bytes + size > compaction.bytesMax()) {
                    return groups;
                }
                groups.add(group);
                bytes += size;
            }
        }
        return groups;
    }

    private List<List<FileScanTask>> groups(List<Candidate> files) {
        files.sort(
                Comparator.comparing(
                                (Candidate c) -> c.task().file(),
                                Comparator.comparing(ContentFile<DataFile>::dataSequenceNumber))
                        .thenComparing(c -> c.task().file().location()));
        List<List<FileScanTask>> groups = new ArrayList<>();
        List<Candidate> small = new ArrayList<>();
        for (Candidate c : files) {
            if (c.task().file().fileSizeInBytes() < TARGET_REACHED * targetBytes) {
                small.add(c);
            } else if (c.deleted() > compaction.deletedFraction()) {
                groups.add(List.of(c.task()));
            }
        }
        int from = runStart(small);
        if (small.size() - from >= compaction.filesMin()) {
            groups.add(small.subList(from, small.size()).stream().map(Candidate::task).toList());
        } else {
            from = small.size();
        }
        for (Candidate c : small.subList(0, from)) {
            if (c.deleted() > compaction.deletedFraction() && c.liveBytes() > smallBytes) {
                groups.add(List.of(c.task()));
            }
        }
        return groups;
    }

    /** Where the run of young files begins. */
    private int runStart(List<Candidate> small) {
        long younger = 0;
        int start = small.size();
        List<Candidate> youngestFirst = new ArrayList<>(small);
        Collections.reverse(youngestFirst);
        for (Candidate c : youngestFirst) {
            boolean fits =
                    c.liveBytes() <= Math.max(younger, smallBytes)
                            && younger + c.liveBytes() <= 2 * targetBytes;
            if (!fits) {
                break;
            }
            younger += c.liveBytes();
            start--;
        }
        return start;
    }
}
