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
package io.fluss.metastore;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fluss.errors.ErrorReason;
import java.util.List;
import java.util.Optional;

/** Counters that never go back and never give a number twice. Thread-safe. */
public final class Counters {
    private static final int ATTEMPTS_MAX = 100;

    private final NodeTree tree;

    Counters(NodeTree tree) {
        this.tree = tree;
    }

    /** What is counted. */
    public enum Counter {
        TABLE_ID,
        PARTITION_ID,
        WRITER_ID,
        COORDINATOR_EPOCH
    }

    /**
     * Takes {@code count} numbers that nobody else gets; the first of them is returned, the numbers
     * start at 0.
     */
    public long take(Counter counter, int count) {
        return take(
                Metastore.COUNTERS + "/" + counter.name().toLowerCase(java.util.Locale.ROOT),
                count,
                "counter " + counter,
                true);
    }

    /**
     * Takes numbers of the auto-increment column of a table; they start at 1.
     *
     * @throws io.fluss.errors.FlussException with TABLE_NOT_EXIST if it was dropped
     */
    public long takeIncrements(long tableId, long count) {
        return take(Tables.increments(tableId), count, "auto-increment of table " + tableId, false);
    }

    private long take(String path, long count, String what, boolean startsByItself) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Optional<NodeTree.Node> node = tree.read(path);
            if (node.isEmpty() && !startsByItself) {
                throw ErrorReason.TABLE_NOT_EXIST.exception(what + ": the table does not exist");
            }
            long next = node.map(n -> Long.parseLong(new String(n.data(), UTF_8))).orElse(0L);
            if (next > Long.MAX_VALUE - count) {
                throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(what + ": used up");
            }
            byte[] after = String.valueOf(next + count).getBytes(UTF_8);
            NodeTree.Change change =
                    node.isPresent()
                            ? new NodeTree.Put(path, after, node.get().version())
                            : new NodeTree.Create(path, after);
            if (tree.commit(List.of(change))) {
                return next;
            }
        }
        throw ErrorReason.STORAGE.exception(
                what + ": others took it " + ATTEMPTS_MAX + " times in a row");
    }
}
