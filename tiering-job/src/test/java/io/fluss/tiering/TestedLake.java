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
package io.fluss.tiering;

import io.fluss.table.TableDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A lake format that a test runs with. */
enum TestedLake {
    ICEBERG {
        @Override
        Map<String, String> settings(Path warehouse, Map<String, String> more) {
            return LakeCluster.iceberg(warehouse, more);
        }

        @Override
        TableDescriptor replacing(TableDescriptor table, boolean byVectors) {
            return table.withCustomProperty("iceberg.format-version", byVectors ? "3" : "2");
        }

        @Override
        String ask(StockReader reader, Path warehouse, WatchedTable table) throws IOException {
            return reader.ask(
                    table.check(),
                    "hadoop",
                    warehouse.toString(),
                    LakeCluster.DATABASE,
                    table.table.path().table());
        }
    },
    PAIMON {
        @Override
        Map<String, String> settings(Path warehouse, Map<String, String> more) {
            return LakeCluster.paimon(warehouse, more);
        }

        /** Rows of a table with deletion vectors are seen once they are compacted. */
        @Override
        TableDescriptor replacing(TableDescriptor table, boolean byVectors) {
            return byVectors
                    ? table.withProperty("table.datalake.auto-compaction", "true")
                            .withCustomProperty("paimon.deletion-vectors.enabled", "true")
                    : table;
        }

        @Override
        String ask(StockReader reader, Path warehouse, WatchedTable table) throws IOException {
            return reader.ask(
                    StockPaimonCheck.class,
                    warehouse.toUri().toString(),
                    LakeCluster.DATABASE,
                    table.table.path().table());
        }
    };

    /** Settings of a cluster with this lake in a directory, and more. */
    abstract Map<String, String> settings(Path warehouse, Map<String, String> more);

    /** A table with a primary key whose replaced rows are marked by deletion vectors, or not. */
    abstract TableDescriptor replacing(TableDescriptor table, boolean byVectors);

    /** What the reader of the format alone says about a table. */
    abstract String ask(StockReader reader, Path warehouse, WatchedTable table) throws IOException;
}
