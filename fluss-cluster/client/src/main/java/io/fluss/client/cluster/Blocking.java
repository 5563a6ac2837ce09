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
package io.fluss.client.cluster;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The border between callers that block and the client, which does not. */
public final class Blocking {
    private Blocking() {}

    /**
     * Waits for a result on the caller's thread; failures are thrown as what they are.
     *
     * @throws FlussException with NETWORK if the thread is interrupted; it stays interrupted
     */
    public static <T> T await(CompletableFuture<T> future, String what) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.NETWORK.exception("interrupted while waiting for " + what, e);
        } catch (ExecutionException e) {
            throw FlussException.from(e);
        }
    }
}
