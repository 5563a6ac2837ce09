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

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.options.Options;
import org.apache.paimon.reader.RecordReader;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.paimon.types.DataType;
import org.jspecify.annotations.Nullable;

/** Reads tables with Paimon's own reader, with nothing of ours. */
@SuppressWarnings("try")
final class PaimonRows {
    private PaimonRows() {}

    private static Object text(@Nullable Object value) {
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }

    static FileStoreTable table(Map<String, String> catalog, String database, String table) {
        try (Catalog c =
                CatalogFactory.createCatalog(CatalogContext.create(Options.fromMap(catalog)))) {
            return (FileStoreTable) c.getTable(Identifier.create(database, table));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** All rows of a snapshot, values joined with colons; times as the library writes them. */
    static List<String> rows(FileStoreTable table, long snapshotId) {
        FileStoreTable pinned =
                table.copy(Map.of(CoreOptions.SCAN_SNAPSHOT_ID.key(), Long.toString(snapshotId)));
        ReadBuilder read = pinned.newReadBuilder();
        List<DataType> types = table.rowType().getFieldTypes();
        InternalRow.FieldGetter[] getters = new InternalRow.FieldGetter[types.size()];
        for (int i = 0; i < getters.length; i++) {
            getters[i] = InternalRow.createFieldGetter(types.get(i), i);
        }
        List<String> out = new ArrayList<>();
        try (RecordReader<InternalRow> rows =
                read.newRead().createReader(read.newScan().plan().splits())) {
            rows.forEachRemaining(
                    row -> {
                        StringBuilder text = new StringBuilder();
                        for (InternalRow.FieldGetter g : getters) {
                            text.append(text.length() == 0 ? "" : ":")
                                    .append(text(g.getFieldOrNull(row)));
                        }
                        out.add(text.toString());
                    });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out;
    }
}
