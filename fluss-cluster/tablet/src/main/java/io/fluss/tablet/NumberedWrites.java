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
package io.fluss.tablet;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.kv.IncrementIds;
import io.fluss.loop.Loop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lets writes to a bucket with an auto-increment column wait until there are numbers for their
 * rows, and keeps their order. Owned by the bucket's loop.
 */
final class NumberedWrites {
    /** More are refused: the metadata store is away. */
    private static final int WAITING_MAX = 1000;

    private final String name;
    private final long tableId;
    private final IncrementIds ids;
    private final IncrementSource source;
    private final Loop loop;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean isTaking;
    private boolean isEnded;

    private record Waiting(int records, Runnable write, Consumer<FlussException> refused) {}

    NumberedWrites(String name, long tableId, IncrementIds ids, IncrementSource source, Loop loop) {
        this.name = name;
        this.tableId = tableId;
        this.ids = ids;
        this.source = source;
        this.loop = loop;
    }

    /**
     * Runs a write, now or later.
     *
     * @param records most rows that it inserts
     * @param refused is called instead if there are no numbers
     */
    void admit(int records, Runnable write, Consumer<FlussException> refused) {
        loop.assertOwner();
        if (waiting.isEmpty() && ids.left() >= records) {
            write.run();
            return;
        }
        if (waiting.size() >= WAITING_MAX) {
            refused.accept(
                    ErrorReason.KV_STORAGE.exception(
                            name + ": too many writes wait for auto-increment numbers; try again"));
            return;
        }
        waiting.add(new Waiting(records, write, refused));
        takeMore();
    }

    private void takeMore() {
        Waiting first = waiting.peek();
        if (isTaking || first == null) {
            return;
        }
        isTaking = true;
        long count = Math.max(ids.segmentSize(), first.records() - ids.left());
        var unused =
                source.take(tableId, count)
                        .whenComplete(
                                (start, failure) ->
                                        loop.execute(
                                                () -> {
                                                    isTaking = false;
                                                    if (failure == null) {
                                                        arrived(start, count);
                                                    } else {
                                                        refuse(FlussException.from(failure));
                                                    }
                                                }));
    }

    private void arrived(long first, long count) {
        ids.add(first, count);
        for (Waiting w = waiting.peek();
                w != null && !isEnded && ids.left() >= w.records();
                w = waiting.peek()) {
            waiting.remove();
            w.write().run();
        }
        takeMore();
    }

    private void refuse(FlussException error) {
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(w -> w.refused().accept(error));
    }

    /** The bucket is not led here any more. */
    void end(FlussException reason) {
        isEnded = true;
        refuse(reason);
    }
}
