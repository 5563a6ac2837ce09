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

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.paimon.fs.FileIO;
import org.apache.paimon.fs.FileIOLoader;
import org.apache.paimon.fs.Path;
import org.apache.paimon.fs.local.LocalFileIO;

/** Local files in a warehouse whose answers to commits can be lost, of scheme {@code unsure}. */
public final class UnsureFiles extends LocalFileIO {
    static final String SCHEME = "unsure";
    static final AtomicReference<Fault> FAULT = new AtomicReference<>(Fault.NONE);

    private static final long serialVersionUID = 1L;

    /** What happens to snapshots that are published. */
    enum Fault {
        NONE,
        UNKNOWN_BUT_DONE,
        UNKNOWN_AND_NOT_DONE,
        /** As the last, but the first snapshot of a commit is published. */
        UNKNOWN_SECOND,
        ALWAYS_LATE
    }

    @Override
    public boolean tryToWriteAtomic(Path path, String content) throws IOException {
        if (!path.getName().startsWith("snapshot-")) {
            return super.tryToWriteAtomic(path, content);
        }
        return switch (FAULT.get()) {
            case NONE -> super.tryToWriteAtomic(path, content);
            case UNKNOWN_BUT_DONE -> {
                super.tryToWriteAtomic(path, content);
                throw new IOException("answer lost");
            }
            case UNKNOWN_AND_NOT_DONE -> throw new IOException("request lost");
            case UNKNOWN_SECOND -> {
                FAULT.set(Fault.UNKNOWN_AND_NOT_DONE);
                yield super.tryToWriteAtomic(path, content);
            }
            case ALWAYS_LATE -> false;
        };
    }

    /** Found by the library. */
    public static final class Loader implements FileIOLoader {
        private static final long serialVersionUID = 1L;

        @Override
        public String getScheme() {
            return SCHEME;
        }

        @Override
        public FileIO load(Path path) {
            return new UnsureFiles();
        }
    }
}
