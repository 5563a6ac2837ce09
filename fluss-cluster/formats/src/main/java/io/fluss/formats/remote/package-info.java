/**
 * Where the files of the remote log lie and what its manifest says (data formats document, sections
 * 8.1 and 8.2): {@link io.fluss.formats.remote.RemoteLogDirectory} names files, {@link
 * io.fluss.formats.remote.RemoteLogManifest} is the list of segments. Values and pure functions, no
 * threads, no I/O.
 */
@NullMarked
package io.fluss.formats.remote;

import org.jspecify.annotations.NullMarked;
