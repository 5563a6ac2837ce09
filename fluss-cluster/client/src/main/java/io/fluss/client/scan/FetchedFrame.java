package io.fluss.client.scan;

import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.transport.RpcConnection;

/**
 * The memory under one fetch answer, shared by the buckets in it; freed with the last of them.
 * Owned by the polling thread.
 */
final class FetchedFrame {
    private final RpcConnection.Leased<FetchLogResponse> lease;
    private final boolean isProjected;
    private int users = 1;

    /**
     * @param isProjected whether batches hold the projected columns only
     */
    FetchedFrame(RpcConnection.Leased<FetchLogResponse> lease, boolean isProjected) {
        this.lease = lease;
        this.isProjected = isProjected;
    }

    boolean isProjected() {
        return isProjected;
    }

    FetchLogResponse message() {
        return lease.message();
    }

    void use() {
        users++;
    }

    void release() {
        if (--users == 0) {
            lease.close();
        }
    }
}
