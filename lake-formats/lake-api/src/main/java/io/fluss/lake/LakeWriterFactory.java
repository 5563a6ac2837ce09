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
package io.fluss.lake;

import io.fluss.table.TableBucket;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens writers in the tasks of a round; travels to them by Java serialization. */
public interface LakeWriterFactory extends Serializable {
    LakeWriter open(WriteTask task);

    /** Deletes files of results that will not be handed on; failures are logged. */
    void abort(List<LakeWriter.Result> results);

    /**
     * Who writes. Names of files contain round, task and attempt, so that no attempt touches the
     * files of another.
     *
     * @param partitionName values joined with {@code $}; absent if the table is not partitioned
     * @param roundId unique for the round
     * @param attemptId unique among all attempts of the round's tasks
     */
    record WriteTask(
            TableBucket bucket,
            Optional<String> partitionName,
            String roundId,
            int taskId,
            long attemptId)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        private Object writeReplace() {
            return new SerialForm(bucket, partitionName.orElse(null), roundId, taskId, attemptId);
        }

        /** An {@link Optional} does not travel by Java serialization. */
        private record SerialForm(
                TableBucket bucket,
                @Nullable String partitionName,
                String roundId,
                int taskId,
                long attemptId)
                implements Serializable {
            private static final long serialVersionUID = 1L;

            private Object readResolve() {
                return new WriteTask(
                        bucket, Optional.ofNullable(partitionName), roundId, taskId, attemptId);
            }
        }
    }
}
