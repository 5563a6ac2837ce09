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
package io.fluss.spark.write;

import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** Copies values of one column, or of one nested place, into its vector. */
interface ColumnWriter {
    /**
     * Writes a value.
     *
     * @param source row or array that holds it
     * @param ordinal where in the source
     * @param index where in the vector
     * @throws RefusedValue if it does not fit
     */
    void write(SpecializedGetters source, int ordinal, int index);
}
