/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.tablet;

import io.fluss.remote.snapshot.BucketSnapshots;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Rows by key that another thread brings back for a replica, which does not serve before.
 * Thread-safe.
 */
final class RowsOpening {
    private final Path directory;
    private final Optional<BucketSnapshots> snapshots;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile boolean isStopped;

    RowsOpening(Path directory, Optional<BucketSnapshots> snapshots) {
        this.directory = directory;
        this.snapshots = snapshots;
    }

    /** Where the rows are going to be. */
    Path directory() {
        return directory;
    }

    /** The snapshots of the bucket in its new term. */
    Optional<BucketSnapshots> snapshots() {
        return snapshots;
    }

    /** Completes on the bucket's loop when the replica serves, or has failed, or was given up. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** Nobody wants the rows any more: the work ends at its next step. */
    void stop() {
        isStopped = true;
        snapshots.ifPresent(BucketSnapshots::end);
    }

    boolean isStopped() {
        return isStopped;
    }
}
