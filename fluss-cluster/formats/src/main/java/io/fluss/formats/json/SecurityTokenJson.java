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
package io.fluss.formats.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.FlussException;
import java.util.Optional;

/** Keys for an object store as they travel (wire protocol document, section 4.16), as JSON. */
public final class SecurityTokenJson {
    private static final int VERSION = 1;

    private SecurityTokenJson() {}

    /**
     * Keys.
     *
     * @param session token of temporary keys
     */
    public record SecurityToken(String accessKey, String secretKey, Optional<String> session) {
        @Override
        public String toString() {
            return accessKey;
        }
    }

    public static byte[] write(SecurityToken token) {
        ObjectNode node =
                JsonPlace.newObject()
                        .put("version", VERSION)
                        .put("access_key_id", token.accessKey())
                        .put("access_key_secret", token.secretKey())
                        .put("security_token", token.session().orElse(""));
        return JsonPlace.bytes(node);
    }

    /**
     * Reads what {@link #write} writes; unknown keys are skipped.
     *
     * @throws FlussException with INVALID_TABLE naming what is wrong
     */
    public static SecurityToken read(byte[] json) {
        JsonPlace place = JsonPlace.root(json, "security token");
        return new SecurityToken(
                place.required("access_key_id").text(),
                place.required("access_key_secret").text(),
                place.optional("security_token").map(JsonPlace::text).filter(t -> !t.isEmpty()));
    }
}
