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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ChecksumType;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * What all key-value views of a server share: the block cache, the memory of RocksDB's write
 * buffers, the hot rows, and the threads that move rows into RocksDB. Thread-safe; closed after the
 * last view.
 */
public final class KvStorage implements AutoCloseable {
    static {
        RocksDB.loadLibrary();
    }

    private final KvSettings settings;
    private final Executor drainers;
    private final HotRows hotRows;
    private final Cache blockCache;
    private final WriteBufferManager writeBuffers;
    private final BloomFilter bloomFilter = new BloomFilter(10, false);
    private final AtomicLong storeIds = new AtomicLong();

    /**
     * Takes the shared memory.
     *
     * @param drainers runs what moves committed rows into RocksDB, a task per bucket at a time
     */
    public KvStorage(KvSettings settings, Executor drainers) {
        this.settings = settings;
        this.drainers = drainers;
        this.hotRows = new HotRows(settings.hotRowsBytes());
        this.blockCache = new LRUCache(settings.blockCacheBytes());
        this.writeBuffers = new WriteBufferManager(settings.writeBufferBytes(), blockCache);
    }

    KvSettings settings() {
        return settings;
    }

    Executor drainers() {
        return drainers;
    }

    HotRows hotRows() {
        return hotRows;
    }

    /** Never the same again, so that hot rows of a closed store are never taken for others. */
    long newStoreId() {
        return storeIds.incrementAndGet();
    }

    RowStore openStore(String name, Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw ErrorReason.KV_STORAGE.exception(
                    name + ": cannot create " + directory + ": " + e, e);
        }
        return RowStore.open(name, directory, options());
    }

    /** Clients with an old RocksDB open the files of snapshots: hence version and checksum. */
    private Options options() {
        BlockBasedTableConfig table =
                new BlockBasedTableConfig()
                        .setFormatVersion(5)
                        .setChecksumType(ChecksumType.kCRC32c)
                        .setBlockCache(blockCache)
                        .setBlockSize(4 << 10)
                        .setFilterPolicy(bloomFilter)
                        .setCacheIndexAndFilterBlocks(true)
                        .setCacheIndexAndFilterBlocksWithHighPriority(true)
                        .setPinL0FilterAndIndexBlocksInCache(true);
        return new Options()
                .setCreateIfMissing(true)
                .setTableFormatConfig(table)
                .setWriteBufferManager(writeBuffers)
                .setWriteBufferSize(Math.max(1 << 20, settings.writeBufferBytes() / 2))
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true)
                .setMaxBackgroundJobs(2)
                .setAvoidFlushDuringShutdown(true)
                .setStatsDumpPeriodSec(0)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(8 << 20);
    }

    @Override
    public void close() {
        hotRows.close();
        writeBuffers.close();
        blockCache.close();
        bloomFilter.close();
    }
}
