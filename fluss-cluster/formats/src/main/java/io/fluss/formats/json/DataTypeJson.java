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
package io.fluss.formats.json;

import io.fluss.types.DataType;

/** Data types (section 1.2) of the data formats document as UTF-8 JSON. */
public final class DataTypeJson {
    private DataTypeJson() {}

    public static byte[] write(DataType value) {
        throw new UnsupportedOperationException("to be written");
    }

    /**
     * @throws io.fluss.errors.FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static DataType read(byte[] json) {
        throw new UnsupportedOperationException("to be written");
    }
}
