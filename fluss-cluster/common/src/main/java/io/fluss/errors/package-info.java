/**
 * The one family of errors that crosses module borders: four categories and a reason. Immutable;
 * start at {@link io.fluss.errors.FlussException}.
 */
@NullMarked
package io.fluss.errors;

import org.jspecify.annotations.NullMarked;
