package io.fluss.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Writers that wait for the high watermark to reach the end of what they appended. Pure; owned by
 * the loop of the bucket, which also keeps the time.
 *
 * @param <T> who waits
 */
public final class PendingAcks<T> {
    private final Deque<Waiting<T>> waiting = new ArrayDeque<>();

    private record Waiting<T>(long endOffset, T who) {}

    /** Appends come in the order of their offsets; a repeated batch may come with a lower one. */
    public void add(long endOffset, T who) {
        waiting.addLast(new Waiting<>(endOffset, who));
    }

    /** Takes out those who need not wait any more. */
    public List<T> reached(long highWatermark) {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<T> out = new ArrayList<>();
        waiting.removeIf(
                w -> {
                    boolean done = w.endOffset() <= highWatermark;
                    if (done) {
                        out.add(w.who());
                    }
                    return done;
                });
        return out;
    }

    /** Takes out one; false if it waits no more. */
    public boolean remove(T who) {
        return waiting.removeIf(w -> w.who().equals(who));
    }

    /** Takes out all. */
    public List<T> drain() {
        List<T> out = waiting.stream().map(Waiting::who).toList();
        waiting.clear();
        return out;
    }

    public int size() {
        return waiting.size();
    }
}
