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
package io.fluss.coordinator.api;

import com.google.protobuf.ByteString;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.json.SecurityTokenJson;
import io.fluss.formats.json.SecurityTokenJson.SecurityToken;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenResponse;
import io.fluss.protocol.messages.PbKeyValue;
import io.fluss.settings.Settings;
import java.util.Optional;

/**
 * What a client needs to read remote storage by itself (wire protocol document, section 4.16).
 *
 * <p>The keys handed out are {@code s3.client.access-key} and {@code s3.client.secret-key}, which
 * should be allowed to read only. The server's own keys never leave it.
 */
final class RemoteStorageToken {
    private RemoteStorageToken() {}

    /**
     * The token for a directory.
     *
     * @throws io.fluss.errors.FlussException with SECURITY_TOKEN if no keys for clients are set
     */
    static GetFileSystemSecurityTokenResponse of(String remoteDataDir, Settings settings) {
        int end = remoteDataDir.indexOf("://");
        String scheme = end < 0 ? "file" : remoteDataDir.substring(0, end);
        GetFileSystemSecurityTokenResponse.Builder out =
                GetFileSystemSecurityTokenResponse.newBuilder().setSchema(scheme);
        if (!scheme.equals("s3") && !scheme.equals("s3a")) {
            return out.setToken(ByteString.EMPTY).build();
        }
        add(out, "fs.s3a.endpoint", settings.text("s3.endpoint"));
        add(out, "fs.s3a.endpoint.region", settings.text("s3.region"));
        add(out, "fs.s3a.path.style.access", settings.text("s3.path-style-access"));
        return out.setToken(keys(settings)).build();
    }

    private static ByteString keys(Settings settings) {
        Optional<String> access = settings.text("s3.client.access-key");
        Optional<String> secret = settings.text("s3.client.secret-key");
        if (access.isEmpty() || secret.isEmpty()) {
            throw ErrorReason.SECURITY_TOKEN.exception(
                    "clients get no keys for remote storage: set 's3.client.access-key' and"
                            + " 's3.client.secret-key' at the server, to keys that may read only");
        }
        return ByteString.copyFrom(
                SecurityTokenJson.write(
                        new SecurityToken(
                                access.get(),
                                secret.get(),
                                settings.text("s3.client.session-token"))));
    }

    private static void add(
            GetFileSystemSecurityTokenResponse.Builder out, String key, Optional<String> value) {
        value.ifPresent(v -> out.addAdditionInfo(PbKeyValue.newBuilder().setKey(key).setValue(v)));
    }
}
