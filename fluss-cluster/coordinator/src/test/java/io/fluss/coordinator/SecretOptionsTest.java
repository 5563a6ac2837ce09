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

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretOptionsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "datalake.iceberg.token",
                "datalake.iceberg.credential",
                "datalake.iceberg.header.Authorization",
                "datalake.iceberg.s3.secret-access-key",
                "datalake.iceberg.s3.session-token",
                "datalake.iceberg.adls.sas-token.account",
                "datalake.iceberg.jdbc.password",
                "security.sasl.jaas.config"
            })
    void secretsAreTold(String key) {
        assertThat(SecretOptions.isSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "datalake.iceberg.uri",
                "datalake.iceberg.warehouse",
                "datalake.iceberg.oauth2-server-uri",
                "datalake.iceberg.client.credentials-provider",
                "datalake.paimon.dlf.token-path"
            })
    void whatJobsNeedIsNone(String key) {
        assertThat(SecretOptions.isSecret(key)).isFalse();
    }
}
