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
package io.fluss.kv;

import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.row.RowFormat;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TableSchema;

/**
 * What the key-value view must know of its table.
 *
 * @param schemaId of the latest schema
 * @param descriptor with the latest schema
 */
public record KvTable(String name, int schemaId, TableDescriptor descriptor) {

    public static KvTable of(TableInfo info) {
        return new KvTable(info.path().toString(), info.schemaId(), info.descriptor());
    }

    TableSchema schema() {
        return descriptor.schema();
    }

    TableOptions options() {
        return descriptor.options();
    }

    RowFormat rowFormat() {
        return switch (options().kvFormat()) {
            case COMPACTED -> RowFormat.COMPACTED;
            case INDEXED -> RowFormat.INDEXED;
        };
    }

    boolean isFullImage() {
        return options().changelogImage() == TableOptions.ChangelogImage.FULL;
    }

    KeyEncoder keyEncoder() {
        return KeyEncoder.forPrimaryKey(descriptor);
    }
}
