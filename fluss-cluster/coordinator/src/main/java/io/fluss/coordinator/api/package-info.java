/**
 * Messages of the catalogue and of tiering, to and from calls of the coordinator. No transport, no
 * threads of its own.
 */
@NullMarked
package io.fluss.coordinator.api;

import org.jspecify.annotations.NullMarked;
