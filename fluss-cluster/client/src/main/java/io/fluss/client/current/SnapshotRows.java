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
package io.fluss.client.current;

import io.fluss.client.cluster.Blocking;
import io.fluss.client.row.ValueRows;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The rows of a snapshot, if there is one, with the changes after it, if they are wanted. */
final class SnapshotRows implements BucketRows {
    private final String what;
    private final Optional<Snapshots.Held> snapshot;
    private final Map<ByteBuffer, Optional<ByteBuffer>> changes;
    private final Iterator<Optional<ByteBuffer>> changed;
    private final long logOffset;
    private final int pageBytes;
    private final ValueRows decoding;
    private final BufferAllocator allocator;

    /**
     * Rows as of an offset.
     *
     * @param what for error messages
     * @param snapshot closed with this
     * @param changes between the snapshot and the offset
     */
    SnapshotRows(
            String what,
            Optional<Snapshots.Held> snapshot,
            ChangedRows changes,
            long logOffset,
            int pageBytes,
            ValueRows decoding,
            BufferAllocator allocator) {
        this.what = what;
        this.snapshot = snapshot;
        this.changes = changes.byKey();
        this.changed = changes.byKey().values().iterator();
        this.logOffset = logOffset;
        this.pageBytes = pageBytes;
        this.decoding = decoding;
        this.allocator = allocator;
    }

    @Override
    public long logOffset() {
        return logOffset;
    }

    @Override
    public Optional<VectorSchemaRoot> next() {
        List<ByteBuffer> values = new ArrayList<>();
        int size = 0;
        if (snapshot.isPresent()) {
            SnapshotFiles files = snapshot.get().files();
            for (; size < pageBytes && files.hasEntry(); files.advance()) {
                if (changes.isEmpty() || !changes.containsKey(ByteBuffer.wrap(files.key()))) {
                    byte[] value = files.value();
                    size += value.length;
                    values.add(ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN));
                }
            }
        }
        while (size < pageBytes && changed.hasNext()) {
            Optional<ByteBuffer> value = changed.next();
            if (value.isPresent()) {
                size += value.get().remaining();
                values.add(value.get());
            }
        }
        if (values.isEmpty()) {
            return Optional.empty();
        }
        Blocking.await(decoding.schemas().know(values.stream()), "the schemas of " + what);
        return Optional.of(decoding.vectors(values, allocator));
    }

    @Override
    public void close() {
        snapshot.ifPresent(Snapshots.Held::close);
    }
}
