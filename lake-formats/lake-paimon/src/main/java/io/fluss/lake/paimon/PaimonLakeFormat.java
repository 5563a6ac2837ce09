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
package io.fluss.lake.paimon;

import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeFormat;
import java.util.Map;

/** The lake format {@code paimon}. */
public final class PaimonLakeFormat implements LakeFormat {
    /** For {@link java.util.ServiceLoader}. */
    public PaimonLakeFormat() {}

    @Override
    public String identifier() {
        return "paimon";
    }

    @Override
    public LakeCatalog open(Map<String, String> catalogProperties) {
        return PaimonLakeCatalog.open(catalogProperties);
    }
}
