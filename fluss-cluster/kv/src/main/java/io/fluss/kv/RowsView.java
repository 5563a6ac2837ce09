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
package io.fluss.kv;

import io.fluss.errors.ErrorReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksIterator;

/**
 * The committed rows of a bucket, for any thread. The bucket's loop publishes batches; they are
 * found first in {@link #chain}, then in the hot rows, then in the store. Drainers move them from
 * the chain into the store. A batch is in the hot rows before it leaves the chain and in the store
 * before that, so that a reader who goes chain, hot rows, store never sees an older row than one
 * before it.
 */
final class RowsView implements AutoCloseable {
    private static final RowChanges[] NONE = {};

    /** Length of the chain up to which a drain is left to the drainers. */
    private final long pendingBytesMax;

    private final String name;
    private final KvStorage storage;
    private final long storeId;
    private final RowStore store;

    /** Committed batches that the store may lack, oldest first. */
    private volatile RowChanges[] chain = NONE;

    private final Object chainLock = new Object();
    private long chainBytes;

    /** Held while rows are moved into the store. */
    private final ReentrantLock drain = new ReentrantLock();

    private final AtomicBoolean drainIsDue = new AtomicBoolean();

    /** Read-held by who uses the store, write-held by who closes it. */
    private final StampedLock open = new StampedLock();

    private final Set<RowsScan> scans = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;
    private volatile Position committed;
    private volatile Position stored;

    /**
     * How far the rows go.
     *
     * @param endOffset the log below it is in the rows
     * @param rowCount rows there are then
     */
    record Position(long endOffset, long rowCount) {}

    RowsView(String name, KvStorage storage, RowStore store, Position start) {
        this.name = name;
        this.storage = storage;
        this.storeId = storage.newStoreId();
        this.store = store;
        this.committed = start;
        this.stored = start;
        this.pendingBytesMax = storage.settings().pendingBytesMax();
    }

    Position committed() {
        return committed;
    }

    /** What the store has by itself. */
    Position stored() {
        return stored;
    }

    // ---- writing, on the bucket's loop

    /** Makes a batch visible. Called in log order. */
    void publish(RowChanges batch) {
        RuntimeException f = failure;
        if (f != null) {
            throw f;
        }
        long bytes;
        synchronized (chainLock) {
            RowChanges[] longer = Arrays.copyOf(chain, chain.length + 1);
            longer[chain.length] = batch;
            chain = longer;
            chainBytes += batch.sizeBytes();
            bytes = chainBytes;
        }
        HotRows hot = storage.hotRows();
        if (batch.count() > 1) {
            batch.touch(hot);
        }
        byte[] array = batch.array();
        for (int i = 0; i < batch.count(); i++) {
            if (batch.isGone(i)) {
                hot.remove(storeId, batch.hash(i), array, batch.keyAt(i), batch.keySize(i));
            } else {
                hot.put(
                        storeId,
                        batch.hash(i),
                        array,
                        batch.keyAt(i),
                        batch.keySize(i),
                        array,
                        batch.valueAt(i),
                        batch.valueSize(i));
            }
        }
        committed = new Position(batch.endOffset(), committed.rowCount() + batch.rowCountDelta());
        if (bytes > pendingBytesMax) {
            drain(); // the store is behind: whoever writes waits for it
        } else if (drainIsDue.compareAndSet(false, true)) {
            storage.drainers().execute(this::drainInBackground);
        }
    }

    /**
     * Puts changes straight into the store, when the rows are rebuilt and nobody reads them yet.
     *
     * @param order of the entries
     */
    void rebuilt(RowChanges changes, int[] order) {
        drain.lock();
        try {
            long stamp = enter();
            try {
                RowStoreBatch write = newWrite(changes.array().length);
                for (int entry : order) {
                    add(write, changes, entry);
                }
                finish(write);
            } finally {
                open.unlockRead(stamp);
            }
            stored = new Position(changes.endOffset(), stored.rowCount() + changes.rowCountDelta());
            committed = stored;
        } finally {
            drain.unlock();
        }
    }

