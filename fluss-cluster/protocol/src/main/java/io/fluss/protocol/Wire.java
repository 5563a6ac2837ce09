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
package io.fluss.protocol;

import io.fluss.protocol.messages.PbTablePath;
import io.fluss.table.TablePath;

/** Conversions between messages and values that many APIs share. Pure functions. */
public final class Wire {
    private Wire() {}

    public static TablePath path(PbTablePath p) {
        return new TablePath(p.getDatabaseName(), p.getTableName());
    }

    public static PbTablePath path(TablePath p) {
        return PbTablePath.newBuilder()
                .setDatabaseName(p.database())
                .setTableName(p.table())
                .build();
    }
}
