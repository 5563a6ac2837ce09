/**
 * Files of the cluster outside the data directories: offsets of lake snapshots, segments of the
 * remote log. {@link io.fluss.filestore.FileStore} is the port; start reading there. No threads of
 * its own: calls block the caller, so loops call it on an I/O executor.
 */
@NullMarked
package io.fluss.filestore;

import org.jspecify.annotations.NullMarked;
