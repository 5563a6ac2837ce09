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

import io.fluss.formats.kv.ValueBatch;
import org.rocksdb.RocksIterator;

/**
 * A walk over all rows of a bucket as they were at one offset of its log, in key order. It holds
 * old rows in the store, so that it must be closed; the bucket closes it too when it closes. One
 * call at a time.
 */
public final class RowsScan implements AutoCloseable {
    private final RowsView view;
    private final RocksIterator rows;
    private final BucketRows.RowsAt at;
    private boolean isClosed;

    RowsScan(RowsView view, RocksIterator rows, BucketRows.RowsAt at) {
        this.view = view;
        this.rows = rows;
        this.at = at;
        rows.seekToFirst();
    }

    /** The rows are those of the log below it. */
    public long logOffset() {
        return at.endOffset();
    }

    /**
     * The next rows.
     *
     * @param out gets rows until it has the wanted size, at least one if there is one
     * @param countMax most rows of this call
     * @return whether there are more
     * @throws io.fluss.errors.FlussException with NOT_LEADER_OR_FOLLOWER if the bucket is closed
     */
    public boolean next(ValueBatch.Writer out, int bytesMax, long countMax) {
        return view.whileOpen(
                () -> {
                    while (rows.isValid()
                            && out.count() < countMax
                            && (out.count() == 0 || out.size() < bytesMax)) {
                        out.add(rows.value());
                        rows.next();
                    }
                    view.check(rows);
                    return rows.isValid();
                });
    }

    @Override
    public void close() {
        view.ended(this);
    }

    /** Nobody uses the rows now. */
    void release() {
        if (!isClosed) {
            isClosed = true;
            rows.close();
        }
    }
}
