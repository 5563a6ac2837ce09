/**
 * Owner loops: one thread owns a state, others send it messages. Start at {@link
 * io.fluss.loop.Loop}.
 */
@NullMarked
package io.fluss.loop;

import org.jspecify.annotations.NullMarked;
