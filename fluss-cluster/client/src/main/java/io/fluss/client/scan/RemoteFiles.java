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
package io.fluss.client.scan;

import io.fluss.errors.ErrorReason;
import io.fluss.filestore.FileStore;
import io.fluss.formats.log.LogBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Reads pieces of remote segments on threads of its own, straight into memory: nothing is put on
 * the local disk. How many pieces are under way or held is bounded by the cursors that ask.
 * Thread-safe.
 */
public final class RemoteFiles {
    private final FileStore files;
    private final Executor threads;
    private final int pieceBytesMax;

    /**
     * Reads through a store.
     *
     * @param threads run what blocks
     * @param pieceBytesMax what one read brings; more only for a batch that is larger
     */
    public RemoteFiles(FileStore files, Executor threads, int pieceBytesMax) {
        this.files = files;
        this.threads = threads;
        this.pieceBytesMax = pieceBytesMax;
    }

    /**
     * Whole batches of a segment file, at least one.
     *
     * @param left bytes of the file from the position on
     */
    CompletableFuture<ByteBuffer> read(String uri, int position, int left) {
        try {
            return CompletableFuture.supplyAsync(() -> batches(uri, position, left), threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    ErrorReason.STORAGE.exception(
                            "too many reads of remote segments wait; '" + uri + "' is read later",
                            e));
        }
    }

    private ByteBuffer batches(String uri, int position, int left) {
        ByteBuffer bytes = bytes(uri, position, Math.min(left, pieceBytesMax));
        if (!LogBatch.isComplete(bytes, 0)) {
            bytes = bytes(uri, position, sizeOfFirst(bytes, uri, position, left));
        }
        int end = 0;
        while (LogBatch.isComplete(bytes, end)) {
            end += LogBatch.at(bytes, end).size();
        }
        return bytes.limit(end);
    }

    private static int sizeOfFirst(ByteBuffer bytes, String uri, int position, int left) {
        long size =
                bytes.limit() < LogBatch.HEADER_SIZE
                        ? 0
                        : (long) bytes.order(ByteOrder.LITTLE_ENDIAN).getInt(LogBatch.LENGTH_OFFSET)
                                + LogBatch.LENGTH_OVERHEAD;
        if (size < LogBatch.HEADER_SIZE || size > left) {
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "'" + uri + "' holds no batch at byte " + position);
        }
        return (int) size;
    }

    private ByteBuffer bytes(String uri, int position, int length) {
        ByteBuffer into = ByteBuffer.allocate(length);
        OptionalInt read = files.read(uri, position, into);
        if (read.isEmpty()) {
            throw ErrorReason.STORAGE.exception("remote segment '" + uri + "' does not exist");
        }
        if (read.getAsInt() < length) {
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "remote segment '"
                            + uri
                            + "' ends at byte "
                            + (position + read.getAsInt())
                            + ", before its end");
        }
        return into.flip();
    }
}