    private RowStoreBatch newWrite(long bytes) {
        long most = storage.settings().writeBatchBytes() + (1 << 16);
        return new RowStoreBatch((int) Math.min(bytes, most));
    }

    private void add(RowStoreBatch write, RowChanges from, int entry) {
        write.add(from, entry);
        if (write.sizeBytes() > storage.settings().writeBatchBytes()) {
            store.write(write.take());
        }
    }

    private void finish(RowStoreBatch write) {
        if (!write.isEmpty()) {
            store.write(write.take());
        }
    }

    private void drainInBackground() {
        drainIsDue.set(false);
        try {
            if (!closed) {
                drain();
            }
        } catch (RuntimeException e) {
            failure = e; // told to the next writer, and to readers by what they read
        }
    }

    /** Moves what is committed now into the store; returns when it is there. */
    void drain() {
        drain.lock();
        try {
            drainLocked();
        } finally {
            drain.unlock();
        }
    }

    private void drainLocked() {
        RowChanges[] batches = published();
        if (batches.length == 0) {
            return;
        }
        long stamp = enter();
        try {
            long bytes = 0;
            for (RowChanges b : batches) {
                bytes += b.array().length;
            }
            RowStoreBatch write = newWrite(bytes);
            for (int b = 0; b < batches.length; b++) {
                for (int i = 0; i < batches[b].count(); i++) {
                    if (!isOverwritten(batches, b, i)) {
                        add(write, batches[b], i);
                    }
                }
            }
            finish(write);
        } finally {
            open.unlockRead(stamp);
        }
        long rows = stored.rowCount();
        for (RowChanges b : batches) {
            rows += b.rowCountDelta();
        }
        stored = new Position(batches[batches.length - 1].endOffset(), rows);
        synchronized (chainLock) {
            chain = Arrays.copyOfRange(chain, batches.length, chain.length);
            for (RowChanges b : batches) {
                chainBytes -= b.sizeBytes();
            }
        }
    }

    /**
     * The batches of the chain whose rows are hot. One that is being published stays: a reader that
     * finds it gone from the chain would take what is hot for the latest.
     */
    private RowChanges[] published() {
        long end = committed.endOffset();
        RowChanges[] batches = chain;
        int count = 0;
        while (count < batches.length && batches[count].endOffset() <= end) {
            count++;
        }
        return Arrays.copyOf(batches, count);
    }

    private static boolean isOverwritten(RowChanges[] batches, int batch, int entry) {
        RowChanges from = batches[batch];
        for (int later = batch + 1; later < batches.length; later++) {
            if (batches[later].find(
                            from.hash(entry), from.array(), from.keyAt(entry), from.keySize(entry))
                    >= 0) {
                return true;
            }
        }
        return false;
    }

    /** What the store has in memory goes to files; writers and lookups go on. */
    void flushStore() {
        long stamp = enter();
        try {
            store.flush();
        } finally {
            open.unlockRead(stamp);
        }
    }

    /**
     * Runs something while the store holds exactly the log below the position it is given, such as
     * a checkpoint. Writers and lookups go on.
     */
    void atRest(java.util.function.BiConsumer<RowStore, Position> work) {
        drain.lock();
        try {
            drainLocked();
            long stamp = enter();
            try {
                work.accept(store, stored);
            } finally {
                open.unlockRead(stamp);
            }
        } finally {
            drain.unlock();
        }
    }

    // ---- reading, on any thread

