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
package io.fluss.client.append;

import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.log.LogBatch;
import java.nio.ByteBuffer;

/**
 * Records that will be a batch of upserts and deletes; they are encoded when they are added.
 *
 * @param schemaId of their rows
 */
record UpsertRows(KvBatchWriter records, int schemaId) implements BatchRows {
    /** Adds records; returns the index of the first. */
    int add(KvBatchWriter more) {
        int first = records.recordCount();
        records.addAll(more);
        return first;
    }

    /** Adds the row of a key; returns its index. */
    int upsert(byte[] key, byte[] row) {
        int index = records.recordCount();
        records.upsert(key, row);
        return index;
    }

    /** Adds the deletion of a key; returns its index. */
    int delete(byte[] key) {
        int index = records.recordCount();
        records.delete(key);
        return index;
    }

    @Override
    public ByteBuffer encode() {
        return records.finish(schemaId, LogBatch.NO_WRITER, LogBatch.NO_SEQUENCE);
    }

    @Override
    public void close() {}
}
