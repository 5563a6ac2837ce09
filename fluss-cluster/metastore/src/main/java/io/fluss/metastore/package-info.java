/**
 * Durable metadata of the cluster. {@link io.fluss.metastore.Metastore} has one class for each
 * noun; each change of a noun is one transaction on a {@link io.fluss.metastore.NodeTree}, the port
 * that an adapter implements. No threads of its own: calls block the caller. The coordinator is the
 * only writer; versions and transactions refuse a second one that is late.
 */
@NullMarked
package io.fluss.metastore;

import org.jspecify.annotations.NullMarked;