    /** The rows of keys, null where there is none. */
    List<byte @Nullable []> lookup(List<byte[]> keys) {
        long stamp = enter();
        try {
            ByteArena found = new ByteArena(256);
            byte[][] values = new byte[keys.size()][];
            List<byte[]> cold = new ArrayList<>();
            int[] coldIndexes = new int[keys.size()];
            long[] coldStamps = new long[keys.size()];
            for (int i = 0; i < values.length; i++) {
                byte[] key = keys.get(i);
                long hash = KeyHash.of(key, 0, key.length);
                // Before the chain is read: a write after it must keep us from filling in.
                long hotStamp = storage.hotRows().stamp(hash);
                found.truncate(0);
                int size = warm(hash, key, 0, key.length, found);
                if (size >= 0) {
                    values[i] = Arrays.copyOf(found.array(), size);
                } else if (size == HotRows.UNKNOWN) {
                    coldIndexes[cold.size()] = i;
                    coldStamps[cold.size()] = hotStamp;
                    cold.add(key);
                }
            }
            if (!cold.isEmpty()) {
                List<byte @Nullable []> read = store.get(cold);
                for (int c = 0; c < cold.size(); c++) {
                    byte[] value = read.get(c);
                    if (value != null) {
                        byte[] key = cold.get(c);
                        values[coldIndexes[c]] = value;
                        storage.hotRows()
                                .fill(
                                        coldStamps[c],
                                        storeId,
                                        KeyHash.of(key, 0, key.length),
                                        key,
                                        0,
                                        key.length,
                                        value);
                    }
                }
            }
            return Arrays.asList(values);
        } finally {
            open.unlockRead(stamp);
        }
    }

    /** Before {@link #warm} is called for many keys; see {@link HotRows#touch}. */
    void touch(long[] hashes, int count) {
        storage.hotRows().touch(hashes, count);
    }

    /**
     * Appends the value of a key from memory.
     *
     * @return its size, {@link HotRows#UNKNOWN} if the store must be asked, {@link HotRows#GONE}
     */
    int warm(long hash, byte[] key, int at, int size, ByteArena out) {
        RowChanges[] batches = chain;
        for (int b = batches.length - 1; b >= 0; b--) {
            int entry = batches[b].find(hash, key, at, size);
            if (entry >= 0) {
                return copy(batches[b], entry, out);
            }
        }
        return storage.hotRows().get(storeId, hash, key, at, size, out);
    }

    static int copy(RowChanges from, int entry, ByteArena out) {
        if (from.isGone(entry)) {
            return HotRows.GONE;
        }
        out.append(from.array(), from.valueAt(entry), from.valueSize(entry));
        return from.valueSize(entry);
    }

    /** Values of keys that are not in memory. */
    List<byte @Nullable []> cold(List<byte[]> keys) {
        long stamp = enter();
        try {
            return store.get(keys);
        } finally {
            open.unlockRead(stamp);
        }
    }

    /** All rows whose key starts with a prefix, in key order, as of now. */
    void scan(byte[] prefix, BiPredicate<byte[], byte[]> visitor) {
        if (chain.length > 0) {
            drain();
        }
        long stamp = enter();
        try {
            store.scan(prefix, visitor);
        } finally {
            open.unlockRead(stamp);
        }
    }

    /** Starts a walk over the rows of now; it ends by itself when this closes. */
    RowsScan openScan() {
        RowsScan[] scan = new RowsScan[1];
        atRest(
                (rows, position) -> {
                    scan[0] =
                            new RowsScan(
                                    this,
                                    rows.iterator(),
                                    new BucketRows.RowsAt(
                                            position.endOffset(), position.rowCount()));
                    scans.add(scan[0]);
                });
        return scan[0];
    }

    /** Closes a scan; it is not in use. */
    void ended(RowsScan scan) {
        long stamp = open.readLock();
        try {
            if (scans.remove(scan)) {
                scan.release();
            }
        } finally {
            open.unlockRead(stamp);
        }
    }

    <T> T whileOpen(Supplier<T> work) {
        long stamp = enter();
        try {
            return work.get();
        } finally {
            open.unlockRead(stamp);
        }
    }

    void check(RocksIterator rows) {
        store.check(rows);
    }

    private long enter() {
        long stamp = open.readLock();
        if (closed) {
            open.unlockRead(stamp);
            throw ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                    name + ": the rows are closed, this server does not lead the bucket any more");
        }
        return stamp;
    }

    /** Waits for who reads now; whoever comes later gets NOT_LEADER_OR_FOLLOWER. */
    @Override
    public void close() {
        drain.lock();
        try {
            long stamp = open.writeLock();
            try {
                if (!closed) {
                    closed = true;
                    chain = NONE;
                    scans.forEach(RowsScan::release);
                    scans.clear();
                    store.close();
                }
            } finally {
                open.unlockWrite(stamp);
            }
        } finally {
            drain.unlock();
        }
    }
}
