package io.fluss.client.cluster;

import io.fluss.transport.RpcConnection;
import java.util.concurrent.CompletableFuture;

/** Opens connections; the client's port to the transport. */
@FunctionalInterface
public interface Dialer {
    /** A ready connection; fails with NETWORK naming host and port. */
    CompletableFuture<RpcConnection> connect(ServerAddress address);
}
