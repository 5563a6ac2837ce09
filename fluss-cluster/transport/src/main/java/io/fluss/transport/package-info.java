/**
 * Connections, framing, request correlation and dispatch on Netty, for servers and clients. Netty
 * threads only move bytes: handlers must not block on them. Start at {@link
 * io.fluss.transport.RpcServer} and {@link io.fluss.transport.RpcClient}.
 */
@NullMarked
package io.fluss.transport;

import org.jspecify.annotations.NullMarked;
