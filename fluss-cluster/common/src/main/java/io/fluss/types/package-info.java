/** Data types of columns. Immutable values; start at {@link io.fluss.types.DataType}. */
@NullMarked
package io.fluss.types;

import org.jspecify.annotations.NullMarked;
