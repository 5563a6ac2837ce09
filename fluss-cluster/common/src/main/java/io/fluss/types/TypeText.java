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
package io.fluss.types;

import java.util.List;
import java.util.stream.Collectors;

/** Text forms and range checks shared by the types. */
final class TypeText {
    private TypeText() {}

    static String withNullability(String text, boolean nullable) {
        return nullable ? text : text + " NOT NULL";
    }

    static String row(List<DataType.Field> fields) {
        return fields.stream()
                .map(
                        f ->
                                "`"
                                        + f.name()
                                        + "` "
                                        + f.type()
                                        + f.description().map(d -> " '" + d + "'").orElse(""))
                .collect(Collectors.joining(", ", "ROW<", ">"));
    }

    static void checkRange(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    what + " must be between " + min + " and " + max + ", but is " + value);
        }
    }
}
