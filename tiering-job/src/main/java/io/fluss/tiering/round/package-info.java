/**
 * One tiering round as a state machine: plan, write, prepare, commit to the lake, commit to the
 * cluster (lakehouse document, sections 5.5 to 5.7). Pure: no clock, no thread, no network and no
 * Spark; the caller executes commands and reports events, one thread per round.
 */
@NullMarked
package io.fluss.tiering.round;

import org.jspecify.annotations.NullMarked;
