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

/** What a merge engine decides about one key: at most one call per record; none keeps the row. */
interface Effect {
    /** The incoming row is the row of the key now, as it was sent. */
    void replace(KvRow incoming);

    /** This is the row of the key now; encoded in the latest schema. */
    void write(MergedRow merged);

    /** The key has no row any more. */
    void remove();
}
