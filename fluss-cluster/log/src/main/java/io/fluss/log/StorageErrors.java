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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What a writer is told when a directory takes no more bytes. */
final class StorageErrors {
    /** Room for the small files beside the batches. */
    private static final long RESERVE_BYTES = 64 << 10;

    private StorageErrors() {}

    /**
     * DISK_WRITE_LOCKED if the disk is full or read-only, LOG_STORAGE for anything else; both may
     * be tried again.
     */
    static FlussException cannotWrite(String log, Path dir, long bytes, IOException cause) {
        String why = String.valueOf(cause.getMessage());
        String lower = why.toLowerCase(Locale.ROOT);
        boolean isReadOnly = lower.contains("read-only");
        boolean isFull =
                lower.contains("no space") || lower.contains("quota") || !hasRoom(dir, bytes);
        String remedy =
                isReadOnly
                        ? "; it takes appends again as soon as it is writable"
                        : isFull
                                ? "; it takes appends again as soon as there is room"
                                : "; the next append is tried again";
        return (isFull || isReadOnly ? ErrorReason.DISK_WRITE_LOCKED : ErrorReason.LOG_STORAGE)
                .exception(
                        log
                                + ": cannot write to "
                                + dir
                                + ": "
                                + (isFull ? "the disk is full: " : "")
                                + why
                                + "; nothing of the request was stored"
                                + remedy,
                        cause);
    }

    private static boolean hasRoom(Path dir, long bytes) {
        try {
            FileStore store = Files.getFileStore(dir);
            return store.getUsableSpace() >= bytes + RESERVE_BYTES;
        } catch (IOException e) {
            return true;
        }
    }
}
