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
package io.fluss.log;

import java.io.IOException;
import java.nio.file.Path;

/** Bytes of a segment are not what was written. The message names file, position and reason. */
final class DamagedSegmentException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedSegmentException(Path file, long position, String reason) {
        super(file + " is damaged at byte " + position + ": " + reason);
    }
}
