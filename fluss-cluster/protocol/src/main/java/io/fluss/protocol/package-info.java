/**
 * The wire protocol: API numbers, messages, error codes. Values and pure functions, no threads.
 * Start at {@link io.fluss.protocol.ApiKey}; the messages are generated from {@code fluss.proto}.
 */
@NullMarked
package io.fluss.protocol;

import org.jspecify.annotations.NullMarked;
