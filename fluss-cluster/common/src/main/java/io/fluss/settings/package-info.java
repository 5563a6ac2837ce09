/**
 * Reading of textual settings into typed values. Immutable; start at {@link
 * io.fluss.settings.Settings}.
 */
@NullMarked
package io.fluss.settings;

import org.jspecify.annotations.NullMarked;
