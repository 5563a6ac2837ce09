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
package io.fluss.tiering.round;

import io.fluss.lake.LakeWriter;
import java.io.Serializable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a task did with its split. Travels to the driver.
 *
 * @param end offset up to which everything of the split is in the files or needs none; equal to the
 *     split's start if nothing was read; rows may be newer or older than the end of the split
 * @param maxTimestampMs latest commit time among the rows, -1 if there are none
 * @param files null if no row was written
 */
public record SplitResult(
        BucketSplit split, long end, long maxTimestampMs, LakeWriter.@Nullable Result files)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public SplitResult {
        boolean isBehind = split.source() == BucketSplit.Source.LOG && end > split.to();
        if (end < split.from() || isBehind) {
            throw new IllegalArgumentException(split + " cannot end at " + end);
        }
        if (files != null && end == split.from()) {
            throw new IllegalArgumentException(split + " has files but no progress");
        }
    }

    public boolean isComplete() {
        return end >= split.to();
    }

    Optional<LakeWriter.Result> written() {
        return Optional.ofNullable(files);
    }
}
