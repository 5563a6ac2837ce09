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
import io.fluss.bytes.ByteParts;
import io.fluss.errors.FlussException;

/**
 * Takes the answer to one request, exactly once, from any thread. Later answers are ignored and
 * logged.
 */
public interface Reply {
    void success(MessageLite message);

    /**
     * An encoded message in pieces, sent without being copied together: memory and file ranges go
     * out in one gathered write or by zero-copy transfer. Nothing in it may share the memory of the
     * request. The transport closes it, on a Netty thread, also when the connection is gone.
     */
    void success(ByteParts encodedMessage);

    /** The whole request failed. */
    void failure(FlussException error);
}
