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
package io.fluss.published.flink;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The jobs at tables in Paimon. The published ones bring an older Paimon than the cluster and this
 * project's job have.
 */
class PaimonJobsTakeTurnsIT extends JobsTakeTurns {
    private static final List<String> LOGS = List.of("log_plain", "log_parted");

    PaimonJobsTakeTurnsIT() {
        super(Lake.Format.PAIMON, LOGS);
    }

    @Override
    List<String> boundedInFlink() {
        return Stream.concat(LOGS.stream(), keyed.stream()).toList();
    }

    @Test
    void jobsTakeTurns() throws Exception {
        change();
        published(this::change);
        checkLake();
        change();
        checkUnion();

        lake.tierOnce();
        checkLake();
        checkUnion();
        change();
        checkUnion();

        published(() -> {});
        checkLake();
        checkUnion();
    }
}
