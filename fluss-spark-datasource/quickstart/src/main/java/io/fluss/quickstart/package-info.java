/**
 * The quick start: real flight data through both tiers on one machine, and a small SQL shell. The
 * main thread drives everything; the cluster and the tiering job run in processes of their own,
 * each watched by {@link io.fluss.quickstart.SupervisedProcess}. Start at {@link
 * io.fluss.quickstart.Quickstart}.
 */
@NullMarked
package io.fluss.quickstart;

import org.jspecify.annotations.NullMarked;
