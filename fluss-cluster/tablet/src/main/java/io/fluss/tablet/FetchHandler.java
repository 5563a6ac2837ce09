package io.fluss.tablet;

import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;

/** FETCH_LOG: answers on the calling thread if there is enough, else waits. Thread-safe. */
final class FetchHandler {
    private final ReplicaHost host;

    FetchHandler(ReplicaHost host) {
        this.host = host;
    }

    void handle(FetchLogRequest request, RequestContext context, Reply reply) {
        host.counters().fetches.increment();
        new FetchCall(host, request, reply).start();
    }
}
