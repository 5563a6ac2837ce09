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
package io.fluss.spark.vector;

import io.fluss.formats.log.ChangeType;
import java.nio.ByteBuffer;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Change types as STRING values, in the words of changelog tables (table semantics document,
 * section 11). Immutable; valid as long as the batch.
 */
public final class ChangeTypeVector extends ComputedVector {
    private static final UTF8String INSERT = UTF8String.fromString("insert");
    private static final UTF8String UPDATE_BEFORE = UTF8String.fromString("update_before");
    private static final UTF8String UPDATE_AFTER = UTF8String.fromString("update_after");
    private static final UTF8String DELETE = UTF8String.fromString("delete");

    private final ByteBuffer codes;

    /**
     * @param codes one of {@link ChangeType} for each row
     */
    public ChangeTypeVector(ByteBuffer codes) {
        super(DataTypes.StringType);
        this.codes = codes.slice();
    }

    private static UTF8String word(ChangeType type) {
        return switch (type) {
            case APPEND, INSERT -> INSERT;
            case UPDATE_BEFORE -> UPDATE_BEFORE;
            case UPDATE_AFTER -> UPDATE_AFTER;
            case DELETE -> DELETE;
        };
    }

    @Override
    public UTF8String getUTF8String(int rowId) {
        return word(ChangeType.of(codes.get(rowId)));
    }
}
