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
package io.fluss.table;

import io.fluss.types.DataType;
import java.util.Map;
import java.util.Optional;

/**
 * A column of a schema. {@code id} is unique in the table for ever and what readers match by; -1
 * while it is not assigned.
 */
public record Column(
        String name,
        DataType type,
        Optional<String> comment,
        int id,
        Optional<AggregateFunction> aggregate) {

    public static Column of(String name, DataType type) {
        return new Column(name, type, Optional.empty(), -1, Optional.empty());
    }

    public Column withId(int newId) {
        return new Column(name, type, comment, newId, aggregate);
    }

    public Column withType(DataType newType) {
        return new Column(name, newType, comment, id, aggregate);
    }

    public Column withComment(String text) {
        return new Column(name, type, Optional.of(text), id, aggregate);
    }

    /**
     * How values of one key are merged in a table with the aggregation merge engine; {@code name}
     * in lower case.
     */
    public record AggregateFunction(String name, Map<String, String> parameters) {
        public AggregateFunction {
            parameters = Map.copyOf(parameters);
        }
    }
}
