/**
 * The remote log: copies sealed segments of a leader to the file store, keeps their list in a
 * manifest that is committed at the coordinator, and finds offsets and times in them. {@link
 * io.fluss.remote.RemoteLog} is the task of one bucket and the place to start; {@link
 * io.fluss.remote.RemoteLogView} is what readers use. No threads of its own: calls block and run on
 * the executor of {@link io.fluss.remote.RemoteLogs}.
 */
@NullMarked
package io.fluss.remote;

import org.jspecify.annotations.NullMarked;
