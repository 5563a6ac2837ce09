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
package io.fluss.remote;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.remote.RemoteSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Reads whole batches of a remote log, piece by piece. Calls block. */
public final class RemoteBatches {
    private static final int PIECE_BYTES = 4 << 20;

    private final FileStore files;
    private final RemoteLogView view;

    public RemoteBatches(FileStore files, RemoteLogView view) {
        this.files = files;
        this.view = view;
    }

    public boolean holds(long offset) {
        return view.holds(offset);
    }

    /**
     * Hands over the batches from the one that holds an offset up to the end of the remote log.
     *
     * @param from an offset that is held
     * @return the offset behind the last batch
     * @throws FlussException with STORAGE if a segment cannot be read
     */
    public long read(long from, Consumer<LogBatch> each) {
        long at = from;
        for (RemoteSegment s : view.from(from, Integer.MAX_VALUE)) {
            at = read(s, at, each);
        }
        return at;
    }

    private long read(RemoteSegment s, long from, Consumer<LogBatch> each) {
        String uri = view.directory().log(s);
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long next = from;
        for (long position = 0; position < s.sizeBytes(); ) {
            piece = fill(uri, position, piece);
            int used = 0;
            while (LogBatch.isComplete(piece, used)) {
                LogBatch batch = LogBatch.at(piece, used);
                if (batch.nextOffset() > next) {
                    each.accept(batch);
                    next = batch.nextOffset();
                }
                used += batch.size();
            }
            if (used == 0) {
                piece = larger(uri, position, piece);
            }
            position += used;
        }
        return next;
    }

    private ByteBuffer fill(String uri, long position, ByteBuffer piece) {
        piece.clear();
        while (piece.hasRemaining()) {
            OptionalInt read = files.read(uri, position + piece.position(), piece);
            if (read.isEmpty()) {
                throw ErrorReason.STORAGE.exception("remote segment '" + uri + "' is missing");
            }
            if (read.getAsInt() == 0) {
                break;
            }
        }
        return piece.flip();
    }

    /** A piece that has room for the batch that begins where this one does. */
    private static ByteBuffer larger(String uri, long position, ByteBuffer piece) {
        // A piece has room for many heads.
        long size =
                Integer.toUnsignedLong(piece.getInt(LogBatch.LENGTH_OFFSET))
                        + LogBatch.LENGTH_OVERHEAD;
        if (piece.limit() < piece.capacity() || size > Integer.MAX_VALUE - 8) {
            throw ErrorReason.STORAGE.exception(
                    "remote segment '" + uri + "' has no whole batch at byte " + position);
        }
        return ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
