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
package io.fluss.formats.arrow;

import io.fluss.types.DataType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The Arrow schema of a row type (data formats document, section 4.6). In memory TIMESTAMP_LTZ has
 * the zone UTC.
 */
public final class ArrowSchemas {
    private ArrowSchemas() {}

    public static Schema of(DataType.RowType type) {
        throw new UnsupportedOperationException("to be written");
    }
}
