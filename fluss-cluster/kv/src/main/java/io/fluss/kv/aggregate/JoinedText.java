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
package io.fluss.kv.aggregate;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.row.RowValues;

/** Stored text, delimiter, incoming text. */
final class JoinedText implements Aggregate {
    /** So that one key cannot grow until a batch of it fits nowhere. */
    private static final int SIZE_MAX = 64 << 20;

    private final byte[] delimiter;

    JoinedText(byte[] delimiter) {
        this.delimiter = delimiter;
    }

    @Override
    public Result merge(RowValues stored, RowValues incoming, int column, Cell out) {
        int head = stored.byteCount(column);
        int tail = incoming.byteCount(column);
        long size = (long) head + delimiter.length + tail;
        if (size > SIZE_MAX) {
            throw ErrorReason.RECORD_TOO_LARGE.exception(
                    "an aggregated text of " + size + " bytes; at most " + SIZE_MAX + " are kept");
        }
        byte[] joined = new byte[(int) size];
        stored.copyBytes(column, joined, 0);
        System.arraycopy(delimiter, 0, joined, head, delimiter.length);
        incoming.copyBytes(column, joined, head + delimiter.length);
        out.bytes = joined;
        return Result.COMPUTED;
    }
}
