/**
 * What a lake format must do, in terms of Arrow batches and offsets. Public surface; formats are
 * found by {@code ServiceLoader}. Values are immutable; catalogs and tables are thread-safe,
 * writers are not. Start at {@link io.fluss.lake.LakeFormat}.
 */
@NullMarked
package io.fluss.lake;

import org.jspecify.annotations.NullMarked;
