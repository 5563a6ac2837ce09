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

import java.util.UUID;

/**
 * A segment of a log in remote storage.
 *
 * @param endOffset exclusive, larger than the start offset
 * @param maxTimestampMs largest commit time in it
 * @param sizeBytes of its log file
 */
public record RemoteSegment(
        UUID id, long startOffset, long endOffset, long maxTimestampMs, int sizeBytes) {
    public RemoteSegment {
        if (startOffset < 0 || endOffset <= startOffset || sizeBytes <= 0) {
            throw new IllegalArgumentException(
                    "segment "
                            + id
                            + " from "
                            + startOffset
                            + " to "
                            + endOffset
                            + " of "
                            + sizeBytes
                            + " bytes");
        }
    }
}
