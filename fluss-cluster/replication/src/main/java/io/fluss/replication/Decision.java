package io.fluss.replication;

import java.util.List;

/** What a command comes to: events to apply, in order. Empty if nothing changes. */
public record Decision(List<ReplicaEvent> events) {
    public Decision {
        events = List.copyOf(events);
    }
}
