/**
 * The Java client: connection, administration. Public surface. Thread-safe unless a type says
 * otherwise. Start at {@link io.fluss.client.Connection}.
 */
@NullMarked
package io.fluss.client;

import org.jspecify.annotations.NullMarked;
