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
/**
 * Snapshots of buckets with a primary key: files of RocksDB checkpoints in remote storage, and how
 * they come back. Start at {@link io.fluss.remote.snapshot.BucketSnapshots}. It knows nothing of
 * RocksDB but that {@code .sst} files never change.
 *
 * <p>Threads: one at a time works for a bucket; {@code kv.snapshot.scheduler-thread-num} threads of
 * the server work for all.
 */
@NullMarked
package io.fluss.remote.snapshot;

import org.jspecify.annotations.NullMarked;
