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
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.roaringbitmap.RoaringBitmap;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Unions of serialised Roaring bitmaps: 32-bit in the portable format, 64-bit in the format of
 * {@link Roaring64Bitmap}.
 */
final class Bitmaps {
    private Bitmaps() {}

    static Aggregate union32(Column column) {
        return (stored, incoming, i, out) -> {
            RoaringBitmap all = parse32(column, stored.bytes(i));
            RoaringBitmap other = parse32(column, incoming.bytes(i));
            try {
                all.or(other);
                all.runOptimize();
                ByteBuffer to =
                        ByteBuffer.allocate(all.serializedSizeInBytes())
                                .order(ByteOrder.LITTLE_ENDIAN);
                all.serialize(to);
                out.bytes = to.array();
            } catch (RuntimeException e) {
                // As below.
                throw corrupt(column, 32, e);
            }
            return Aggregate.Result.COMPUTED;
        };
    }

    static Aggregate union64(Column column) {
        return (stored, incoming, i, out) -> {
            Roaring64Bitmap all = parse64(column, stored.bytes(i));
            Roaring64Bitmap other = parse64(column, incoming.bytes(i));
            try {
                all.or(other);
                all.runOptimize();
                ByteBuffer to =
                        ByteBuffer.allocate(Math.toIntExact(all.serializedSizeInBytes()))
                                .order(ByteOrder.LITTLE_ENDIAN);
                all.serialize(to);
                out.bytes = to.array();
            } catch (IOException | RuntimeException e) {
                // The library trusts the tree that it has read; a crafted one leads it astray.
                throw corrupt(column, 64, e);
            }
            return Aggregate.Result.COMPUTED;
        };
    }

    /** Refuses bytes that are no bitmap; null is none of them. */
    static void check32(Column column, byte[] bytes) {
        var unused = parse32(column, bytes);
    }

    static void check64(Column column, byte[] bytes) {
        var unused = parse64(column, bytes);
    }

    private static RoaringBitmap parse32(Column column, byte[] bytes) {
        try {
            RoaringBitmap bitmap = new RoaringBitmap();
            bitmap.deserialize(ByteBuffer.wrap(bytes));
            return bitmap;
        } catch (IOException | RuntimeException e) {
            throw corrupt(column, 32, e);
        }
    }

    private static Roaring64Bitmap parse64(Column column, byte[] bytes) {
        try {
            Roaring64Bitmap bitmap = new Roaring64Bitmap();
            bitmap.deserialize(ByteBuffer.wrap(bytes));
            return bitmap;
        } catch (IOException | RuntimeException e) {
            throw corrupt(column, 64, e);
        } catch (OutOfMemoryError | StackOverflowError e) {
            // The library makes arrays of whatever size the bytes say, and descends as deep.
            throw corrupt(column, 64, e);
        }
    }

    private static FlussException corrupt(Column column, int bits, Throwable cause) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                "column '"
                        + column.name()
                        + "': the bytes are not a serialised "
                        + bits
                        + "-bit Roaring bitmap: "
                        + cause,
                cause);
    }
}
