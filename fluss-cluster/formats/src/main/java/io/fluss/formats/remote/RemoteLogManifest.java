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
package io.fluss.formats.remote;

import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All segments of one bucket's log in remote storage, in offset order and without a gap.
 *
 * @param partitionName of a bucket of a partitioned table
 */
public record RemoteLogManifest(
        TablePath path,
        Optional<String> partitionName,
        TableBucket bucket,
        List<RemoteSegment> segments) {
    public RemoteLogManifest {
        segments = List.copyOf(segments);
        for (int i = 1; i < segments.size(); i++) {
            if (segments.get(i).startOffset() != segments.get(i - 1).endOffset()) {
                throw new IllegalArgumentException(
                        "bucket "
                                + bucket
                                + ": segment "
                                + segments.get(i)
                                + " does not follow "
                                + segments.get(i - 1));
            }
        }
    }

    /** The first offset; empty without segments. */
    public OptionalLong startOffset() {
        return segments.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(segments.get(0).startOffset());
    }

    /** The offset behind the last one; empty without segments. */
    public OptionalLong endOffset() {
        return segments.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(segments.get(segments.size() - 1).endOffset());
    }

    public RemoteLogManifest with(List<RemoteSegment> all) {
        return new RemoteLogManifest(path, partitionName, bucket, all);
    }

    /** This manifest with one more segment; what lies before a gap is left out. */
    public RemoteLogManifest plus(RemoteSegment next) {
        List<RemoteSegment> all = new ArrayList<>();
        if (endOffset().orElse(next.startOffset()) == next.startOffset()) {
            all.addAll(segments);
        }
        all.add(next);
        return with(all);
    }

    /** This manifest without its first segments. */
    public RemoteLogManifest without(int oldest) {
        return with(segments.subList(oldest, segments.size()));
    }
}
