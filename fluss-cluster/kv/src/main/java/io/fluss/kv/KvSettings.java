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

import io.fluss.settings.Settings;

/**
 * Memory of all key-value views of a server together, and how RocksDB is set up.
 *
 * @param blockCacheBytes {@code kv.memory.block-cache-size}: cached blocks of RocksDB files
 * @param writeBufferBytes {@code kv.memory.write-buffer-size}: rows in RocksDB's memory
 * @param hotRowsBytes {@code kv.memory.hot-rows-size}: off-heap table of hot rows
 * @param pendingBytesMax {@code kv.memory.pending-size}: per bucket, committed rows on the heap
 *     that RocksDB does not have yet; a bucket at the bound waits for RocksDB
 * @param drainThreads {@code kv.flush.thread-num}: threads that move rows into RocksDB
 * @param readThreads {@code kv.read.thread-num}: threads for reads of many rows
 * @param recoveryThreads {@code kv.recovery.thread-num}: buckets whose rows are brought back at one
 *     time
 * @param writeBatchBytes {@code kv.rocksdb.write-batch-size}: of one write to RocksDB, about
 */
public record KvSettings(
        long blockCacheBytes,
        long writeBufferBytes,
        long hotRowsBytes,
        long pendingBytesMax,
        int drainThreads,
        int readThreads,
        int recoveryThreads,
        long writeBatchBytes) {

    public static KvSettings of(Settings settings) {
        return new KvSettings(
                settings.bytes("kv.memory.block-cache-size", 256L << 20),
                settings.bytes("kv.memory.write-buffer-size", 128L << 20),
                settings.bytes("kv.memory.hot-rows-size", 128L << 20),
                settings.bytes("kv.memory.pending-size", 16L << 20),
                settings.integer("kv.flush.thread-num", 2),
                settings.integer("kv.read.thread-num", 4),
                settings.integer("kv.recovery.thread-num", 4),
                settings.bytes("kv.rocksdb.write-batch-size", 2L << 20));
    }
}
