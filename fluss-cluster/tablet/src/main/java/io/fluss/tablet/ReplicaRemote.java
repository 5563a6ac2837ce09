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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.loop.Loop;
import io.fluss.remote.RemoteLog;
import io.fluss.remote.RemoteLogView;
import io.fluss.remote.RemoteLogs;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the remote log of a led bucket is worked on: once at the start to learn what is there, then
 * a round at each interval, never two at a time. Owned by the bucket's loop, except {@link #view}
 * and {@link #end}; the work itself runs on the executor of the remote logs.
 */
final class ReplicaRemote {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRemote.class);
    private static final Duration LOAD_RETRY = Duration.ofSeconds(5);

    private final RemoteLogs remotes;
    private final RemoteLog log;
    private final Loop loop;
    private final Supplier<RemoteLog.Round> round;
    private final Runnable copied;
    private CompletableFuture<Void> work = CompletableFuture.completedFuture(null);
    private Loop.@Nullable Timer timer;

    /**
     * Does nothing before {@link #start}.
     *
     * @param round what the next round works with; called on the loop
     * @param copied called on the loop after each round that succeeded
     */
    ReplicaRemote(
            RemoteLogs remotes,
            RemoteLog log,
            Loop loop,
            Supplier<RemoteLog.Round> round,
            Runnable copied) {
        this.remotes = remotes;
        this.log = log;
        this.loop = loop;
        this.round = round;
        this.copied = copied;
    }

    RemoteLogs remotes() {
        return remotes;
    }

    /** What readers may use; empty as long as nobody knows what is there. */
    Optional<RemoteLogView> view() {
        return log.view();
    }

    /** Completes when it is known what is there, or that it cannot be known yet. */
    CompletableFuture<Void> start() {
        loop.assertOwner();
        submit(log::load);
        return work;
    }

    private void submit(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        work = done;
        try {
            remotes.executor().execute(() -> attempt(task, done));
        } catch (RejectedExecutionException e) {
            done.complete(null);
            LOG.warn("{}: the remote log is not worked on: too much to do", log);
            later();
        }
    }

    private void attempt(Runnable task, CompletableFuture<Void> done) {
        boolean isDone = false;
        try {
            task.run();
            isDone = true;
        } catch (RuntimeException e) {
            report(FlussException.from(e));
        } finally {
            boolean ok = isDone;
            try {
                loop.execute(() -> ended(ok));
            } catch (RejectedExecutionException e) {
                LOG.debug("{}: the server closes", log, e);
            }
            done.complete(null);
        }
    }

    private void report(FlussException e) {
        if (log.isEnded()) {
            LOG.info(
                    "{}: this server does not keep the remote log any more: {}",
                    log,
                    e.getMessage());
        } else {
            LOG.warn("{}: a round of the remote log failed, it is tried again", log, e);
        }
    }

    private void ended(boolean isDone) {
        if (log.isEnded()) {
            return;
        }
        if (isDone && remotes.settings().isOn()) {
            copied.run();
        }
        later();
    }

    private void later() {
        boolean isKnown = log.view().isPresent();
        if (isKnown && !remotes.settings().isOn()) {
            return;
        }
        Duration delay = remotes.settings().interval();
        if (!isKnown && (delay.isZero() || delay.compareTo(LOAD_RETRY) > 0)) {
            delay = LOAD_RETRY;
        }
        timer = loop.schedule(delay, this::next);
    }

    private void next() {
        if (log.isEnded()) {
            return;
        }
        if (remotes.settings().isOn()) {
            RemoteLog.Round now = round.get();
            submit(() -> log.run(now));
        } else {
            submit(log::load);
        }
    }

    /** Lets a running round stop at its next step; for any thread. */
    void end() {
        log.end();
    }

    /** No more rounds; completes when none is running. */
    CompletableFuture<Void> stop() {
        loop.assertOwner();
        log.end();
        if (timer != null) {
            timer.cancel();
        }
        return work;
    }

    /** Clients try again after it. */
    FlussException notKnownYet() {
        return ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                log + ": the remote log is not known yet; try again");
    }
}
