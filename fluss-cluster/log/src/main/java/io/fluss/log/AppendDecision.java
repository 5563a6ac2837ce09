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
package io.fluss.log;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.log.LogBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an append of some batches comes to. Made without touching state, clock or file. */
sealed interface AppendDecision {

    /** Write these, in order. */
    record Write(List<Placed> batches) implements AppendDecision {
        public Write {
            batches = List.copyOf(batches);
        }
    }

    /** The batches are in the log already: write none, answer with their first result. */
    record Repeat(WriterStates.Entry first, WriterStates.Entry last) implements AppendDecision {}

    /** A batch with the offset it gets. */
    record Placed(LogBatch batch, long baseOffset) {
        int lastOffsetDelta() {
            return batch.lastOffsetDelta();
        }
    }

    /**
     * Decides about the batches of one request: all are written or none.
     *
     * @throws io.fluss.errors.FlussException with OUT_OF_ORDER_SEQUENCE
     */
    static AppendDecision of(
            String log, List<LogBatch> batches, WriterStates writers, long endOffset) {
        List<Placed> placed = new ArrayList<>(batches.size());
        Map<Long, Integer> sequences = new HashMap<>();
        List<WriterStates.Entry> repeated = new ArrayList<>();
        long offset = endOffset;
        for (LogBatch b : batches) {
            Integer before =
                    b.writerId() == LogBatch.NO_WRITER ? null : sequences.get(b.writerId());
            WriterStates.Check check =
                    before == null
                            ? writers.check(b.writerId(), b.sequence())
                            : follows(before, b.sequence());
            if (check instanceof WriterStates.Check.Duplicate d && placed.isEmpty()) {
                repeated.add(d.original());
                continue;
            }
            if (!repeated.isEmpty() || check instanceof WriterStates.Check.Duplicate) {
                throw ErrorReason.OUT_OF_ORDER_SEQUENCE.exception(
                        log
                                + ": the request mixes batches of writer "
                                + b.writerId()
                                + " that are in the log with new ones; none was appended");
            }
            if (check instanceof WriterStates.Check.OutOfOrder o) {
                throw ErrorReason.OUT_OF_ORDER_SEQUENCE.exception(
                        log
                                + ": writer "
                                + b.writerId()
                                + " sent the batch sequence "
                                + b.sequence()
                                + ", but "
                                + (o.lastSequence() == LogBatch.NO_SEQUENCE
                                        ? "it is not known here, so that its first is 0"
                                        : "its last one is " + o.lastSequence())
                                + "; expected "
                                + o.expectedSequence());
            }
            sequences.put(b.writerId(), b.sequence());
            placed.add(new Placed(b, offset));
            offset += b.lastOffsetDelta() + 1L;
        }
        return repeated.isEmpty()
                ? new Write(placed)
                : new Repeat(repeated.get(0), repeated.get(repeated.size() - 1));
    }

    private static WriterStates.Check follows(int before, int sequence) {
        int expected = WriterStates.next(before);
        return sequence == expected
                ? new WriterStates.Check.Accepted()
                : new WriterStates.Check.OutOfOrder(expected, before);
    }
}
