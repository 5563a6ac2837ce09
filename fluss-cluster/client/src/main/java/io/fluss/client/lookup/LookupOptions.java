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
package io.fluss.client.lookup;

import java.util.List;
import java.util.Optional;

/**
 * What lookups do. Immutable.
 *
 * @param columns names of the columns that rows are wanted with, in their order; empty for all
 * @param insertsMissing whether a row with nothing but its key and the columns that count by
 *     themselves is inserted for a key that has none. The other columns must be nullable
 */
public record LookupOptions(Optional<List<String>> columns, boolean insertsMissing) {
    /** Whole rows that are there. */
    public static final LookupOptions DEFAULT = new LookupOptions(Optional.empty(), false);

    public LookupOptions {
        columns = columns.map(List::copyOf);
    }

    /** Some columns of rows that are there. */
    public static LookupOptions of(String... columns) {
        return new LookupOptions(Optional.of(List.of(columns)), false);
    }

    public LookupOptions insertingMissing() {
        return new LookupOptions(columns, true);
    }
}
