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
package io.fluss.client.append;

import java.util.List;
import java.util.Optional;

/**
 * What a writer of a table with a primary key writes. Immutable.
 *
 * @param columns names of the columns that rows have, in their order; the others stay as they are.
 *     Empty for all columns in the order of the table
 */
public record UpsertOptions(Optional<List<String>> columns, MergeMode mode) {
    /** Whole rows, merged as the table says. */
    public static final UpsertOptions DEFAULT =
            new UpsertOptions(Optional.empty(), MergeMode.DEFAULT);

    public UpsertOptions {
        columns = columns.map(List::copyOf);
    }

    /** Updates some columns only; the primary key must be among them. */
    public static UpsertOptions of(String... columns) {
        return new UpsertOptions(Optional.of(List.of(columns)), MergeMode.DEFAULT);
    }

    public UpsertOptions withMode(MergeMode other) {
        return new UpsertOptions(columns, other);
    }
}
