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
package io.fluss.filestore.s3;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How S3 is reached. Without keys the default chain of the AWS SDK finds them: environment,
 * profile, role of the machine.
 *
 * @param endpoint of a compatible store; empty: AWS
 * @param keys empty: the chain finds them
 * @param isPathStyle bucket in the path instead of the host name; on for an endpoint of one's own
 * @param attemptsMax tries of one request
 * @param requestMax for one request with all its tries
 * @param partBytes larger files are copied in parts of this size
 */
record S3Settings(
        Optional<URI> endpoint,
        Optional<Keys> keys,
        String region,
        boolean isPathStyle,
        int attemptsMax,
        Duration requestMax,
        int partBytes) {
    private static final int PART_BYTES_MIN = 5 << 20;

    /** Access key and secret; a session token with temporary ones. */
    record Keys(String accessKey, String secretKey, Optional<String> sessionToken) {
        @Override
        public String toString() {
            return accessKey;
        }
    }

    static S3Settings from(Settings s) {
        Optional<URI> endpoint = s.text("s3.endpoint").map(S3Settings::uri);
        Optional<String> access = s.text("s3.access-key");
        Optional<String> secret = s.text("s3.secret-key");
        if (access.isPresent() != secret.isPresent()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "set both options 's3.access-key' and 's3.secret-key', or none of them");
        }
        long part = s.bytes("s3.part-size", 16L << 20);
        if (part < PART_BYTES_MIN || part > 1 << 30) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 's3.part-size' is " + part + " bytes, but must be 5mb to 1gb");
        }
        return new S3Settings(
                endpoint,
                access.map(a -> new Keys(a, secret.orElseThrow(), s.text("s3.session-token"))),
                s.text("s3.region", "us-east-1"),
                s.flag("s3.path-style-access", endpoint.isPresent()),
                s.integer("s3.max-attempts", 4),
                s.duration("s3.request-timeout", Duration.ofSeconds(60)),
                (int) part);
    }

    private static URI uri(String text) {
        URI uri = null;
        try {
            uri = URI.create(text.contains("://") ? text : "https://" + text);
        } catch (IllegalArgumentException e) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 's3.endpoint' is '" + text + "', but must be a URL", e);
        }
        return uri;
    }
}
