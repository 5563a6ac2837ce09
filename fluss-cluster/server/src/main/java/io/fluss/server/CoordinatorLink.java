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
package io.fluss.server;

import io.fluss.coordinator.Coordinator;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The tablet server's way to the coordinator in the same process. Thread-safe; calls block. */
final class CoordinatorLink {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private volatile @Nullable Coordinator coordinator;

    /** Calls before this one are told to try again. */
    void bind(Coordinator active) {
        coordinator = active;
    }

    /** Runs a step on the coordinator's loop and waits for what it comes to. */
    <T> T ask(Function<Coordinator, T> question) {
        Coordinator active = coordinator;
        if (active == null) {
            throw ErrorReason.STORAGE.exception("the coordinator is not there yet");
        }
        try {
            return active.onCatalogue(() -> question.apply(active))
                    .get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw FlussException.from(e);
        } catch (TimeoutException e) {
            throw ErrorReason.REQUEST_TIME_OUT.exception(
                    "the coordinator did not answer within " + ANSWER_MAX, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.STORAGE.exception("interrupted while waiting for the coordinator", e);
        }
    }
}
