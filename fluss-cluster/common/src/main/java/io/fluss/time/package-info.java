/** The clock port, so that state machines have no clock of their own. */
@NullMarked
package io.fluss.time;

import org.jspecify.annotations.NullMarked;
