/** Rules of table declarations: defaults, validation, assignment. Pure functions. */
@NullMarked
package io.fluss.coordinator.rules;

import org.jspecify.annotations.NullMarked;
