/**
 * Lake snapshots as the cluster knows them, and the calls of a tiering service. Start at {@link
 * io.fluss.client.lake.TieringAdmin}.
 */
@NullMarked
package io.fluss.client.lake;

import org.jspecify.annotations.NullMarked;
