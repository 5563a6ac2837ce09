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
package io.fluss.spark.lake;

import java.util.List;
import org.apache.spark.sql.connector.read.Scan;

/**
 * A lake snapshot in parts, for streams that read it piece by piece: the same parts in the same
 * order whenever the snapshot is asked for them, in any process. Driver only.
 */
public interface LakeParts {
    /** The sizes of the parts, in order. */
    List<Size> sizes();

    /**
     * A scan of the parts {@code [from, to)}, as {@link LakeScanProvider#scan}. Its partitions are
     * planned before the next scan is asked for.
     */
    Scan scan(int from, int to);

    /**
     * What a part holds, about.
     *
     * @param rows at most
     */
    record Size(long rows, long sizeBytes) {}

    /** Everything as one part, for formats whose order of files is not fixed. */
    static LakeParts whole(LakeScanProvider provider, LakeScanProvider.Request request) {
        return new LakeParts() {
            @Override
            public List<Size> sizes() {
                return List.of(new Size(0, 0));
            }

            @Override
            public Scan scan(int from, int to) {
                return provider.scan(request);
            }
        };
    }

    /**
     * How far a reader may go.
     *
     * @param from the next part
     * @param rowsMax at most so many rows, but at least one part
     * @param bytesMax at most so many bytes, but at least one part
     * @return the part behind the last one; the number of parts if all are read
     */
    default int end(int from, long rowsMax, long bytesMax) {
        List<Size> sizes = sizes();
        long rows = 0;
        long bytes = 0;
        int end = from;
        while (end < sizes.size()) {
            rows += sizes.get(end).rows();
            bytes += sizes.get(end).sizeBytes();
            if (end > from && (rows > rowsMax || bytes > bytesMax)) {
                break;
            }
            end++;
        }
        return end;
    }
}
