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

import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Looks up all rows whose primary key begins with the bucket key. For tables whose bucket key is a
 * leading part of the primary key. As for threads, bounds and failures: {@link Lookuper}.
 */
public interface PrefixLookuper extends AutoCloseable {

    /** What a prefix consists of: partition and bucket key columns, in the order of the key. */
    List<String> columns();

    /**
     * The rows of a prefix in the order of their keys' bytes.
     *
     * @param prefix {@link #columns()}, by name or in that order
     */
    CompletableFuture<List<Row>> lookup(GenericRow prefix);

    /**
     * The rows of many prefixes, asked together.
     *
     * @param prefixes its columns are {@link #columns()}
     */
    CompletableFuture<LookupRows> lookup(VectorSchemaRoot prefixes);

    /** What is under way fails. */
    @Override
    void close();
}
