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
package io.fluss.spark.paimon;

import io.fluss.spark.lake.LakeParts;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.paimon.io.DataFileMeta;
import org.apache.paimon.table.source.DataSplit;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.paimon.table.source.Split;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.connector.read.Scan;

/**
 * The smallest splits of a snapshot - files, and of tables with a primary key files whose keys may
 * be the same -, by the place and name of their first file: a snapshot never changes, so neither do
 * they.
 */
record PaimonParts(
        TablePath path,
        long snapshotId,
        ReadBuilder builder,
        RowType columns,
        List<DataSplit> splits)
        implements LakeParts {
    PaimonParts {
        splits = List.copyOf(splits);
    }

    /**
     * The parts of a snapshot.
     *
     * @param builder of a table whose splits are as small as can be
     * @return empty if the table has splits that cannot be told apart
     */
    static Optional<LakeParts> of(
            TablePath path, long snapshotId, ReadBuilder builder, RowType columns) {
        List<DataSplit> splits = new ArrayList<>();
        for (Split s : builder.dropStats().newScan().plan().splits()) {
            if (!(s instanceof DataSplit split) || split.dataFiles().isEmpty()) {
                return Optional.empty();
            }
            splits.add(split);
        }
        splits.sort(
                Comparator.comparing(DataSplit::bucketPath)
                        .thenComparing(s -> s.dataFiles().get(0).fileName()));
        return Optional.of(new PaimonParts(path, snapshotId, builder, columns, splits));
    }

    @Override
    public List<Size> sizes() {
        return splits.stream()
                .map(
                        s ->
                                new Size(
                                        s.rowCount(),
                                        s.dataFiles().stream()
                                                .mapToLong(DataFileMeta::fileSize)
                                                .sum()))
                .toList();
    }

    @Override
    public Scan scan(int from, int to) {
        return new PaimonScan(path, snapshotId, builder, columns, splits.subList(from, to));
    }
}
