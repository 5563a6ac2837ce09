/**
 * The commands of {@code bin/fluss} that talk to a cluster: databases, tables, partitions,
 * producing and consuming rows, offsets, status. One thread, the caller's; a connection owns its
 * own. Start at {@link io.fluss.cli.FlussCli}.
 */
@NullMarked
package io.fluss.cli;

import org.jspecify.annotations.NullMarked;
