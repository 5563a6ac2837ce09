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
package io.fluss.spark.read;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.hold.LakeUse;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;

/** What a missing file of the lake means. Pure functions. */
final class LakeFiles {
    private static final int CAUSES_MAX = 16;

    private LakeFiles() {}

    /**
     * Does nothing, unless an error of a lake's reader is about a file that is not there.
     *
     * @param of what was read
     * @throws io.fluss.errors.FlussException with LAKE_SNAPSHOT_NOT_EXIST saying what to do
     */
    static void refuseMissing(LakeUse of, Exception e) {
        Throwable cause = e;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
            // Formats have exceptions of their own for it, which are not known here.
            if (cause instanceof FileNotFoundException
                    || cause instanceof NoSuchFileException
                    || cause.getClass().getSimpleName().equals("NotFoundException")) {
                throw ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                        of
                                + ": a file that this query reads is gone: "
                                + cause.getMessage()
                                + ". The snapshot was expired meanwhile. Run the query again, and"
                                + " have its snapshot held earlier, by option "
                                + FlussOptions.HOLD_AFTER
                                + " and with the right to write tags of the lake table; or keep"
                                + " snapshots longer than any query takes:"
                                + " lake.tiering.expire.reader-window of the tiering job, and the"
                                + " settings of other maintenance of the lake",
                        e);
            }
            cause = cause.getCause();
        }
    }
}
