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
package io.fluss.coordinator;

import java.util.Locale;
import java.util.stream.Stream;

/** Which options nobody gets to see, told by their names. */
public final class SecretOptions {
    private SecretOptions() {}

    /**
     * Whether the value is a secret. Names of files, classes and addresses that secrets come from,
     * such as {@code dlf.token-path}, are none.
     */
    public static boolean isSecret(String key) {
        String k = key.toLowerCase(Locale.ROOT);
        return Stream.of("password", "secret", "key", "jaas", "authorization", "sas-token")
                        .anyMatch(k::contains)
                || Stream.of("token", "credential", "credentials").anyMatch(k::endsWith);
    }
}
