/**
 * The tiering service towards the coordinator as a state machine: which tables are in work, what
 * the next heartbeat says, and what follows from its answer (lakehouse document, section 5.2).
 * Pure; owned by the thread of the service loop.
 */
@NullMarked
package io.fluss.tiering.service;

import org.jspecify.annotations.NullMarked;
