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

import io.fluss.errors.FlussException;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;

/** FETCH_LOG: answers on the calling thread if there is enough, else waits. Thread-safe. */
final class FetchHandler {
    private final ReplicaHost host;

    FetchHandler(ReplicaHost host) {
        this.host = host;
    }

    void handle(FetchLogRequest request, RequestContext context, Reply reply) {
        host.counters().fetches.increment();
        try {
            FetchCall.check(request);
        } catch (FlussException e) {
            reply.failure(e);
            return;
        }
        ReaderProgress progress = context.notes().of(ReaderProgress.class, ReaderProgress::new);
        FetchCall call = new FetchCall(host, request, progress, reply);
        if (!host.hasRemoteLogs()) {
            call.start();
            return;
        }
        // At once, unless an index has to be read that says where a remote segment is entered.
        var unused = RemoteReads.prepared(host, request).thenRun(call::start);
    }
}
