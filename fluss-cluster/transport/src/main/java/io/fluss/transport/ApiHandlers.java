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
import io.fluss.protocol.ApiKey;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The APIs that a server answers. Immutable once built. API_VERSIONS and AUTHENTICATE are the
 * transport's own.
 */
public final class ApiHandlers {
    private final Map<ApiKey, ApiHandler<? extends MessageLite>> handlers;

    private ApiHandlers(Map<ApiKey, ApiHandler<? extends MessageLite>> handlers) {
        this.handlers = new EnumMap<>(handlers);
    }

    public static Builder builder() {
        return new Builder();
    }

    public Set<ApiKey> apis() {
        return Set.copyOf(handlers.keySet());
    }

    Optional<ApiHandler<? extends MessageLite>> of(ApiKey api) {
        return Optional.ofNullable(handlers.get(api));
    }

    /** Collects handlers; not thread-safe. */
    public static final class Builder {
        private final Map<ApiKey, ApiHandler<? extends MessageLite>> handlers =
                new EnumMap<>(ApiKey.class);

        private Builder() {}

        /**
         * The request class of {@code handler} must be that of the API. A later handler of the same
         * API takes the place of an earlier one.
         */
        public <Q extends MessageLite> Builder on(ApiKey api, ApiHandler<Q> handler) {
            if (api == ApiKey.API_VERSIONS || api == ApiKey.AUTHENTICATE) {
                throw new IllegalArgumentException(api + " is answered by the transport itself");
            }
            handlers.put(api, handler);
            return this;
        }

        public Builder addAll(ApiHandlers others) {
            handlers.putAll(others.handlers);
            return this;
        }

        public ApiHandlers build() {
            return new ApiHandlers(handlers);
        }
    }
}
