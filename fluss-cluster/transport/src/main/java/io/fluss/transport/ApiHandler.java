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
package io.fluss.transport;

import com.google.protobuf.MessageLite;

/**
 * Answers one API. Called on a Netty thread, in the order in which the requests of a connection
 * arrive; it must not block. The fields of PRODUCE_LOG, PUT_KV, LOOKUP and PREFIX_LOOKUP requests
 * share the memory of the frame, which stays valid until the reply is given: copy what is needed
 * longer, texts included. All other requests have memory of their own. Throwing is the same as
 * {@link Reply#failure}.
 */
@FunctionalInterface
public interface ApiHandler<Q extends MessageLite> {
    void handle(Q request, RequestContext context, Reply reply);
}
