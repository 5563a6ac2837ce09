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
package io.fluss.lake.iceberg;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fluss.formats.json.TableJson;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.table.TableDescriptor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * What writers of a table with a primary key need to know; travels with them.
 *
 * @param descriptorJson of the Fluss table
 * @param baseSnapshotId the snapshot whose rows they replace, or {@link RowChanges#NO_SNAPSHOT}
 */
record KeyedTable(String descriptorJson, long baseSnapshotId) implements Serializable {
    private static final long serialVersionUID = 1L;

    static KeyedTable of(TableDescriptor descriptor, Table table) {
        Snapshot current = table.currentSnapshot();
        return new KeyedTable(
                new String(TableJson.write(descriptor), UTF_8),
                current == null ? RowChanges.NO_SNAPSHOT : current.snapshotId());
    }

    /**
     * What tells rows of a bucket apart: the primary key without partition columns, in one encoding
     * for all tables, since it is stored in key files.
     */
    KeyEncoder encoder() {
        return encoder(TableJson.read(descriptorJson.getBytes(UTF_8)));
    }

    static KeyEncoder encoder(TableDescriptor descriptor) {
        List<String> key = new ArrayList<>(descriptor.schema().primaryKey());
        key.removeAll(descriptor.partitionKeys());
        return KeyEncoder.compacted(descriptor.schema().rowType(), key);
    }
}
