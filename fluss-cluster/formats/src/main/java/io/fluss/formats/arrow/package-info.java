/**
 * Arrow schemas and bodies of log batches. The caller owns vectors and allocators. Start at {@link
 * io.fluss.formats.arrow.ArrowBatches}.
 */
@NullMarked
package io.fluss.formats.arrow;

import org.jspecify.annotations.NullMarked;
