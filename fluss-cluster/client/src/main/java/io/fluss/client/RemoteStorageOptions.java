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
package io.fluss.client;

import io.fluss.client.cluster.Blocking;
import io.fluss.client.cluster.Cluster;
import io.fluss.formats.json.SecurityTokenJson;
import io.fluss.formats.json.SecurityTokenJson.SecurityToken;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenRequest;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenResponse;
import io.fluss.protocol.messages.PbKeyValue;
import io.fluss.settings.Settings;
import java.util.HashMap;
import java.util.Map;

/** How a client reaches the cluster's remote storage: what the cluster says, as options. */
final class RemoteStorageOptions {
    /** Names in the answer and the options that they are. */
    private static final Map<String, String> NAMES =
            Map.of(
                    "fs.s3a.endpoint", "s3.endpoint",
                    "fs.s3a.endpoint.region", "s3.region",
                    "fs.s3a.path.style.access", "s3.path-style-access");

    private RemoteStorageOptions() {}

    /** Asks the cluster; blocks. */
    static Settings ask(Cluster cluster) {
        return of(
                Blocking.await(
                        cluster.<GetFileSystemSecurityTokenResponse>read(
                                ApiKey.GET_FILESYSTEM_SECURITY_TOKEN,
                                GetFileSystemSecurityTokenRequest.getDefaultInstance()),
                        "the keys for remote storage"));
    }

    static Settings of(GetFileSystemSecurityTokenResponse answer) {
        Map<String, String> options = new HashMap<>();
        for (PbKeyValue v : answer.getAdditionInfoList()) {
            options.put(NAMES.getOrDefault(v.getKey(), v.getKey()), v.getValue());
        }
        if (!answer.getToken().isEmpty()) {
            SecurityToken token = SecurityTokenJson.read(answer.getToken().toByteArray());
            options.put("s3.access-key", token.accessKey());
            options.put("s3.secret-key", token.secretKey());
            token.session().ifPresent(t -> options.put("s3.session-token", t));
        }
        return Settings.of(options);
    }
}
