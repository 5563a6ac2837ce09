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
package io.fluss.client.scan;

import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.transport.RpcConnection;
import org.jspecify.annotations.Nullable;

/**
 * The memory under one fetch answer, shared by the buckets in it; freed with the last of them.
 * Owned by the polling thread.
 */
final class FetchedFrame {
    private final RpcConnection.@Nullable Leased<FetchLogResponse> lease;
    private final boolean isProjected;
    private int users = 1;

    /**
     * Takes over an answer; its taker is the first user.
     *
     * @param isProjected whether batches hold the projected columns only
     */
    FetchedFrame(RpcConnection.Leased<FetchLogResponse> lease, boolean isProjected) {
        this.lease = lease;
        this.isProjected = isProjected;
    }

    private FetchedFrame() {
        this.lease = null;
        this.isProjected = false;
    }

    /** Around memory that nobody has to free, with whole batches. */
    static FetchedFrame unowned() {
        return new FetchedFrame();
    }

    boolean isProjected() {
        return isProjected;
    }

    void use() {
        users++;
    }

    void release() {
        if (--users == 0 && lease != null) {
            lease.close();
        }
    }
}
