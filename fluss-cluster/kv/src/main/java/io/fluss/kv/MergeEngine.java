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
package io.fluss.kv;

import org.jspecify.annotations.Nullable;

/**
 * How a record changes the row of its key (table semantics document, sections 6 and 7). Belongs to
 * one bucket's loop.
 */
interface MergeEngine {
    /** A row was sent for a key. */
    void upsert(@Nullable KvRow stored, KvRow incoming, Effect effect);

    /** A delete was sent for a key that has a row, and deletes are allowed. */
    default void delete(KvRow stored, Effect effect) {
        effect.remove();
    }
}
