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

import io.fluss.lake.KeyedLakeFormatContractTest;
import io.fluss.lake.LakeFormat;
import io.fluss.table.TablePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Tables with a primary key in Paimon: not partitioned, clean, written only. */
class KeyedPaimonContractTest extends KeyedLakeFormatContractTest {
    @Override
    protected LakeFormat format() {
        return new PaimonLakeFormat();
    }

    @Override
    protected Map<String, String> catalogProperties() {
        return Map.of("warehouse", dir.toUri().toString());
    }

    @Override
    protected List<String> rows(TablePath path, long snapshotId) {
        return PaimonRows.rows(
                        PaimonRows.table(catalogProperties(), path.database(), path.table()),
                        snapshotId)
                .stream()
                .map(KeyedPaimonContractTest::user)
                .toList();
    }

    /** Without the system columns. */
    private static String user(String row) {
        String[] values = row.split(":", -1);
        return values[0] + ":" + values[1] + ":" + values[2];
    }

    @Override
    protected long dataFilesOnDisk() {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(f -> f.getFileName().toString().endsWith(".parquet")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
