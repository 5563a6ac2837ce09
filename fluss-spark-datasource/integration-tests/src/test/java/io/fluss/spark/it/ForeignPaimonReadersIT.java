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
package io.fluss.spark.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** Paimon tables in both layouts, read by pypaimon. */
class ForeignPaimonReadersIT extends ForeignReaders {
    @BeforeAll
    static void start() throws Exception {
        start(
                Map.of(
                        "datalake.format",
                        "paimon",
                        "datalake.paimon.metastore",
                        "filesystem",
                        "datalake.paimon.warehouse",
                        dir.resolve("lake").toString()));
    }

    @Override
    List<Variant> variants() {
        List<Variant> all = new ArrayList<>();
        for (boolean isKeyed : List.of(false, true)) {
            for (String layout : List.of("clean", "legacy")) {
                for (boolean isPartitioned : List.of(false, true)) {
                    all.add(
                            new Variant(
                                    (isKeyed ? "keyed_" : "log_")
                                            + layout
                                            + (isPartitioned ? "_by_day" : ""),
                                    isKeyed,
                                    isPartitioned,
                                    Map.of("table.datalake.layout", layout)));
                }
            }
        }
        return all;
    }

    @Override
    int readers() {
        return 1;
    }

    @Override
    Map<String, String> place(String table) {
        return Map.of(
                "format",
                "paimon",
                "warehouse",
                dir.resolve("lake").toString(),
                "table",
                "open." + table);
    }
}
