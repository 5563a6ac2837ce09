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
package io.fluss.lake.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.paimon.io.DataFileMeta;
import org.apache.paimon.table.sink.CommitMessage;
import org.apache.paimon.table.sink.CommitMessageImpl;
import org.apache.paimon.table.sink.CommitMessageSerializer;

/**
 * Files of one writer, as Paimon's commit messages in Paimon's own serial form.
 *
 * @param version of the serial form
 */
record PaimonWriteResult(int version, List<byte[]> serialized, long rows, long sizeBytes, int files)
        implements LakeWriter.Result {
    private static final long serialVersionUID = 1L;

    PaimonWriteResult {
        // Not List.copyOf: the list travels, and an ArrayList is what every serializer knows.
        serialized = new ArrayList<>(serialized);
    }

    /**
     * @param rows that went in; with a primary key there can be fewer in the files
     */
    static PaimonWriteResult of(List<CommitMessage> messages, long rows) {
        CommitMessageSerializer serializer = new CommitMessageSerializer();
        List<byte[]> out = new ArrayList<>();
        long bytes = 0;
        int files = 0;
        try {
            for (CommitMessage m : messages) {
                if (((CommitMessageImpl) m).isEmpty()) {
                    continue;
                }
                out.add(serializer.serialize(m));
                List<DataFileMeta> made = made((CommitMessageImpl) m).toList();
                files += made.size();
                bytes += made.stream().mapToLong(DataFileMeta::fileSize).sum();
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "describing the files of a Paimon writer: " + e.getMessage(), e);
        }
        return new PaimonWriteResult(serializer.getVersion(), out, rows, bytes, files);
    }

    private static Stream<DataFileMeta> made(CommitMessageImpl m) {
        return Stream.of(
                        m.newFilesIncrement().newFiles(),
                        m.newFilesIncrement().changelogFiles(),
                        m.compactIncrement().compactAfter(),
                        m.compactIncrement().changelogFiles())
                .flatMap(List::stream);
    }

    List<CommitMessage> messages() {
        CommitMessageSerializer serializer = new CommitMessageSerializer();
        List<CommitMessage> out = new ArrayList<>();
        try {
            for (byte[] bytes : serialized) {
                out.add(serializer.deserialize(version, bytes));
            }
        } catch (IOException e) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "the files of a Paimon writer were described by another version of Paimon: "
                            + e.getMessage(),
                    e);
        }
        return out;
    }

    static List<CommitMessage> messages(List<LakeWriter.Result> results) {
        return results.stream().flatMap(r -> ((PaimonWriteResult) r).messages().stream()).toList();
    }
}
