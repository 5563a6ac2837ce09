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
import io.fluss.errors.FlussException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The rows of one bucket in RocksDB: key bytes to schema id and row. Written without a log of its
 * own; the bucket's log is the truth. Reads and flushes come from any thread; writes, checkpoints
 * and {@link #close} from one at a time. Callers see to it that no read runs during close.
 */
final class RowStore implements AutoCloseable {
    private final String name;
    private final Path directory;
    private final Options options;
    private final RocksDB db;
    private final ReadOptions reads = new ReadOptions();
    private final WriteOptions writes = new WriteOptions().setDisableWAL(true);

    private RowStore(String name, Path directory, Options options, RocksDB db) {
        this.name = name;
        this.directory = directory;
        this.options = options;
        this.db = db;
    }

    /** Opens or creates; the options become the store's. */
    static RowStore open(String name, Path directory, Options options) {
        try {
            return new RowStore(
                    name, directory, options, RocksDB.open(options, directory.toString()));
        } catch (RocksDBException e) {
            options.close();
            throw ErrorReason.KV_STORAGE.exception(
                    name + ": cannot open RocksDB in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** The values of keys, null where there is none. */
    List<byte @Nullable []> get(List<byte[]> keys) {
        try {
            if (keys.size() == 1) {
                List<byte @Nullable []> one = new ArrayList<>(1);
                one.add(db.get(reads, keys.get(0)));
                return one;
            }
            return db.multiGetAsList(reads, keys);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    /** Applies a batch in RocksDB's own representation, see {@link RowStoreBatch}. */
    void write(byte[] representation) {
        try (WriteBatch batch = new WriteBatch(representation)) {
            db.write(writes, batch);
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
    }

    /**
     * Hands rows in key order, from the first key that starts with a prefix, to a visitor until it
     * returns false or the prefix ends. The rows are those of one moment.
     */
    void scan(byte[] prefix, BiPredicate<byte[], byte[]> visitor) {
        try (RocksIterator rows = db.newIterator(reads)) {
            for (rows.seek(prefix); rows.isValid(); rows.next()) {
                byte[] key = rows.key();
                if (!startsWith(key, prefix) || !visitor.test(key, rows.value())) {
                    break;
                }
            }
            rows.status();
        } catch (RocksDBException e) {
            throw failed("scan", e);
        }
    }

    /** All rows as they are now; the caller closes it before this store. */
    RocksIterator iterator() {
        return db.newIterator(reads);
    }

    /** Fails if the iterator has met an error. */
    void check(RocksIterator rows) {
        try {
            rows.status();
        } catch (RocksDBException e) {
            throw failed("scan", e);
        }
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        if (key.length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (key[i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** Everything written is in files when this returns. */
    void flush() {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db.flush(wait);
        } catch (RocksDBException e) {
            throw failed("flush", e);
        }
    }

    /** Puts files with all rows into a directory that does not exist yet; hard links mostly. */
    void checkpoint(Path into) {
        flush();
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(into.toString());
        } catch (RocksDBException e) {
            throw failed("checkpoint into " + into, e);
        }
    }

    /** Files on level 0, which slow down writes when there are many. */
    int levelZeroFiles() {
        try (ColumnFamilyHandle rows = db.getDefaultColumnFamily()) {
            String count = db.getProperty(rows, "rocksdb.num-files-at-level0");
            return count == null ? 0 : Integer.parseInt(count);
        } catch (RocksDBException e) {
            return 0;
        }
    }

    private FlussException failed(String what, RocksDBException e) {
        return ErrorReason.KV_STORAGE.exception(
                name + ": cannot " + what + " in " + directory + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        db.close();
        reads.close();
        writes.close();
        options.close();
    }
}
